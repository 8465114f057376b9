"""What every plan shares: its parameters, its answer and the specification."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# Reasons for which a plan has no answer.
IMPOSSIBLE = "impossible"
OUT_OF_REACH = "out_of_reach"

# Kinds of parameters.
NUMBER = "number"
COUNT = "count"
FLAG = "flag"
NUMBERS = "numbers"

# A whole number that was reached up to the rounding of its computation is reached.
_ROUNDING = 1e-9
_LONGEST = 100


class PlanError(ValueError):
    """A value with which nothing can be planned.

    Parameters
    ----------
    parameter : str
        Name of the parameter.
    code : str
        Stable, hyphenated name of the fault, for machines.
    message : str
        One sentence for people.
    """

    def __init__(self, parameter: str, code: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a plan needs to know.

    Parameters
    ----------
    name : str
        Keyword of the function.
    kind : str
        number, count (a whole number), flag, or numbers (a list).
    says : str
        One sentence without full stop: what it is, with its unit.
    default : object
        Taken where nothing is given; None where something must be.
    low, high : float
        The least and greatest value, themselves excluded for numbers and included for counts.
    """

    name: str
    kind: str
    says: str
    default: Any = None
    low: float = 0.0
    high: float = 1.0

    @property
    def is_required(self) -> bool:
        """Whether something must be given."""
        return self.default is None

    def checked(self, value: Any) -> Any:
        """Return the value as the function takes it; PlanError where it cannot be one."""
        if self.kind == FLAG:
            if not isinstance(value, bool):
                raise PlanError(self.name, "not-a-flag", f"{self.name} is true or false.")
            return value
        if self.kind == NUMBERS:
            if not isinstance(value, list | tuple) or not 0 < len(value) <= _LONGEST:
                raise PlanError(self.name, "not-a-list", f"{self.name} is a list of 1 to {_LONGEST} numbers.")
            return tuple(self._number(item, is_open=False) for item in value)
        return self._number(value, is_open=self.kind == NUMBER)

    def _number(self, value: Any, *, is_open: bool) -> float | int:
        """Return a finite number within the limits."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise PlanError(self.name, "not-a-number", f"{self.name} is a number.")
        if self.kind == COUNT and value != int(value):
            raise PlanError(self.name, "not-a-count", f"{self.name} is a whole number.")
        inside = self.low < value < self.high if is_open else self.low <= value <= self.high
        if not inside:
            where = f"between {self.low:g} and {self.high:g}" if is_open else f"from {self.low:g} to {self.high:g}"
            raise PlanError(self.name, "out-of-range", f"{self.name} lies {where}.")
        return int(value) if self.kind == COUNT else float(value)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "is_required": self.is_required}


@dataclass(frozen=True, slots=True)
class Planned:
    """The answer of a plan.

    Parameters
    ----------
    value : float, int or None
        What was asked for; None exactly when ``undefined`` gives the reason.
    says : str
        The answer in one sentence.
    details : mapping
        What else follows, plain JSON values.
    undefined : str or None
        ``impossible`` where the values contradict each other, ``out_of_reach`` where nothing reaches the goal.
    warnings : tuple of str
        Sentences that must be shown beside the answer.
    """

    value: float | int | None
    says: str
    details: Mapping[str, Any] = field(default_factory=dict)
    undefined: str | None = None
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "warnings": list(self.warnings)}


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """The catalogue entry of a plan.

    Parameters
    ----------
    title : str
        Name for people.
    function : callable
        ``function(**values)`` → Planned; keywords as ``parameters`` says.
    parameters : tuple of Parameter
        What it needs to know, in the order of asking.
    reference : str
        Author, year and DOI.
    says : str
        One sentence: the question it answers, and when to mistrust it.
    """

    title: str
    function: Callable[..., Planned]
    parameters: tuple[Parameter, ...]
    reference: str
    says: str

    def run(self, values: Mapping[str, Any]) -> Planned:
        """Return the answer for checked values, defaults filled in; PlanError names the parameter that is wrong."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in values:
            if name not in known:
                raise PlanError(name, "unknown-parameter", f"This plan has no {name}; it has {', '.join(known)}.")
        checked = {}
        for name, parameter in known.items():
            value = values.get(name, parameter.default)
            if value is None:
                raise PlanError(name, "required", f"{name} is needed: {parameter.says}.")
            checked[name] = parameter.checked(value)
        return self.function(**checked)


def whole(value: float) -> int:
    """Return the smallest whole number that is not below the value."""
    return math.ceil(value - _ROUNDING * max(1.0, abs(value)))


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"


ALPHA = Parameter("alpha", NUMBER, "probability of a false alarm that is accepted", 0.05)
POWER = Parameter("power", NUMBER, "probability of finding what is to be found", 0.8)
LEVEL = Parameter("level", NUMBER, "confidence level of the bounds", 0.95)
