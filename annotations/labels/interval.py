"""Spans of time on a recording: an EEG, an ECG, a film."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from annotations.labels.base import Geometry, Kind, LabelError, check_kind, check_one, finite, pointer

MAX_SPANS = 10_000


@dataclass(frozen=True, slots=True)
class Interval:
    """The stretches of a recording that a reader marked.

    Parameters
    ----------
    spans : tuple of (float, float)
        Start and end in seconds from the beginning of the recording, half-open, ascending; none where the reader
        saw nothing to mark.
    """

    kind: ClassVar[str] = "interval"
    spans: tuple[tuple[float, float], ...]

    def dump(self) -> dict[str, Any]:
        """Return ``{"kind": "interval", "spans": [[start, end], …]}``."""
        return {"kind": self.kind, "spans": [list(span) for span in self.spans]}


def parse(value: Mapping[str, Any], definition: Mapping[str, Any], geometry: Geometry | None) -> Interval:
    """Return the spans, or LabelError; spans of one reader do not overlap.

    Parameters
    ----------
    value : mapping
        ``{"kind": "interval", "spans": [[1.5, 2.25], …]}`` in seconds, in any order.
    definition : mapping
        ``{"duration_s": 30}``, optional: the length of the recording.
    geometry : Geometry or None
        Not used: time has no grid.
    """
    check_kind(value, "interval", ("spans",))
    given = value["spans"]
    if not isinstance(given, list | tuple) or len(given) > MAX_SPANS:
        message = f"The spans are a list of at most {MAX_SPANS}, empty where nothing is marked."
        raise LabelError("not-a-list", "/spans", message)
    spans = sorted((_span(span, place, definition.get("duration_s")), place) for place, span in enumerate(given))
    for (before, _), (after, place) in pairwise(spans):
        if after[0] < before[1]:
            raise LabelError("overlap", pointer("spans", place), "Two spans of one answer overlap; join them.")
    return Interval(tuple(span for span, _ in spans))


def _span(value: object, place: int, longest: float | None) -> tuple[float, float]:
    at = pointer("spans", place)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise LabelError("not-a-span", at, "A span is two numbers: start and end in seconds.")
    start, end = finite(value[0], at + "/0"), finite(value[1], at + "/1")
    if start < 0 or end <= start:
        raise LabelError("bad-span", at, "A span starts at 0 or later and ends after it starts.")
    if longest is not None and end > longest:
        raise LabelError("out-of-range", at + "/1", f"The recording ends at {longest} s.")
    return start, end


def check_definition(definition: Mapping[str, Any]) -> None:
    """Refuse a duration that is no positive number, or a question that asks for several answers a case."""
    check_one(definition)
    if definition.get("duration_s") is not None and finite(definition["duration_s"], "/duration_s") <= 0:
        raise LabelError("bad-duration", "/duration_s", "The duration is a positive number of seconds.")


SPEC = Kind(title="Spans of time", parse=parse, scales=frozenset({"none"}), check_definition=check_definition)
