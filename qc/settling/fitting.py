"""Whether a consensus method can settle a question: asked when a protocol is adopted, not at the first case."""

import inspect
from collections.abc import Mapping
from typing import Any

from qc.consensus.base import CASE_SCOPE
from qc.registry import METHODS

# What the reads of each kind of question are to a method.
TAKES: Mapping[str, frozenset[str]] = {
    "category": frozenset({"codes"}),
    "grade": frozenset({"codes", "numbers"}),
    "measurement": frozenset({"numbers"}),
    "mask": frozenset({"masks"}),
    "polygon": frozenset({"masks"}),
    "multilabel": frozenset({"sets"}),
    "landmarks": frozenset({"points"}),
    "box": frozenset({"box"}),
    "interval": frozenset({"intervals"}),
    "ranking": frozenset({"rankings"}),
}


def misfit(kind: str, method: str, parameters: Mapping[str, Any]) -> str | None:
    """Return one sentence on why the method cannot settle questions of this kind; None when it can.

    Parameters
    ----------
    kind : str
        Label kind of the question; of a kind unknown here only the scope and the parameters are judged.
    method : str
        Entry of METHODS.
    parameters : mapping
        The document's ``method_parameters``.

    Raises
    ------
    KeyError
        No such method.
    """
    spec = METHODS[method]
    if spec.scope != CASE_SCOPE:
        return (
            f"{spec.title} learns from all cases together; it stands beside a case's own consensus, not in its place."
        )
    if spec.takes not in TAKES.get(kind, frozenset({spec.takes})):
        return f"{spec.title} settles {spec.takes}, which a question of kind {kind} does not give."
    given = dict(parameters)
    if spec.takes == "masks":
        given |= {"spacing_mm": None} if spec.wants_spacing else {}
    else:
        given = {"minimum": 2, **given}
    try:
        inspect.signature(spec.function).bind({}, **given)
        if spec.takes != "masks":
            # Nobody's reads: a vote answers "insufficient", and only unusable parameters are refused.
            spec.function({}, **given)
    except (TypeError, ValueError) as error:
        return f"{spec.title} refuses its parameters: {error}"
    return None
