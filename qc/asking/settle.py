"""Compute any consensus method of the catalogue on posted reads, with the code that settles a project."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qc.asking import answers, shapes
from qc.asking.ask import SPACE
from qc.asking.base import Asked, AskError, asked, numbers, refusals
from qc.asking.options import checked, offered, plain
from qc.consensus.base import PROJECT_SCOPE, Consensus, Method
from qc.readings.pattern_table import words_of
from qc.registry import METHODS
from qc.settling.spatial import mask_label

# What a method of case scope takes: the facts beside the reads, and the reads of each unit.
FACTS: Mapping[str, tuple[str, ...]] = {
    "codes": ("scale",),
    "numbers": (),
    "sets": ("labels",),
    "rankings": ("choices",),
    "intervals": (),
    "boxes": (),
    "box": (),
    "points": (),
    "masks": SPACE,
}


# Numbers of an answer that is one place: a point, or the two corners of a box.
WIDTH: Mapping[str, int] = {"points": 3, "box": 6}


def reads_of(takes: str, given: Asked) -> Sequence[Mapping[str, Any]]:
    """Return for each unit what each reader answered, checked, in the form that a method takes."""
    if takes == "boxes":
        return shapes.boxes_of(given)
    if takes == "intervals":
        return shapes.spans_of(given)
    if takes in WIDTH:
        for row in given.rows:
            numbers(row.answer, f"{row.at}/answer", len(row.answer) if isinstance(row.answer, list) else WIDTH[takes])
    check = CHECKS.get(takes)
    if check is not None:
        check(given)
    return given.by_unit()


CHECKS: Mapping[str, Callable[[Asked], object]] = {
    "codes": answers.pattern_table,
    "numbers": answers.number_table,
    "sets": answers.set_table,
    "rankings": answers.rankings,
}


def described(name: str, method: Method) -> dict[str, Any]:
    """Return what must be posted to have a consensus computed."""
    return {
        "name": name,
        "title": method.title,
        "takes": method.takes,
        "scope": method.scope,
        "reference": method.reference,
        "facts": list(_facts_of(method)),
        "options": offered(method.function),
        "is_offered": method.takes in FACTS,
    }


def _facts_of(method: Method) -> tuple[str, ...]:
    return FACTS.get(method.takes, ())


def consensus(name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the consensus of posted reads: of each unit, or learned from all units together.

    Parameters
    ----------
    name : str
        Entry of METHODS.
    body : mapping
        ``reads``, the facts of the reading, ``options`` of the method.

    Raises
    ------
    AskError
        The body cannot be computed with.
    KeyError
        There is no such method.
    """
    method = METHODS[name]
    if method.takes not in FACTS:
        raise AskError("not-offered", "#", f"{name} takes {method.takes}, which cannot be posted here.")
    options = checked(method.function, body.get("options"))
    request = asked(body, _facts_of(method))
    with refusals():
        if method.scope == PROJECT_SCOPE:
            found = _learned(method, request, options)
        elif method.takes == "masks":
            found = {"units": _settled_regions(method, request, options)}
        else:
            found = {"units": _settled(method, request, options)}
    return {"method": name, "reference": method.reference, **found}


def _learned(method: Method, request: Asked, options: Mapping[str, Any]) -> dict[str, Any]:
    if method.takes == "numbers":
        rows = reads_of("numbers", request)
        return {"units": list(request.units), "learned": plain(method.function(rows, **options))}
    table = answers.pattern_table(request)
    found = method.function(table, **options).as_dict()
    return {"learned": found, "patterns": words_of(table), "counts": table.counts.tolist()}


def _settled(method: Method, request: Asked, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for name, reads in zip(request.units, reads_of(method.takes, request), strict=True):
        one = method.function(reads, **options)
        found.append({"unit": name, **_shown(one), "value": plain(one.value)})
    return found


def _settled_regions(method: Method, request: Asked, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the consensus of each unit's regions, its value as a label of the whole grid."""
    if method.wants_spacing:
        options = {**options, "spacing_mm": shapes.spacing_of(request)}
    found = []
    for name, unit in zip(request.units, shapes.painted_units(request), strict=True):
        one = method.function(unit.masks, **options)
        label = None if one.value is None else mask_label(one.value, unit.box, unit.shape)
        found.append({"unit": name, **_shown(one), "value": label})
    return found


def _shown(found: Consensus) -> dict[str, Any]:
    return {
        "outcome": found.outcome,
        "support": found.support,
        "votes": dict(found.votes),
        "readers": list(found.raters),
        "parameters": plain(dict(found.parameters)),
        "details": plain(dict(found.details)),
        "iterations": found.iterations,
        "converged": found.converged,
    }
