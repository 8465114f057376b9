"""Charts of the agreement report, from its view data."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from annotations.models import Project, Question
from qc.models import AgreementResult, Evaluation
from qc.registry import STATISTICS
from qc.settling.boxes import BOX_IOU
from qc.settling.measure import ALL, REGIONS
from qc.settling.orders import TAU
from qc.settling.sets import JACCARD
from qc.settling.spans import TIME_OVERLAP
from reports.charts.base import Chart
from reports.charts.confusion_matrix import Sides, confusion_matrix
from reports.charts.distribution import Limit, Span, distribution
from reports.charts.forest import ForestRow, Reference, forest
from reports.charts.reader_heatmap import Pair, reader_heatmap
from reports.panels import ALPHA, LEAST_ALPHA, QuestionRow, titles_of

# Statistics of two readers, the one that fits the scale best first.
_OUTLINES = ("dice", "How far outlines overlap", "Mean overlap of two outlines (Dice)")
# What is drawn for a kind: the value of a unit, and words for the chart and its axis.
SPREADS = {
    "mask": _OUTLINES,
    "polygon": _OUTLINES,
    "box": (BOX_IOU, "How far boxes overlap", "Mean overlap of two boxes (IoU)"),
    "interval": (TIME_OVERLAP, "How far marked times overlap", "Mean overlap of two readers' time (IoU)"),
    "multilabel": (JACCARD, "How far sets agree", "Mean share of codes that two readers both gave (Jaccard)"),
    "ranking": (TAU, "How far orders agree", "Mean Kendall τ of two orders"),
}
PAIRWISE = ("weighted_kappa", "cohen_kappa")


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


def overlaps(question: Question, values: Sequence[Mapping[str, Any]], limit: float | None) -> Chart | None:
    """Return how the agreement of what is no code is spread over the units; None for codes and numbers."""
    spread = SPREADS.get(question.kind)
    if spread is None or not values:
        return None
    name, title, axis = spread
    return distribution(
        [one["values"].get(name) for one in values],
        name="overlap",
        title=title,
        span=Span(f"{axis}, one value a unit", -1.0 if name == TAU else 0.0),
        limit=Limit(limit, f"limit {limit:g}") if limit is not None else None,
    )


def reader_matrix(run: Evaluation, question: Question, values: Sequence[Mapping[str, Any]]) -> Chart | None:
    """Return a pairwise statistic between readers; None where the readers are not known or none was computed."""
    if not run.project.knows_readers:
        return None
    if question.kind in REGIONS:
        return heatmap(overlap_pairs(values), "mean Dice")
    rows = AgreementResult.objects.filter(evaluation=run, question=question, population=ALL).exclude(pair=[])
    computed: dict[str, dict[tuple[str, str], Pair]] = {}
    for row in rows:
        cell = Pair(row.estimate["value"], row.estimate["n_units"], row.estimate["undefined"] or "")
        computed.setdefault(row.statistic, {})[row.pair[0], row.pair[1]] = cell
    for name in PAIRWISE:
        if name in computed:
            return heatmap(computed[name], STATISTICS[name].title)
    return None


def overlap_pairs(values: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Pair]:
    """Return the mean Dice of every pair of readers over the units that both drew; both empty is no overlap."""
    found: dict[tuple[str, str], list[float]] = {}
    for one in values:
        for first, second, size_first, size_second, both in one["details"].get("pairs", []):
            if size_first + size_second:
                found.setdefault((first, second), []).append(2 * both / (size_first + size_second))
    return {pair: Pair(sum(dice) / len(dice), len(dice)) for pair, dice in found.items()}


def heatmap(pairs: Mapping[tuple[str, str], Pair], statistic: str) -> Chart | None:
    """Return the matrix of a pairwise statistic; None without a pair."""
    if not pairs:
        return None
    readers = sorted({reader for pair in pairs for reader in pair})
    title = f"Reader by reader, {statistic}"
    return reader_heatmap(readers, pairs, name="readers", title=title, statistic=statistic)


def no_matrix_because(project: Project, question: Question) -> str:
    """Return why there is no reader by reader matrix."""
    if not project.knows_readers:
        return (
            "The data do not say who read: a code names another person in each case, so comparing two codes "
            "would compare nobody."
        )
    if question.kind in REGIONS or question.scale != "nominal":
        return "Pairs of readers are compared on categories; for this kind of answer all readers are compared at once."
    return "Two readers are compared as soon as both have read the same cases."
