"""A label in a few words, for people; regions are described where their size is known."""

from collections.abc import Mapping
from typing import Any

from annotations.labels._codes import titles

# Spans and points named one by one; the rest is counted.
_SHOWN = 3


def words_of(label: Mapping[str, Any], definition: Mapping[str, Any]) -> str:
    """Return what a label says.

    Parameters
    ----------
    label : mapping
        In canonical form.
    definition : mapping
        The question's, for the titles of its codes.
    """
    kind, named = label["kind"], titles(definition)
    if kind == "nothing_found":
        return "Nothing found"
    if kind == "cannot_assess":
        return f"Cannot assess: {label['reason']}"
    if kind == "measurement":
        return f"{label['number']:g} {label['unit']}"
    if kind == "multilabel":
        return ", ".join(named.get(code, code) for code in label["codes"]) or "None of them"
    if kind == "ranking":
        return " > ".join(" = ".join(named.get(code, code) for code in tier) for tier in label["order"])
    if kind == "interval":
        return _spans(label["spans"])
    if kind == "box":
        return _box(label)
    if kind == "landmarks":
        hidden = [named.get(code, code) for code, at in label["points"].items() if at is None]
        seen = f"{len(label['points']) - len(hidden)} of {len(label['points'])} points"
        return f"{seen}; not visible: {', '.join(hidden)}" if hidden else seen
    if kind in ("mask", "polygon"):
        return "An outline"
    code = str(label.get("level", label.get("code")))
    title = named.get(code, code)
    return title if kind == "category" or title == code else f"{code} · {title}"


def _spans(spans: list[list[float]]) -> str:
    if not spans:
        return "Nothing marked"
    total = sum(end - start for start, end in spans)
    shown = ", ".join(f"{start:g}–{end:g}" for start, end in spans[:_SHOWN])
    more = f" and {len(spans) - _SHOWN} more" if len(spans) > _SHOWN else ""
    return f"{shown}{more} s ({total:g} s in all)"


def _box(label: Mapping[str, Any]) -> str:
    depth, height, width = (high - low for low, high in zip(label["low"], label["high"], strict=True))
    first, last = label["low"][0], label["high"][0]
    place = f"slice {first + 1:g}" if depth <= 1 else f"slices {first + 1:g}–{last:g}"
    return f"{width:.1f} × {height:.1f} px, {place}"
