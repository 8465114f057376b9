"""Agreement as plain view data: every statistic side by side, and the cases behind one question."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from annotations.models import Project, Question
from qc.models import AgreementResult, Evaluation, ProtocolVersion
from qc.registry import STATISTICS
from qc.selectors import RANKS, ranked_results
from qc.settling.measure import ALL, COMPLETE
from reports.charts.base import Chart
from reports.charts.confusion_matrix import Sides, confusion_matrix
from reports.charts.distribution import Limit, Span, distribution
from reports.charts.forest import ForestRow, Reference, forest
from reports.charts.reader_heatmap import Pair, reader_heatmap
from reports.wording import STATISTIC_WORDS

SPATIAL = frozenset({"mask", "polygon"})
POPULATIONS = {ALL: "Read by at least two", COMPLETE: "Read by all"}
ALPHA, PERCENT = "krippendorff_alpha", "percent"
CODE_COLUMNS = {PERCENT: "Same answer", ALPHA: "Krippendorff α", "fleiss_kappa": "Fleiss κ", "gwet_ac": "Gwet AC"}
SPATIAL_COLUMNS = {"dice": "Dice", "iou": "IoU"}
# Krippendorff 2004: below this no conclusion should be drawn from the data.
LEAST_ALPHA = 0.667
HIGH_PERCENT, LOW_ALPHA = 0.9, 0.4
DISPOSITION_WORDS = {
    "excluded": "does not count",
    "auto_accepted": "accepted",
    "adjudicated": "adjudicated",
    "collecting": "waits",
    "in_dispute": "in dispute",
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


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit behind the figures; ``agreement`` from 0 to 1, None where it is undefined."""

    case: str
    href: str
    number: int
    agreement: float | None
    is_low: bool
    words: str
    state: str


def newest_run(project: Project) -> Evaluation | None:
    """Return the newest evaluation of the whole project."""
    return Evaluation.objects.filter(project=project, case__isnull=True).order_by("-pk").first()


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
    """Return a row for each question of one sort: outlines, or answers."""
    columns = SPATIAL_COLUMNS if spatial else CODE_COLUMNS
    rows = []
    for question in questions:
        if (question.kind in SPATIAL) != spatial:
            continue
        estimates = results.get((question.code, population), {})
        figures = tuple(Figure(name, title, estimates.get(name)) for name, title in columns.items())
        first = next((figure.estimate for figure in figures if figure.estimate is not None), None)
        rows.append(
            QuestionRow(
                code=question.code,
                title=question.title,
                href=reverse("agreement-question", args=[project.slug, question.code]),
                figures=figures,
                n=first["n_units"] if first else 0,
                remark=remark_on(estimates),
            )
        )
    return tuple(rows)


def remark_on(estimates: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a sentence where the share of equal answers and the chance-corrected figure part."""
    percent, alpha = estimates.get(PERCENT), estimates.get(ALPHA)
    if percent is None or alpha is None or percent["value"] is None or percent["value"] < HIGH_PERCENT:
        return ""
    share = f"{100 * percent['value']:.0f} %"
    if alpha["value"] is None:
        return f"{share} of pairs agree, and every reading is the same: chance cannot be told from agreement."
    if alpha["value"] >= LOW_ALPHA:
        return ""
    return (
        f"{share} of pairs give the same answer, yet α is {alpha['value']:.2f}: nearly all readings are one answer, so "
        "chance alone would make them agree. Read Gwet AC beside it."
    )


def alpha_forest(rows: Sequence[QuestionRow]) -> Chart:
    """Return Krippendorff's alpha over the questions."""
    return forest(
        [forest_row(row, ALPHA) for row in rows],
        name="alpha",
        title="Agreement beyond chance, question by question",
        axis="Krippendorff α, 95 % bounds; 1 is perfect, 0 is chance",
        reference=Reference(LEAST_ALPHA, "α 0.667"),
    )


def forest_row(row: QuestionRow, statistic: str) -> ForestRow:
    """Return one question's row of a forest plot."""
    estimate = next((figure.estimate for figure in row.figures if figure.name == statistic), None)
    if estimate is None:
        return ForestRow(row.title, None, None, None, 0, "not computed for this kind of answer", row.href)
    reason = estimate["undefined"] or estimate["interval_undefined"] or ""
    return ForestRow(
        row.title, estimate["value"], estimate["low"], estimate["high"], estimate["n_units"], reason, row.href
    )


def panel_rows(estimates: Mapping[str, Mapping[str, Any]]) -> tuple[PanelRow, ...]:
    """Return every statistic of a question with what it says, its bounds' method and its source."""
    rows = []
    for name, spec in STATISTICS.items():
        if name in estimates:
            reference, _, doi = spec.reference.partition(", doi:")
            doi = doi.partition(";")[0].strip()
            href = f"https://doi.org/{doi}" if doi else ""
            estimate = estimates[name]
            rows.append(PanelRow(spec.title, estimate, spec.says, reference, href, method_words(estimate)))
    return tuple(rows)


def method_words(estimate: Mapping[str, Any]) -> str:
    """Return how the bounds were made, with the seed."""
    seed = f", seed {estimate['seed']}" if estimate.get("seed") is not None else ""
    return f"{estimate['method']}{seed}"


def unit_values(project: Project, question: Question) -> list[dict[str, Any]]:
    """Return the current units of a question with what the report needs of each."""
    rows = ranked_results(project).filter(question=question).exclude(rank__in=[0, 4])
    return list(
        rows.values("case__key", "case__public_id", "number", "values", "details", "rank", "rule").order_by("pk")
    )


def unit_rows(
    project: Project, question: Question, values: Sequence[Mapping[str, Any]], limit: float | None
) -> list[UnitRow]:
    """Return the units of a question, those that agree least first."""
    titles = titles_of(question)
    rows = []
    for one in values:
        agreement, words = agreement_of(question, one, titles)
        rows.append(
            UnitRow(
                case=one["case__key"],
                href=reverse("case", args=[project.slug, one["case__public_id"]]),
                number=one["number"],
                agreement=agreement,
                is_low=agreement is not None and limit is not None and agreement < limit,
                words=words,
                state=DISPOSITION_WORDS[RANKS[one["rank"]][0]],
            )
        )
    return sorted(rows, key=lambda row: (row.agreement is None, row.agreement or 0.0, row.case, row.number))


def agreement_of(question: Question, one: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[float | None, str]:
    """Return how far the readers of one unit agree, from 0 to 1, and what they said in words."""
    details = one["details"]
    if question.kind in SPATIAL:
        voxels = details.get("voxels", {})
        volume = details.get("voxel_mm3")
        sizes = [f"{count * volume / 1000:.2f} mL" if volume else f"{count:,} voxels" for count in voxels.values()]
        value = one["values"].get("dice")
        return value, " · ".join(sizes) if sizes else existence_words(details)
    numbers = details.get("numbers")
    if numbers:
        unit = question.definition.get("unit", "")
        spread = max(numbers.values()) - min(numbers.values())
        scale = max(abs(number) for number in numbers.values()) or 1.0
        return max(0.0, 1 - spread / scale), f"{' · '.join(f'{n:g}' for n in sorted(numbers.values()))} {unit}"
    codes = details.get("codes", {})
    pairs = list(combinations(codes.values(), 2))
    share = sum(first == second for first, second in pairs) / len(pairs) if pairs else None
    counted = Counter(codes.values()).most_common()
    return share, " · ".join(f"{titles.get(code, code)} {count}" for code, count in counted)


def existence_words(details: Mapping[str, Any]) -> str:
    """Return how many readers marked a finding, where no outline was compared."""
    evidence = details.get("evidence") or {}
    votes = evidence.get("votes", {})
    if votes:
        return f"{votes.get('present', 0)} of {sum(votes.values())} marked it"
    return "not compared"


def titles_of(question: Question) -> dict[str, str]:
    """Return the titles of a question's codes or levels."""
    entries = question.definition.get("codes") or question.definition.get("levels") or ()
    return {str(entry["code"]): str(entry["title"]) for entry in entries}


def limit_of(protocol: ProtocolVersion | None, question: Question) -> float | None:
    """Return the least overlap that the protocol accepts without a physician."""
    if protocol is None:
        return None
    rules = protocol.document["questions"].get(question.code, {}).get("rules", {})
    limit = rules.get("low_agreement", {}).get("minimum")
    return float(limit) if limit is not None else None


def confusion(question: Question, values: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Return which answers stand against each other: every pair of readers of a unit, counted both ways."""
    titles = titles_of(question)
    if not titles:
        return None
    order = list(titles)
    counts = [[0] * len(order) for _ in order]
    for one in values:
        codes = [code for code in one["details"].get("codes", {}).values() if code in titles]
        for first, second in combinations(codes, 2):
            counts[order.index(first)][order.index(second)] += 1
            counts[order.index(second)][order.index(first)] += 1
    if not any(map(any, counts)):
        return None
    return confusion_matrix(
        list(titles.values()),
        counts,
        name="confusion",
        title="Which answers stand against each other",
        sides=Sides("One reader", "Another reader of the same case"),
    )


def overlaps(values: Sequence[Mapping[str, Any]], limit: float | None) -> Chart | None:
    """Return how the overlap of outlines is spread over the units."""
    dice = [one["values"].get("dice") for one in values if one["details"].get("pairs")]
    if not dice:
        return None
    return distribution(
        dice,
        name="overlap",
        title="How far outlines overlap",
        span=Span(f"{STATISTIC_WORDS['dice'].removeprefix('the ').capitalize()}, one value a finding"),
        limit=Limit(limit, f"limit {limit:g}") if limit is not None else None,
    )


def reader_matrix(run: Evaluation, question: Question) -> Chart | None:
    """Return a pairwise statistic between readers; None where none was computed."""
    rows = AgreementResult.objects.filter(evaluation=run, question=question).exclude(pair=[])
    pairs = {
        (row.pair[0], row.pair[1]): Pair(
            row.estimate["value"], row.estimate["n_units"], row.estimate["undefined"] or ""
        )
        for row in rows
        if row.population == ALL
    }
    if not pairs:
        return None
    readers = sorted({reader for pair in pairs for reader in pair})
    return reader_heatmap(readers, pairs, name="readers", title="Reader by reader", statistic="Cohen κ")


def no_matrix_because(project: Project, question: Question) -> str:
    """Return why there is no reader by reader matrix."""
    if not project.knows_readers:
        return (
            "The data do not say who read: a code names another person in each case, so comparing two codes "
            "would compare nobody."
        )
    if question.kind in SPATIAL or question.scale != "nominal":
        return "Pairs of readers are compared on categories; for this kind of answer all readers are compared at once."
    return "Two readers are compared as soon as both have read the same cases."


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
