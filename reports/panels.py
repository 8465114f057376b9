"""Agreement as plain view data: every statistic side by side, and the cases behind one question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from annotations.errors import NotFound
from annotations.labels._codes import titles
from annotations.models import Project, Question
from annotations.selectors import questions_of
from qc.agreement.base import (
    BOTH_EMPTY,
    CLUSTERING_UNKNOWN,
    FEW_RATERS,
    ONE_EMPTY,
    RARE_CATEGORY,
    Estimate,
    named,
    parted,
)
from qc.agreement.panel import Design, band_of, panel_of, remarks
from qc.models import AgreementResult, Evaluation, ProtocolVersion
from qc.registry import STATISTICS
from qc.settling.measure import ALL, COMPLETE, REGIONS
from qc.settling.tables import ANSWERS

POPULATIONS = {ALL: "Read by at least two", COMPLETE: "Read by all"}
ALPHA, PERCENT = "krippendorff_alpha", "percent"
CODE_COLUMNS = {PERCENT: "Same answer", ALPHA: "Krippendorff α", "fleiss_kappa": "Fleiss κ", "gwet_ac": "Gwet AC"}
SPATIAL_COLUMNS = {"dice": "Dice", "iou": "IoU"}
# The figure that leads for kinds that are neither regions nor codes, with what it is called in the table.
OWN_FIGURES = {
    "multilabel": ("jaccard_alpha", "α of sets"),
    "ranking": ("ranking_tau", "Kendall τ"),
    "interval": ("interval_overlap", "Overlap of time"),
    "box": ("box_iou", "IoU of boxes"),
    "landmarks": ("landmark_distance:mean", "Mean distance, mm"),
}
# Kinds whose scale alone does not choose the panel.
PANEL_SCALES = {"multilabel": "sets", "ranking": "ranks"}
# Krippendorff 2004: below this no conclusion should be drawn from the data.
LEAST_ALPHA = 0.667
CAUTIONS = {
    RARE_CATEGORY: "One answer is rare, so the bounds of these figures may be too narrow.",
    BOTH_EMPTY: "A case in which neither reader marked anything agrees in the mean of F1 and is not in the pooled one.",
    ONE_EMPTY: "Where one of two readers marked nothing the overlap counts as 0.",
    FEW_RATERS: "Fewer than five readers stand for all like them, so the bounds of the ICC may be too narrow.",
    CLUSTERING_UNKNOWN: "Patients are unknown, so cases were resampled as if they were independent.",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One statistic of one question; ``estimate`` is None where it does not apply."""

    name: str
    title: str
    estimate: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question in the report."""

    code: str
    title: str
    href: str
    figures: tuple[Figure, ...]
    n: int
    remark: str


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One statistic with everything that it must be read with."""

    title: str
    estimate: Mapping[str, Any]
    says: str
    reference: str
    href: str
    method: str
    band: str = ""


@dataclass(frozen=True, slots=True)
class HonestPanel:
    """The statistics that a question's scale and design call for, why these, and every other one beside them."""

    rows: tuple[PanelRow, ...]
    why: str
    others: tuple[PanelRow, ...]


def results_of(run: Evaluation) -> dict[tuple[str, str], dict[str, Mapping[str, Any]]]:
    """Return the estimates of a run without pairs: (question, population) to statistic to estimate."""
    rows = AgreementResult.objects.filter(evaluation=run, pair=[]).values_list(
        "question__code", "population", "statistic", "estimate"
    )
    found: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for question, population, statistic, estimate in rows:
        found.setdefault((question, population), {})[statistic] = estimate
    return found


def question_rows(
    project: Project,
    questions: Iterable[Question],
    results: Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]],
    population: str,
    *,
    spatial: bool,
) -> tuple[QuestionRow, ...]:
    """Return a row for each question of one sort: outlines, or codes and numbers."""
    columns = SPATIAL_COLUMNS if spatial else CODE_COLUMNS
    return tuple(
        question_row(project, question, results.get((question.code, population), {}), columns)
        for question in questions
        if question.kind not in ANSWERS and (question.kind in REGIONS) == spatial
    )


def own_rows(
    project: Project,
    questions: Iterable[Question],
    results: Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]],
    population: str,
) -> tuple[QuestionRow, ...]:
    """Return a row for each question whose kind has a figure of its own: sets, orders, spans, boxes, points."""
    return tuple(
        question_row(
            project, question, results.get((question.code, population), {}), dict([OWN_FIGURES[question.kind]])
        )
        for question in questions
        if question.kind in ANSWERS
    )


def question_row(
    project: Project, question: Question, estimates: Mapping[str, Mapping[str, Any]], columns: Mapping[str, str]
) -> QuestionRow:
    """Return one question with the figures of its columns."""
    figures = tuple(Figure(name, title, estimates.get(name)) for name, title in columns.items())
    first = next((figure.estimate for figure in figures if figure.estimate is not None), None)
    return QuestionRow(
        code=question.code,
        title=question.title,
        href=reverse("agreement-question", args=[project.slug, question.code]),
        figures=figures,
        n=first["n_units"] if first else 0,
        remark=remark_on(estimates, titles_of(question)),
    )


def three_questions(
    question: Question,
    questions: Iterable[Question],
    results: Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]],
    population: str,
) -> tuple[Figure, ...]:
    """Return found it, drew it and named it for a question that takes several marks; empty for any other.

    Found: of the things that either of two readers marked, the share that both did. Drew: the overlap of those that
    both marked. Named: how often two readers gave the same answer about them.
    """
    if not question.takes_marks:
        return ()
    own = results.get((question.code, population), {})
    drew = own.get("box_iou") if question.kind == "box" else own.get("dice")
    details = [other for other in questions if other.about_id == question.pk and other.kind in ("category", "grade")]
    return (
        Figure("object_f1", "Found it", own.get("object_f1:pooled")),
        Figure("drew", "Drew it", drew),
        *(
            Figure(other.code, f"Named it: {other.title}", results.get((other.code, population), {}).get(PERCENT))
            for other in details
        ),
    )


def remark_on(estimates: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str]) -> str:
    """Return in words where the figures of a question part, and what a reader of them must know."""
    found = {titled_name(stored, titles): estimate_of(form) for stored, form in estimates.items()}
    return " ".join(remarks(found))


def titled_name(stored: str, titles: Mapping[str, str]) -> str:
    """Return the stored name of a statistic with the title of the answer that its part speaks of."""
    name, part = parted(stored)
    return named(name, titles.get(part, part))


def honest_panel(
    question: Question, estimates: Mapping[str, Mapping[str, Any]], design: Design, *, with_bands: bool
) -> HonestPanel:
    """Return what stands side by side for a question, chosen by its scale and who read (never kappa alone).

    Regions have no scale: all that is measured on them is shown.
    """
    rows = panel_rows(estimates, titles_of(question), with_bands=with_bands)
    chosen = panel_of(design)
    if not chosen.shown:
        return HonestPanel(tuple(row for _, row in rows), "", ())
    place = {name: number for number, name in enumerate(chosen.shown)}
    shown = sorted((pair for pair in rows if pair[0] in place), key=lambda pair: place[pair[0]])
    others = tuple(row for name, row in rows if name not in place)
    return HonestPanel(tuple(row for _, row in shown), chosen.why, others)


def design_of(
    project: Project,
    question: Question,
    results: Mapping[tuple[str, str], Mapping[str, Mapping[str, Any]]],
    population: str,
) -> Design:
    """Return the design of one question's readings, from what was measured on them."""
    figures = results.get((question.code, population), {})
    complete = results.get((question.code, COMPLETE), {})
    n_units = max((one["n_units"] for one in figures.values()), default=0)
    return Design(
        scale=PANEL_SCALES.get(question.kind, question.scale),
        n_raters=max((one["n_raters"] for one in figures.values()), default=0),
        knows_raters=project.knows_readers,
        has_missing=population == ALL and n_units != max((one["n_units"] for one in complete.values()), default=0),
        n_categories=len(titles_of(question)),
    )


def panel_rows(
    estimates: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str], *, with_bands: bool = False
) -> list[tuple[str, PanelRow]]:
    """Return every statistic of a question, part by part, with what it says, its bounds' method and its source."""
    order = {name: place for place, name in enumerate(STATISTICS)}
    rows = []
    for stored in sorted(estimates, key=lambda name: (order[parted(name)[0]], name)):
        name, part = parted(stored)
        spec = STATISTICS[name]
        reference, _, doi = spec.reference.partition(", doi:")
        doi = doi.partition(";")[0].strip()
        href = f"https://doi.org/{doi}" if doi else ""
        title = f"{spec.title}: {titles.get(part, part)}" if part else spec.title
        estimate = estimates[stored]
        band = band_of(stored, estimate_of(estimate)) if with_bands else ""
        rows.append((name, PanelRow(title, estimate, spec.says, reference, href, method_words(estimate), band)))
    return rows


def estimate_of(form: Mapping[str, Any]) -> Estimate:
    """Return the estimate that a stored form holds."""
    return Estimate(**{**form, "warnings": tuple(form["warnings"])})


def method_words(estimate: Mapping[str, Any]) -> str:
    """Return how the bounds were made, with the seed."""
    seed = f", seed {estimate['seed']}" if estimate.get("seed") is not None else ""
    return f"{estimate['method']}{seed}"


def cautions_of(estimates: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """Return what must be said beside the figures of a question, each once."""
    found = dict.fromkeys(warning for estimate in estimates.values() for warning in estimate.get("warnings") or ())
    return tuple(CAUTIONS.get(warning, warning.replace("_", " ")) for warning in found)


def question_named(project: Project, code: str) -> Question:
    """Return a question of the newest schema, or 404."""
    for question in questions_of(project):
        if question.code == code:
            return question
    raise NotFound("No such question.")


def titles_of(question: Question) -> dict[str, str]:
    """Return the titles of a question's codes or levels."""
    return titles(question.definition)


def limit_of(protocol: ProtocolVersion | None, question: Question) -> float | None:
    """Return the least overlap that the protocol accepts without a physician."""
    if protocol is None:
        return None
    rules = protocol.document["questions"].get(question.code, {}).get("rules", {})
    limit = rules.get("low_agreement", {}).get("minimum")
    return float(limit) if limit is not None else None


def headline(outlines: Sequence[QuestionRow], answers: Sequence[QuestionRow]) -> tuple[dict[str, Any], ...]:
    """Return the key figures of the report: overlap, questions that reach the limit, the weakest question."""
    kpis: list[dict[str, Any]] = []
    for row in outlines:
        estimate = row.figures[0].estimate
        if estimate is not None:
            kpis.append(estimate_kpi(f"Dice, {row.title}", estimate, row.href))
    known = [(row, figure_value(row, ALPHA)) for row in answers]
    valued = [(row, value) for row, value in known if value is not None]
    if valued:
        reached = sum(value >= LEAST_ALPHA for _, value in valued)
        note = "below it no firm conclusion should be drawn (Krippendorff 2004)"
        kpis.append(
            {
                "label": f"Questions with α of {LEAST_ALPHA} or more",
                "value": f"{reached} of {len(answers)}",
                "note": note,
            }
        )
        row, _ = min(valued, key=lambda pair: pair[1])
        estimate = next(figure.estimate for figure in row.figures if figure.name == ALPHA)
        if estimate is not None:
            kpis.append(estimate_kpi("Lowest α", estimate, row.href, row.title))
    return tuple(kpis)


def estimate_kpi(label: str, estimate: Mapping[str, Any], href: str, what: str = "") -> dict[str, Any]:
    """Return an estimate as a key figure with its bounds."""
    bounds = ""
    if estimate["low"] is not None and estimate["high"] is not None:
        bounds = f"{estimate['low']:.3f}–{estimate['high']:.3f}, n {estimate['n_units']:,}"
    value = None if estimate["value"] is None else f"{estimate['value']:.3f}"
    note = " · ".join(part for part in (what, bounds) if part)
    return {"label": label, "value": value, "note": note, "href": href, "reason": estimate["undefined"]}


def figure_value(row: QuestionRow, statistic: str) -> float | None:
    """Return the value of one statistic of a row; None where it is undefined or does not apply."""
    estimate = next((figure.estimate for figure in row.figures if figure.name == statistic), None)
    return estimate["value"] if estimate is not None else None


def double_read(project: Project) -> int:
    """Return how many cases have two finished readings or more."""
    cases = project.cases.annotate(n=Count("assignments", filter=Q(assignments__finished_at__isnull=False)))
    return cases.filter(n__gte=2).count()
