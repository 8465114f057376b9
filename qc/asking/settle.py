"""Compute any consensus method of the catalogue on posted reads, with the code that settles a project."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qc.asking import answers, shapes
from qc.asking.ask import SPACE
from qc.asking.base import Asked, AskError, asked, numbers
from qc.asking.options import checked, offered, plain
from qc.consensus.base import PROJECT_SCOPE, Consensus, Method
from qc.readings.base import ReadingError
from qc.registry import METHODS
from qc.settling.spatial import grown, kept, mask_label, shape_of, union_of

# What a method of case scope takes: the facts beside the reads, and the reads of each unit.
FACTS: Mapping[str, tuple[str, ...]] = {
    "codes": ("scale",),
    "numbers": (),
    "sets": ("labels",),
    "rankings": ("choices",),
    "intervals": (),
    "boxes": (),
    "points": (),
    "masks": SPACE,
}


def reads_of(takes: str, given: Asked) -> Sequence[Mapping[str, Any]]:
    """Return for each unit what each reader answered, checked, in the form that a method takes."""
    if takes == "masks":
        return [masks for masks, _ in shapes.masks_of(given)]
    if takes == "boxes":
        return shapes.boxes_of(given)
    if takes == "intervals":
        return shapes.spans_of(given)
    if takes == "points":
        for row in given.rows:
            numbers(row.answer, f"{row.at}/answer", len(row.answer) if isinstance(row.answer, list) else 3)
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
    try:
        if method.scope == PROJECT_SCOPE:
            return {"method": name, "reference": method.reference, **_learned(method, request, options)}
        found = _settled(method, request, options)
    except ReadingError as error:
        raise AskError(error.code, "#/reads", error.message) from error
    except ValueError as error:
        if isinstance(error, AskError):
            raise
        raise AskError("bad-option", "#/options", str(error)) from error
    return {"method": name, "reference": method.reference, "units": found}


def _learned(method: Method, request: Asked, options: Mapping[str, Any]) -> dict[str, Any]:
    if method.takes == "numbers":
        rows = reads_of("numbers", request)
        return {"units": list(request.units), "learned": plain(method.function(rows, **options))}
    table = answers.pattern_table(request)
    found = method.function(table, **options).as_dict()
    codes = table.scale.codes
    patterns = [[None if code < 0 else codes[code] for code in row] for row in table.patterns.tolist()]
    return {"learned": found, "patterns": patterns, "counts": table.counts.tolist()}


def _settled(method: Method, request: Asked, options: Mapping[str, Any]) -> list[dict[str, Any]]:
    units = reads_of(method.takes, request)
    if method.wants_spacing:
        options = {**options, "spacing_mm": shapes.spacing_of(request)}
    found = []
    for name, reads in zip(request.units, units, strict=True):
        one = method.function(reads, **options)
        value = _placed(name, one, request) if method.takes == "masks" else one.value
        found.append({"unit": name, **_shown(one), "value": plain(value)})
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


def _placed(unit: str, found: Consensus, request: Asked) -> dict[str, Any] | None:
    """Return the region as a label of the whole grid; None unless settled."""
    if found.value is None:
        return None
    sides = numbers(request.fact("shape"), "#/shape", 3)
    shape = (int(sides[0]), int(sides[1]), int(sides[2]))
    labels = [shapes.label_of(row, shape) for row in request.rows if row.unit == unit]
    regions = {str(place): kept(shape_of(label)) for place, label in enumerate(labels)}
    return mask_label(found.value, grown(union_of(regions), shape), shape)
