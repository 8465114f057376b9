"""A case as settling takes it: its questions and its grid."""

from collections.abc import Iterable

from annotations.models import Case, Question
from annotations.selectors import geometry_of
from qc.settling.base import CaseReads, QuestionSpec


def specs_of(questions: Iterable[Question]) -> tuple[QuestionSpec, ...]:
    """Return questions as settling needs them."""
    return tuple(
        QuestionSpec(one.code, one.kind, one.scale, one.definition, one.about.code if one.about else "")
        for one in questions
    )


def unread(case: Case, questions: tuple[QuestionSpec, ...]) -> CaseReads:
    """Return a case with its grid and nobody's reads, to compare two sides on."""
    thickness = case.strata.get("slice_thickness_mm")
    return CaseReads(
        questions=questions,
        readers=(),
        reads=(),
        geometry=geometry_of(getattr(case, "image", None)),
        slice_thickness_mm=float(thickness) if thickness is not None else None,
    )
