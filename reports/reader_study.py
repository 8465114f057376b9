"""A project's scores and truth as a multi-reader multi-case study."""

from collections.abc import Iterator

from annotations.labels.base import ANSWER_MEMBER
from annotations.models import Project, Question
from qc.measuring import comparable_units
from qc.selectors import ranked_results
from reports.errors import NoStudy
from reports.exporters.imrmc import Score, imrmc
from reports.panels import titles_of

SETTLED_RANKS = (2, 3, 4)
BY_PHYSICIAN = (3, 4)


def study_file(
    project: Project, score: Question, truth: Question, positive: str, other: Project | None = None
) -> bytes:
    """Return the scores of a graded question against the settled answers of another, as iMRMC reads them.

    Parameters
    ----------
    project : Project
        The first modality, and where the truth comes from.
    score : Question
        Graded; the place of a level from 1 is the score.
    truth : Question
        A category about the whole case.
    positive : str
        The code of the truth that means disease; every other one means none.
    other : Project or None
        A second modality: the same cases and score question under the same code.

    Raises
    ------
    NoStudy
        When the questions are of other kinds, readers are unknown, or no case of either truth was scored.
    """
    if score.kind != "grade" or score.about_id or truth.kind != "category" or truth.about_id:
        raise NoStudy("A study takes a grade of the whole case as score and a category of the whole case as truth.")
    if positive not in titles_of(truth):
        raise NoStudy(f"{positive!r} is no answer of {truth.code}.")
    if not project.knows_readers or (other is not None and not other.knows_readers):
        raise NoStudy("The data do not say who read.")
    answers, n_signed = truth_of(project, truth, positive)
    scores = list(scores_of(project, score))
    if other is not None:
        twin = next((one for one in questions_like(other, score)), None)
        scores += list(scores_of(other, twin)) if twin is not None else []
    scored = {answers[one.case] for one in scores if one.case in answers}
    if len(scored) < 2:
        raise NoStudy("It takes scored cases with and without what is looked for.")
    note = (
        f"{project.name}: {score.code} against {truth.code} = {positive}. {n_signed} of {len(answers)} truths were "
        "signed by a physician; the others were settled from reads of this project, so that a reader "
        "may be judged by a truth that holds the reader's own answer to the truth question."
    ).replace("\n", " ")
    return imrmc(answers, scores, note=note)


def questions_like(project: Project, question: Question) -> Iterator[Question]:
    """Yield the project's questions of the same code, kind and levels."""
    rows = Question.objects.filter(schema__project=project, code=question.code, kind=question.kind, about=None)
    yield from (one for one in rows.order_by("-schema__version") if one.definition == question.definition)


def truth_of(project: Project, question: Question, positive: str) -> tuple[dict[str, bool], int]:
    """Return whether each settled case has what is looked for, and how many of them a physician signed."""
    rows = ranked_results(project).filter(question=question, finding="", rank__in=SETTLED_RANKS)  # type: ignore[misc]
    rows = rows.exclude(case__exclusions__isnull=False, case__exclusions__revoked_at__isnull=True)
    decided = signed_labels(project, question)
    found: dict[str, bool] = {}
    n_signed = 0
    for case, label, rank in rows.values_list("case__key", "label", "rank"):  # type: ignore[misc]
        settled = decided.get(case) if rank in BY_PHYSICIAN else label
        code = (settled or {}).get(ANSWER_MEMBER["category"])
        if code is not None:
            found[case] = code == positive
            n_signed += rank in BY_PHYSICIAN
    return found, n_signed


def signed_labels(project: Project, question: Question) -> dict[str, dict[str, str]]:
    """Return the newest label that a physician signed for each case."""
    rows = question.disputes.filter(project=project, finding="", superseded_by__isnull=True)
    values = rows.order_by("round").values_list("case__key", "adjudication__label")
    return {case: label for case, label in values if label is not None}


def scores_of(project: Project, question: Question) -> Iterator[Score]:
    """Yield the place of the level that each reader gave each case."""
    place = {code: number for number, code in enumerate(titles_of(question), start=1)}
    for unit in comparable_units(project, question):
        details = unit.details.get("block", unit.details)
        for reader, code in sorted(details.get("codes", {}).items()):
            if code in place:
                yield Score(reader, unit.name[0], project.slug, float(place[code]))
