"""Agreement over time as plain view data: by the month of the last reading, or by the file that brought it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Min

from annotations.models import Annotation, Assignment, Project, Purpose, Question
from qc.measuring import comparable_units
from qc.settling.measure import material_of
from qc.settling.periods import MOST_PERIODS, Period, over_time
from reports.charts.base import Chart
from reports.charts.forest import ForestRow, Reference, forest
from reports.kept import kept

MONTH, FILE = "month", "file"
HISTORY_COLUMNS = (
    "by", "period", "n_units", "n_patients", "mean", "low", "high", "gap", "gap_low", "gap_high", "p_holm", "undefined",
)  # fmt: skip
NAMES = {MONTH: "Month of the last reading", FILE: "File that brought the readings"}


@dataclass(frozen=True, slots=True)
class History:
    """The periods of a question with their chart and a sentence."""

    by: str
    title: str
    periods: tuple[Period, ...]
    chart: Chart
    sentence: str


def histories_of(project: Project, question: Question) -> tuple[History, ...]:
    """Return a question's agreement by month and by file, each where it divides the cases; once for a state."""
    return kept(project, "history", [question.pk], lambda: _histories(project, question))


def _histories(project: Project, question: Question) -> tuple[History, ...]:
    material = material_of(comparable_units(project, question))
    found = []
    for by, periods in ((MONTH, months_of(project)), (FILE, files_of(project))):
        rows = over_time(material, periods)
        if rows:
            found.append(History(by, NAMES[by], tuple(rows), picture(by, rows), sentence_of(rows)))
    return tuple(found)


def months_of(project: Project) -> dict[str, str]:
    """Return the month in which the last reader of each case finished; cases that came from files have none."""
    imported = Annotation.objects.filter(case__project=project, batch__isnull=False).values("case")
    seats = Assignment.objects.filter(case__project=project, finished_at__isnull=False, round=1, purpose=Purpose.TRUTH)
    last = seats.exclude(case__in=imported).values_list("case__key").annotate(last=Max("finished_at"))
    return {key: moment.strftime("%Y-%m") for key, moment in last}


def files_of(project: Project) -> dict[str, str]:
    """Return which file first brought readings of a case, numbered in the order in which they came."""
    rows = Annotation.objects.filter(case__project=project, batch__isnull=False)
    first = dict(rows.values_list("case__key").annotate(first=Min("batch")))
    names = dict(project.imports.values_list("pk", "file_name"))
    places = {pk: place for place, pk in enumerate(sorted(set(first.values())), start=1)}
    return {key: f"{places[pk]:03d} {names[pk]}" for key, pk in first.items()}


def picture(by: str, rows: Sequence[Period]) -> Chart:
    """Draw the periods, oldest first."""
    return forest(
        [_row(one) for one in rows],
        name=f"history-{by}",
        title=f"Agreement over time: {NAMES[by].lower()}",
        axis="mean agreement of a unit, 95 % bounds over patients",
        reference=Reference(_whole(rows), "all of them"),
    )


def _row(one: Period) -> ForestRow:
    mean = one.mean
    reason = mean.undefined or mean.interval_undefined or ""
    return ForestRow(one.name, mean.value, mean.low, mean.high, mean.n_units, reason)


def _whole(rows: Sequence[Period]) -> float:
    n = sum(one.mean.n_units for one in rows)
    return sum((one.mean.value or 0.0) * one.mean.n_units for one in rows) / n


def sentence_of(rows: Sequence[Period]) -> str:
    """Return what the periods say, and what they do not."""
    tested = [one for one in rows if one.test is not None and one.test.p is not None]
    if not tested:
        return (
            "Whether agreement moved cannot be told: no period has ten patients in it and ten outside, or patients "
            "were read in several periods. That is no proof that it did not."
        )
    moved = [one for one in tested if one.test is not None and one.test.details.get("p_holm", 1.0) < 0.05]
    newest = f" Only the newest {MOST_PERIODS} are shown." if len(rows) == MOST_PERIODS else ""
    if not moved:
        return (
            "No period differs from the others, after Holm's correction for their number. That is no proof that "
            f"agreement stayed the same.{newest}"
        )
    words = ", ".join(f"{'more' if one.gap and (one.gap.value or 0) > 0 else 'less'} in “{one.name}”" for one in moved)
    return (
        f"Readers agree {words}, after Holm's correction for the number of periods. Harder cases, other readers or a "
        f"new guideline would all look like this: see the cases before a cause is named.{newest}"
    )


def history_sheet(histories: Sequence[History]) -> Iterator[tuple[Any, ...]]:
    """Yield one row a period for a CSV file."""
    for history in histories:
        for one in history.periods:
            mean, gap, test = one.mean, one.gap, one.test
            reason = mean.undefined or mean.interval_undefined or (gap.undefined if gap else "") or ""
            yield (
                history.by, one.name, mean.n_units, mean.n_clusters, mean.value, mean.low, mean.high,
                gap.value if gap else None, gap.low if gap else None, gap.high if gap else None,
                test.details.get("p_holm") if test else None, reason,
            )  # fmt: skip
