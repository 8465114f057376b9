"""Groups of cases in which readers agree less or more, as plain view data; the multiplicity is said with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.models import Question
from qc.models import Evaluation, SubgroupResult
from qc.settling.subgroups import AGE, AGES, SIZE, SIZES
from reports.charts.base import Chart
from reports.charts.forest import ForestRow, Reference, forest

TITLES = {
    "size": "Size of what was marked",
    "age": "Age in years",
    "sex": "Sex",
    "site": "Site",
    "scanner": "Scanner",
    "manufacturer": "Maker of the scanner",
}
# Bands stand by size and not by name.
ORDER = {
    (attribute, group): place
    for attribute, bands in ((SIZE, SIZES), (AGE, AGES))
    for place, (_, group) in enumerate(bands)
}
SUBGROUP_COLUMNS = (
    "attribute", "group", "n_units", "mean", "gap", "low", "high", "p", "p_holm", "undefined", "method",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group; ``p_holm`` is None where no test could be made, and ``why`` says why."""

    group: str
    n_units: int
    mean: float
    gap: Mapping[str, Any]
    p_holm: float | None
    why: str
    is_different: bool


@dataclass(frozen=True, slots=True)
class Attribute:
    """All groups of one attribute with their chart and a sentence."""

    title: str
    lines: tuple[GroupLine, ...]
    chart: Chart
    sentence: str


def rows_of(run: Evaluation | None, question: Question) -> list[SubgroupResult]:
    """Return the groups of the newest run on one question."""
    if run is None:
        return []
    return list(SubgroupResult.objects.filter(evaluation=run, question=question).order_by("attribute", "pk"))


def attributes_of(rows: Sequence[SubgroupResult]) -> tuple[Attribute, ...]:
    """Return the groups by attribute, in the order of their names."""
    by_name: dict[str, list[SubgroupResult]] = {}
    for row in rows:
        by_name.setdefault(row.attribute, []).append(row)
    return tuple(_attribute(name, found) for name, found in by_name.items())


def _attribute(name: str, rows: Sequence[SubgroupResult]) -> Attribute:
    title = TITLES.get(name, name.replace("_", " ").capitalize())
    lines = tuple(_line(row) for row in sorted(rows, key=lambda row: ORDER.get((name, row.group), 0)))
    chart = forest(
        [_forest_row(line) for line in lines],
        name=f"subgroups-{name}",
        title=f"{title}: agreement beside all other cases",
        axis="difference of mean agreement, 95 % bounds over patients",
        reference=Reference(0.0, "no difference"),
    )
    return Attribute(title, lines, chart, sentence_of(title, lines))


def _line(row: SubgroupResult) -> GroupLine:
    test, gap = row.test, row.gap
    p_holm = (test.get("details") or {}).get("p_holm")
    why = str(test.get("undefined") or gap.get("undefined") or "").replace("_", " ")
    low, high = gap.get("low"), gap.get("high")
    beyond = low is not None and high is not None and (low > 0 or high < 0)
    # Where patients are in several groups they cannot be exchanged, and the interval has to speak alone.
    is_different = p_holm < 0.05 if p_holm is not None else False
    return GroupLine(row.group, row.n_units, row.mean, gap, p_holm, why, is_different or (p_holm is None and beyond))


def _forest_row(line: GroupLine) -> ForestRow:
    gap = line.gap
    reason = gap.get("undefined") or gap.get("interval_undefined") or ""
    return ForestRow(line.group, gap["value"], gap["low"], gap["high"], line.n_units, reason)


def sentence_of(title: str, lines: Sequence[GroupLine]) -> str:
    """Return what the groups say, and what they do not."""
    lower = [line for line in lines if line.is_different and (line.gap["value"] or 0) < 0]
    higher = [line for line in lines if line.is_different and (line.gap["value"] or 0) > 0]
    parts = [
        f"{word} in {', '.join(f'“{line.group}”' for line in found)}"
        for word, found in (("less", lower), ("more", higher))
        if found
    ]
    if all(line.gap["value"] is None for line in lines):
        few = "No group differs as far as can be told: none has ten patients in it and ten outside."
        return f"{few} That is no proof that they are alike."
    tested = any(line.p_holm is not None for line in lines)
    how = (
        "after Holm's correction for the number of groups"
        if tested
        else "by intervals that are not corrected for the number of groups, since patients are in several of them"
    )
    if not parts:
        return f"No group differs from the others, {how}. That is no proof that they are alike."
    return f"Readers agree {' and '.join(parts)}, {how}. A group differs in more than its name: look at its cases."


def subgroup_sheet(rows: Sequence[SubgroupResult]) -> Iterator[tuple[Any, ...]]:
    """Yield one row a group for a CSV file."""
    for row in rows:
        gap, test = row.gap, row.test
        adjusted = (test.get("details") or {}).get("p_holm")
        why = gap.get("undefined") or test.get("undefined")
        yield (
            row.attribute, row.group, row.n_units, row.mean, gap["value"], gap["low"], gap["high"], test["p"], adjusted,
            why, gap["method"],
        )  # fmt: skip
