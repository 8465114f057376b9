"""What every label kind shares: the protocol, the refusal and the canonical form."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable


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
        question's (codes, levels, unit, rule …).
    scales : frozenset of str
        Scales that a question of this kind may declare: nominal, ordinal, interval, ratio, none.
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
