"""What every statistic about readers shares: its results and the specification.

A reader is judged only where it is known that two reads are the same person's. Sets in which readers are numbered
anew on each scan (LIDC-IDRI says so of itself) give no scorecard across scans: there the readers are exchangeable,
and agreement coefficients for exchangeable readers are all that can be said.

No number here is a verdict. A signal goes to the person who is responsible for quality.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from qc.agreement.base import Estimate

# Reasons beside those of qc.agreement.base.
TOO_FEW_PATIENTS = "too_few_patients"
NO_BASELINE = "no_baseline"
GROUPS_SHARE_PATIENTS = "groups_share_patients"
NOT_BINARY = "not_binary"
NOT_POSITIVE = "not_positive"
ONE_CLASS = "one_class_only"

# The test takes units for independent although patients have several.
CLUSTERS_IGNORED = "clusters_ignored"


@dataclass(frozen=True, slots=True)
class Significance:
    """The result of a test of a hypothesis.

    Parameters
    ----------
    statistic : float or None
        The test statistic; None exactly when ``undefined`` gives the reason.
    p : float or None
        Two-sided p, above 0 for resampled tests; None exactly when ``undefined`` gives the reason.
    degrees : int or None
        Degrees of freedom; None where the distribution has none.
    method : str
        The test in words.
    n_units : int
        Units that it rests on.
    n_dropped : int
        Units left out.
    dropped_why : str
        The reason in words; empty when nothing was dropped.
    undefined : str or None
        A reason.
    warnings : tuple of str
        Cautions that must be shown beside it.
    seed : int or None
        Seed of the resampling.
    details : mapping
        What else was found (adjusted p …), plain JSON values.
    """

    statistic: float | None
    p: float | None
    degrees: int | None
    method: str
    n_units: int
    n_dropped: int = 0
    dropped_why: str = ""
    undefined: str | None = None
    warnings: tuple[str, ...] = ()
    seed: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "warnings": list(self.warnings)}


@dataclass(frozen=True, slots=True)
class Chart:
    """A series with its limits, and the places where it left them.

    Parameters
    ----------
    points : tuple of float
        One value a read or a batch, in the order of reading; empty exactly when ``undefined`` gives the reason.
    lower, upper : tuple of float or None
        Limits at each point; None where there is none on that side.
    centre : float or None
        Where the series lies while nothing has changed.
    signals : tuple of int
        Indices of the points beyond a limit, from 0.
    method : str
        The chart in words, with its design.
    n_units : int
        Reads that it rests on.
    undefined : str or None
        A reason.
    details : mapping
        The design (target, weights, run lengths …), plain JSON values.
    """

    points: tuple[float, ...]
    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]
    centre: float | None
    signals: tuple[int, ...]
    method: str
    n_units: int
    undefined: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        # asdict would copy a hundred thousand points one by one.
        lists = {name: list(getattr(self, name)) for name in ("points", "lower", "upper", "signals")}
        return {
            **lists,
            "centre": self.centre,
            "method": self.method,
            "n_units": self.n_units,
            "undefined": self.undefined,
            "details": dict(self.details),
        }


Result: TypeAlias = Estimate | Significance | Chart


def no_chart(method: str, n_units: int, undefined: str) -> Chart:
    """Return the chart that could not be drawn, with its reason."""
    return Chart((), (), (), None, (), method, n_units, undefined)


def no_test(method: str, n_units: int, undefined: str, n_dropped: int = 0, dropped_why: str = "") -> Significance:
    """Return the test that could not be made, with its reason."""
    return Significance(None, None, None, method, n_units, n_dropped, dropped_why, undefined)


@dataclass(frozen=True, slots=True)
class ReaderStatistic:
    """The catalogue entry of a statistic about readers.

    Parameters
    ----------
    title : str
        Name for people.
    function : callable
        ``function(reading, …)`` → Estimate, Significance or Chart; with ``parts`` → mapping from part to one of them.
    accepts : type
        The reading it is computed from.
    scales : frozenset of str
        Scales for which it is meaningful; empty where the reading has none.
    reference : str
        Author, year and DOI.
    says : str
        One sentence for the report: what it measures and when to mistrust it.
    parts : bool
        Whether it is several numbers that belong together.
    in_order : bool
        Whether the order of reads matters, as on every chart.
    n_raters : int or None
        Raters that it compares; None for any number.
    """

    title: str
    function: Callable[..., Any]
    accepts: type
    scales: frozenset[str]
    reference: str
    says: str
    parts: bool = False
    in_order: bool = False
    n_raters: int | None = None

    def compute(self, reading: Any, **options: Any) -> dict[str, Result]:
        """Return the results by part; a statistic that is one result has the part ``""``.

        Parameters
        ----------
        reading : object
            Of the type ``accepts``.
        **options
            Options of the function.
        """
        found: Result | Mapping[str, Result] = self.function(reading, **options)
        return dict(found) if isinstance(found, Mapping) else {"": found}
