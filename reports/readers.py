"""Reader scorecards as plain view data: figures with intervals and n, a verdict only where it can be given."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from annotations.labels._codes import titles
from annotations.models import Project, Question, Reader, ReaderKind
from qc.agreement.base import parted
from qc.models import Evaluation, ReaderResult
from qc.registry import READER_STATISTICS, STATISTICS
from qc.settling.judging import ADJUDICATED, OTHERS, OWN
from qc.settling.looks import SELF, SETTLED
from reports.charts.base import Chart
from reports.charts.forest import ForestRow, Reference, forest
from reports.kept import kept

# What a reader is asked for where the protocol's question says nothing else.
LEAST_RIGHT = 0.8
# Below so many patients no verdict is given, whatever the interval.
FEWEST_SUBJECTS = 20
PASSES, FAILS, TOO_FEW = "passes", "fails", "too few to say"
BOUNDS = ("value", "low", "high", "n_units")
# The leading figure of a kind: how often right, or how far the regions overlap the others'.
LEADING = {
    ("accuracy", "accuracy"): "Right",
    ("dice", ""): "Dice with the others",
    ("box_iou", ""): "IoU with the others",
    ("interval_overlap", ""): "Overlap with the others",
}
AGAINST = {
    OTHERS: "the other readers",
    ADJUDICATED: "what physicians decided",
    OWN: "their own reads in order",
    SETTLED: "the settled labels, in which they have no vote",
    SELF: "their own earlier look at the same cases: two readers cannot agree more than each does with himself",
}
SHORT = {"ppv": "PPV", "npv": "NPV", "f1": "F1", "mcc": "MCC", "lr_positive": "LR+", "lr_negative": "LR−"}
# Charts of one reader's reads in order.
IN_ORDER = ("error_cusum", "p_chart", "speed")
SERIES = frozenset({"points", "lower", "upper"})
# What stands behind "more" on a reader's page: each answer by each, and measures that combine those shown.
BEHIND = frozenset({"balanced_accuracy", "youden", "f1", "mcc", "lr_positive", "lr_negative"})
READER_COLUMNS = (
    "reader", "question", "statistic", "part", "against", "value", "low", "high", "p", "n_units", "n_dropped",
    "undefined", "method",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReaderLine:
    """One reader on one question."""

    code: str
    is_model: bool
    href: str
    leading: Mapping[str, Any] | None
    decided: Mapping[str, Any] | None
    bias: Mapping[str, Any] | None
    bias_words: str
    verdict: str
    worst: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure on a reader's page."""

    title: str
    result: Mapping[str, Any]
    words: str
    says: str


@dataclass(frozen=True, slots=True)
class Section:
    """What one question says of a reader, against one truth."""

    title: str
    against: str
    facts: tuple[Fact, ...]
    more: tuple[Fact, ...]


def verdict_of(estimate: Mapping[str, Any] | None, least: float) -> str:
    """Return whether a requirement is met: the interval decides, not the value.

    Parameters
    ----------
    estimate : mapping or None
        The figure with its bounds.
    least : float
        What is required.
    """
    if estimate is None or n_subjects(estimate) < FEWEST_SUBJECTS:
        return TOO_FEW
    if estimate.get("value") is None or estimate.get("low") is None or estimate.get("high") is None:
        return TOO_FEW
    if estimate["low"] >= least:
        return PASSES
    return FAILS if estimate["high"] < least else TOO_FEW


def n_subjects(estimate: Mapping[str, Any]) -> int:
    """Return the patients that a figure rests on; its units where patients are not known."""
    return int(estimate.get("n_clusters") or estimate.get("n_units") or 0)


def results_of(run: Evaluation | None, reader: str = "", *, with_charts: bool = True) -> list[ReaderResult]:
    """Return what the newest run found about readers, or about one; charts hold a point for every read."""
    if run is None:
        return []
    rows = ReaderResult.objects.filter(evaluation=run).select_related("question", "reader")
    if not with_charts:
        rows = rows.exclude(statistic__in=IN_ORDER)
    if reader:
        rows = rows.filter(reader__code=reader)
    return list(rows.order_by("question__position", "reader__code", "against", "pk"))


def judged_questions(run: Evaluation | None) -> set[int]:
    """Return the questions on which the newest run found something about readers."""
    return set(ReaderResult.objects.filter(evaluation=run).values_list("question_id", flat=True).distinct())


def lines_of(project: Project, run: Evaluation | None, question: Question, least: float) -> list[ReaderLine]:
    """Return a line for each reader on one question, computed once for a state of the project."""

    def made() -> list[ReaderLine]:
        return reader_lines(project, results_of(run, with_charts=False), question, least)

    return kept(project, "readers", [run.pk if run else 0, question.pk, least], made)


def least_of(document: Mapping[str, Any] | None, question: str) -> float:
    """Return what the protocol requires of a reader on a question."""
    policy = (document or {}).get("questions", {}).get(question, {})
    return float(policy.get("least_right", LEAST_RIGHT))


def reader_lines(project: Project, rows: Sequence[ReaderResult], question: Question, least: float) -> list[ReaderLine]:
    """Return a line for each reader on one question, by code and never by rank."""
    by_reader: dict[Reader, dict[tuple[str, str, str], Mapping[str, Any]]] = {}
    for row in rows:
        if row.question_id == question.pk:
            by_reader.setdefault(row.reader, {})[row.statistic, row.part, row.against] = row.result
    lines = []
    for reader, found in by_reader.items():
        leading = _leading(found, OTHERS) or _leading(found, SETTLED)
        bias, words = _bias(found)
        lines.append(
            ReaderLine(
                code=reader.code,
                is_model=reader.kind == ReaderKind.MODEL,
                href=reverse("reader", args=[project.slug, reader.code]),
                leading=leading,
                decided=_leading(found, ADJUDICATED),
                bias=bias,
                bias_words=words,
                verdict=verdict_of(leading, least),
                worst=_worst(found, titles(question.definition), least),
            )
        )
    return lines


def _leading(found: Mapping[tuple[str, str, str], Mapping[str, Any]], against: str) -> Mapping[str, Any] | None:
    return next((found[(*key, against)] for key in LEADING if (*key, against) in found), None)


def _bias(found: Mapping[tuple[str, str, str], Mapping[str, Any]]) -> tuple[Mapping[str, Any] | None, str]:
    grade = found.get(("grade_bias", "mean", OTHERS))
    if grade is not None:
        return grade, "levels above the others"
    size = found.get(("volume_bias", "relative_difference", OTHERS))
    return (size, "larger than the others, as a share") if size is not None else (None, "")


def _worst(found: Mapping[tuple[str, str, str], Mapping[str, Any]], named: Mapping[str, str], least: float) -> str:
    """Return the answer that the reader misses most, where its interval lies below what is required."""
    shares = {
        parted(part)[1]: one
        for (statistic, part, against), one in found.items()
        if statistic == "accuracy" and against == OTHERS and parted(part)[0] == "sensitivity"
    }
    failing = {code: one for code, one in shares.items() if verdict_of(one, least) == FAILS}
    if not failing:
        return ""
    code = min(sorted(failing), key=lambda name: failing[name]["value"])
    return f"finds {100 * failing[code]['value']:.0f} % of “{named.get(code, code)}” (n {failing[code]['n_units']:,})"


def reader_chart(lines: Sequence[ReaderLine], question: Question, least: float) -> Chart | None:
    """Draw the leading figure of every reader; None where nobody has one."""
    rows = [_forest_row(line) for line in lines if line.leading is not None]
    if not rows:
        return None
    return forest(
        rows,
        name="readers",
        title=f"{question.title}: each reader against the others",
        axis="95 % bounds; readers stand by their codes, in no order of merit",
        reference=Reference(least, f"required {least:.2f}"),
    )


def _forest_row(line: ReaderLine) -> ForestRow:
    one: Mapping[str, Any] = line.leading or {}
    reason = one.get("undefined") or one.get("interval_undefined") or ""
    return ForestRow(line.code, one["value"], one["low"], one["high"], one["n_units"], reason, line.href)


def sections_of(rows: Sequence[ReaderResult]) -> list[Section]:
    """Return everything about one reader, question by question and truth by truth."""
    grouped: dict[tuple[str, str], list[ReaderResult]] = {}
    for row in rows:
        grouped.setdefault((row.question.title, row.against), []).append(row)
    return [_section(title, AGAINST[against], found) for (title, against), found in grouped.items()]


def _section(title: str, against: str, rows: Sequence[ReaderResult]) -> Section:
    first = tuple(_fact(row) for row in rows if not _is_behind(row))
    return Section(title, against, first, tuple(_fact(row) for row in rows if _is_behind(row)))


def _is_behind(row: ReaderResult) -> bool:
    return row.statistic == "confusion" or parted(row.part)[0] in BEHIND


def _fact(row: ReaderResult) -> Fact:
    spec = READER_STATISTICS[row.statistic] if row.statistic in READER_STATISTICS else STATISTICS[row.statistic]
    # The words say what the series showed: a page that held every point would grow with the study.
    shown = {name: value for name, value in row.result.items() if name not in SERIES}
    return Fact(title_of(row, spec.title), shown, words_of(row.result), spec.says)


BESIDE = "beside"


def title_of(row: ReaderResult, whole: str) -> str:
    """Return what a figure is of, with answers by their titles; ``whole`` where it has no parts."""
    named = titles(row.question.definition)
    if row.statistic == "confusion":
        right, said = row.part.split("→")
        return f"“{named.get(right, right)}” read as “{named.get(said, said)}”"
    name, code = parted(row.part)
    if name == BESIDE:
        return f"Uses the answers as often as {code}"
    words = SHORT.get(name) or name.replace("_", " ").capitalize() or whole
    return f"{words}: {named.get(code, code)}" if code else words


def words_of(result: Mapping[str, Any]) -> str:
    """Return a chart's signals or a test's result in words; empty for an estimate, which has its own columns."""
    if result.get("undefined"):
        return ""
    if "points" in result:
        signals = result["signals"]
        if not signals:
            return f"in control over {result['n_units']:,} reads"
        shown = ", ".join(str(place + 1) for place in signals[:6])
        return f"out of control at read {shown}{' …' if len(signals) > 6 else ''} of {result['n_units']:,}"
    if "p" in result:
        n_tests = (result.get("details") or {}).get("n_tests", 0)
        among = f", adjusted for {n_tests} pairs" if n_tests > 1 else ""
        return (f"p {result['p']:.3f}" if result["p"] >= 0.001 else "p < 0.001") + among
    return ""


def reader_sheet(rows: Sequence[ReaderResult]) -> Iterator[tuple[Any, ...]]:
    """Yield one row a figure for a CSV file."""
    for row in rows:
        one = row.result
        fields = [one.get(name) for name in READER_COLUMNS[5:]]
        yield (row.reader.code, row.question.code, row.statistic, row.part, row.against, *fields)


@dataclass(frozen=True, slots=True)
class Requirement:
    """One reader against what is required on one question, as a whole and on the label found least."""

    question: Question
    line: ReaderLine
    least: float
    worst_label: str
    worst: Mapping[str, Any] | None
    worst_verdict: str


REQUIREMENT_COLUMNS = (
    "question", "reader", "required", "value", "low", "high", "n_units", "verdict", "worst_label", "worst_value",
    "worst_low", "worst_high", "worst_n_units", "worst_verdict",
)  # fmt: skip


def requirements_of(
    project: Project, run: Evaluation | None, questions: Sequence[Question], document: Mapping[str, Any] | None
) -> list[Requirement]:
    """Return every reader on every question, by question and code: the interval decides, never the value."""
    parts = [run.pk if run else 0, document]
    return kept(project, "requirements", parts, lambda: _requirements(project, run, questions, document))


def _requirements(
    project: Project, run: Evaluation | None, questions: Sequence[Question], document: Mapping[str, Any] | None
) -> list[Requirement]:
    rows, found = results_of(run, with_charts=False), []
    for question in questions:
        least = least_of(document, question.code)
        shares: dict[str, dict[str, Mapping[str, Any]]] = {}
        for row in rows:
            name, label = parted(row.part)
            if (row.question_id, row.statistic, row.against, name) == (question.pk, "accuracy", OTHERS, "sensitivity"):
                shares.setdefault(row.reader.code, {})[label] = row.result
        named = titles(question.definition)
        for line in reader_lines(project, rows, question, least):
            if line.leading is None:
                # A measurement is neither right nor wrong.
                continue
            known = {label: one for label, one in shares.get(line.code, {}).items() if one["value"] is not None}
            label = min(sorted(known), key=lambda name: known[name]["value"], default="")
            worst = known.get(label)
            verdict = verdict_of(worst, least) if worst is not None else ""
            found.append(Requirement(question, line, least, named.get(label, label), worst, verdict))
    return found


def requirement_sheet(found: Sequence[Requirement]) -> Iterator[tuple[Any, ...]]:
    """Yield one row a reader and question for a CSV file."""
    for one in found:
        figures = [(part or {}).get(name) for part in (one.line.leading, one.worst) for name in BOUNDS]
        verdicts = (one.line.verdict, one.worst_label)
        yield one.question.code, one.line.code, one.least, *figures[:4], *verdicts, *figures[4:], one.worst_verdict
