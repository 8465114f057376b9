"""What every label kind shares: the protocol, the refusal, the canonical form and the first checks."""

import hashlib
import json
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

# The member of a label that is its whole answer, by kind; regions have none.
ANSWER_MEMBER: Mapping[str, str] = {"category": "code", "grade": "level", "measurement": "number"}


class LabelError(ValueError):
    """A value is not a label of its kind.

    Parameters
    ----------
    code : str
        Stable, hyphenated name of the fault, for machines.
    pointer : str
        JSON pointer to the offending member, relative to the label (``/level``).
    message : str
        One sentence for people: what is wrong and what would be right.
    """

    def __init__(self, code: str, pointer: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.pointer = pointer
        self.message = message


@dataclass(frozen=True, slots=True)
class Geometry:
    """The grid that a spatial label must fit.

    Parameters
    ----------
    shape : tuple of int
        Voxels along (z, y, x).
    spacing_mm : tuple of float or None
        Millimetres between voxel centres along (z, y, x); None when unknown, never a sentinel.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float] | None


@runtime_checkable
class Label(Protocol):
    """A frozen value object; ``parse`` of its kind and ``dump`` are inverse."""

    kind: ClassVar[str]

    def dump(self) -> dict[str, Any]:
        """Return the canonical JSON form, with a ``kind`` member."""
        ...


Parse = Callable[[Mapping[str, Any], Mapping[str, Any], Geometry | None], Label]


@dataclass(frozen=True, slots=True)
class Kind:
    """The catalogue entry of a label kind.

    Parameters
    ----------
    title : str
        Name for people.
    parse : callable
        ``parse(value, definition, geometry)``: the label, or LabelError. ``definition`` is the
        question's (codes, levels, unit, rule …) and has passed ``check_definition``.
    scales : frozenset of str
        Scales that a question of this kind may declare: nominal, ordinal, interval, ratio, none.
        Empty for an answer that is no question of its own.
    check_definition : callable
        Raises LabelError when a question's definition is unusable for this kind.
    """

    title: str
    parse: Parse
    scales: frozenset[str]
    check_definition: Callable[[Mapping[str, Any]], None]


def canonical(value: Mapping[str, Any]) -> str:
    """Return the one JSON text of a value: sorted keys, no spaces, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(label: Label) -> str:
    """Return the SHA-256 of the label's canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(label.dump()).encode()).hexdigest()


def pointer(*parts: object) -> str:
    """Return the JSON pointer to a nested member (RFC 6901), ``/rings/0/points``.

    A character that no UTF-8 text can hold is shown as ``?``: a pointer is printed and stored.
    """
    texts = (str(part).encode("utf-8", "replace").decode() for part in parts)
    return "".join("/" + text.replace("~", "~0").replace("/", "~1") for text in texts)


def check_members(value: object, required: Collection[str], optional: Collection[str] = (), *, at: str = "") -> None:
    """Refuse a value that is no JSON object or has other members than those named.

    Parameters
    ----------
    value : object
        What stands where the object should be.
    required, optional : collection of str
        Members that it must have, and may have.
    at : str
        JSON pointer to the object itself; empty for the label.
    """
    if not isinstance(value, Mapping):
        raise LabelError("not-an-object", at, "A JSON object is needed here.")
    for name in value:
        if name not in required and name not in optional:
            where = pointer(name)
            raise LabelError("unknown-member", at + where, f"There is no member {where[1:]!r} here.")
    for name in required:
        if name not in value:
            raise LabelError("missing-member", at + pointer(name), f"The member {name!r} is missing.")


def check_kind(value: Mapping[str, Any], kind: str, required: Collection[str], optional: Collection[str] = ()) -> None:
    """Refuse a value that is not of this kind or has other members than the kind's and ``kind``."""
    if isinstance(value, Mapping) and value.get("kind") != kind:
        raise LabelError("wrong-kind", "/kind", f"The kind here is {kind!r}.")
    check_members(value, {"kind", *required}, optional)


def finite(value: object, at: str) -> float:
    """Return a JSON number as a float without negative zero, or refuse: bool, text, NaN, infinity.

    Parameters
    ----------
    value : object
        What stands where the number should be.
    at : str
        JSON pointer to it.
    """
    if type(value) not in (int, float):
        raise LabelError("not-a-number", at, "A number is needed here.")
    try:
        number = float(value)  # type: ignore[arg-type]
    except OverflowError:
        raise LabelError("not-finite", at, "The number is too large to be held.") from None
    if not math.isfinite(number):
        raise LabelError("not-finite", at, "The number must be finite.")
    return number + 0.0  # negative zero would be a second canonical form of the same number


def check_many(definition: object) -> None:
    """Refuse a question's definition that is no object or whose ``many`` is not true or false.

    ``many`` says that a reader may give several answers of this question on a case, one for each
    mark, and therefore also the answer that there is nothing to mark.
    """
    if not isinstance(definition, Mapping):
        raise LabelError("not-an-object", "", "A question's definition is a JSON object.")
    if not isinstance(definition.get("many", False), bool):
        raise LabelError("not-a-boolean", "/many", "The member 'many' is true or false.")


def check_one(definition: object) -> None:
    """Refuse a question's definition that asks for several answers a case where marks cannot be matched."""
    check_many(definition)
    if isinstance(definition, Mapping) and definition.get("many"):
        message = "Questions of this kind take one answer a case; masks, polygons and boxes may be many."
        raise LabelError("not-many", "/many", message)
