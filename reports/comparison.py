"""Study comparison as plain view data: with and without a hint, round 1 and 2, site against site."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from annotations.models import Project, Question
from annotations.selectors import questions_of
from qc.agreement.base import Estimate
from qc.measuring import comparable_units
from qc.settling.base import QuestionSpec
from qc.settling.comparison import Compared, compare_groups, compare_readings, quantity_of, side_of
from qc.settling.measure import Comparable, Material, material_of, scale_of
from qc.settling.subgroups import MOST_GROUPS, labelled
from reports.charts.base import Chart
from reports.charts.forest import ForestRow, Reference, forest
from reports.kept import kept, state_of

CODED = frozenset({"category", "grade"})
TITLES = {
    "kappa": "κ",
    "agreement": "Same answer, of pairs of readers",
    "mean": "Mean agreement of a unit",
}
SIDES = {"before": "First", "after": "Second", "difference": "Second less first"}
COMPARISON_COLUMNS = (
    "measure", "side", "value", "low", "high", "n_units", "n_patients", "n_dropped", "undefined", "method",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be compared: panels of readers, another project's readings, or two groups of an attribute."""

    first: str = ""
    second: str = ""
    by: str = ""
    other: Project | None = None

    @property
    def is_whole(self) -> bool:
        """Whether enough is asked to compare something."""
        return self.other is not None or bool(self.first and self.second)


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of both sides with the difference."""

    title: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    difference: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """A comparison as it is shown."""

    lines: tuple[Line, ...]
    found: Compared
    first: str
    second: str
    sentence: str
    chart: Chart
    p: float | None


def compare(project: Project, question: Question, asked: Asked) -> View | None:
    """Return the comparison; None where too little was asked.

    Two readings of the same cases are compared on the cases that both have; two groups of cases as they are.
    """
    if not asked.is_whole:
        return None
    other = [asked.other.pk, *state_of(asked.other)] if asked.other is not None else []
    parts = [question.pk, asked.first, asked.second, asked.by, other]
    return kept(project, "comparison", parts, lambda: _compared(project, question, asked))


def _compared(project: Project, question: Question, asked: Asked) -> View:
    units = list(comparable_units(project, question))
    spec = QuestionSpec(question.code, question.kind, question.scale, question.definition)
    knows = project.knows_readers and (asked.other is None or asked.other.knows_readers)
    scale = scale_of(spec, Material()) if question.kind in CODED and knows else None
    if asked.by:
        one, two = (side_of(material_of(_of_group(units, asked.by, group))) for group in (asked.first, asked.second))
        found, first, second = compare_groups(one, two, scale), asked.first, asked.second
    elif asked.other is not None:
        twin = _same_question(asked.other, question)
        theirs = list(comparable_units(asked.other, twin)) if twin is not None else []
        # A number of a finding means another finding in another project.
        one, two = (side_of(material_of(row for row in rows if not row.name[1])) for rows in (units, theirs))
        found, first, second = compare_readings(one, two, scale), project.name, asked.other.name
    else:
        material = material_of(units)
        one, two = (side_of(material, codes_of(text)) for text in (asked.first, asked.second))
        found, first, second = compare_readings(one, two, scale), asked.first, asked.second
    return _view(found, first, second)


def codes_of(text: str) -> list[str]:
    """Return reader codes from a text with commas."""
    return [code.strip() for code in text.split(",") if code.strip()]


def _of_group(units: list[Comparable], by: str, group: str) -> list[Comparable]:
    return [one for one in units if labelled(one.strata, None).get(by) == group]


def _same_question(other: Project, question: Question) -> Question | None:
    """Return the other project's question of the same code, kind and answers."""
    same = (question.kind, question.scale, question.definition)
    for one in questions_of(other):
        if one.code == question.code and (one.kind, one.scale, one.definition) == same:
            return one
    return None


def groups_of(project: Project) -> dict[str, list[str]]:
    """Return the attributes of the cases with their groups, where there are from two to as many as are compared."""
    return kept(project, "groups", [], lambda: _groups(project))


def _groups(project: Project) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for strata in project.cases.values_list("strata", flat=True):
        for name, group in labelled(strata, None).items():
            found.setdefault(name, set()).add(group)
    return {name: sorted(groups) for name, groups in sorted(found.items()) if 1 < len(groups) <= MOST_GROUPS}


def _view(found: Compared, first: str, second: str) -> View:
    lines = lines_of(found.estimates)
    p = found.test.p if found.test is not None else None
    chart = forest(
        [_row(line.title, line.difference) for line in lines],
        name="comparison",
        title="Second less first",
        axis="difference, 95 % bounds over patients",
        reference=Reference(0.0, "no difference"),
    )
    return View(lines, found, first, second, sentence_of(lines), chart, p)


def lines_of(estimates: Mapping[str, Estimate]) -> tuple[Line, ...]:
    """Return a line for each measure."""
    grouped: dict[str, dict[str, Mapping[str, Any]]] = {}
    for part, one in estimates.items():
        what, side = quantity_of(part)
        grouped.setdefault(what, {})[side] = one.as_dict()
    return tuple(
        Line(TITLES[what], sides["before"], sides["after"], sides["difference"]) for what, sides in grouped.items()
    )


def _row(title: str, one: Mapping[str, Any]) -> ForestRow:
    reason = one["undefined"] or one["interval_undefined"] or ""
    return ForestRow(title, one["value"], one["low"], one["high"], one["n_units"], reason)


def sentence_of(lines: tuple[Line, ...]) -> str:
    """Return what the leading measure says, by its interval, and what it does not."""
    line = lines[0]
    gap = line.difference
    if gap["value"] is None or gap["low"] is None or gap["high"] is None:
        return "Whether the sides differ cannot be told: the difference has no interval."
    numbers = f"{line.title} {line.before['value']:.2f} and {line.after['value']:.2f}"
    bounds = f"difference {gap['value']:+.2f}, {gap['low']:+.2f} to {gap['high']:+.2f}".replace("-", "\u2212")
    if gap["low"] <= 0 <= gap["high"]:
        return f"{numbers}: the sides may be the same ({bounds}). That is no proof that they are."
    word = "higher" if gap["value"] > 0 else "lower"
    return (
        f"{numbers}: agreement is {word} on the second side ({bounds}). Readers who follow the same hint agree more "
        "without being right more often: read it beside their accuracy."
    )


def comparison_sheet(view: View) -> Iterator[tuple[Any, ...]]:
    """Yield one row a measure and side for a CSV file."""
    for part, one in view.found.estimates.items():
        what, side = quantity_of(part)
        reason = one.undefined or one.interval_undefined or ""
        yield (
            what, side, one.value, one.low, one.high, one.n_units, one.n_clusters, one.n_dropped, reason, one.method,
        )  # fmt: skip
