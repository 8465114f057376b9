"""The tables of the reports as rows of a CSV file, with the numbers that the page rounds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.http import HttpResponse

from qc.agreement.base import parted
from qc.registry import STATISTICS
from reports.exporters._csv import write_csv
from reports.panels import QuestionRow
from reports.units import UnitRow

Row = Sequence[str | int | float | None]

ESTIMATE_COLUMNS = (
    "statistic", "value", "low", "high", "level", "n_units", "n_raters", "n_clusters", "n_dropped", "dropped_why",
    "undefined", "interval_undefined", "method", "seed", "warnings",
)  # fmt: skip
AGREEMENT_COLUMNS = ("question", "title", *ESTIMATE_COLUMNS)
PANEL_COLUMNS = (*ESTIMATE_COLUMNS, "reference")
UNIT_COLUMNS = ("case", "finding", "agreement", "answers", "state")


def estimate_row(name: str, estimate: Mapping[str, Any]) -> Row:
    """Return an estimate as cells."""
    fields = [estimate.get(column) for column in ESTIMATE_COLUMNS[1:-1]]
    return (name, *fields, " ".join(estimate.get("warnings") or ()))


def agreement_rows(rows: Iterable[QuestionRow]) -> Iterator[Row]:
    """Yield one row for each question and statistic."""
    for row in rows:
        for figure in row.figures:
            if figure.estimate is not None:
                yield (row.code, row.title, *estimate_row(figure.name, figure.estimate))


def panel_rows(estimates: Mapping[str, Mapping[str, Any]]) -> Iterator[Row]:
    """Yield one row for each statistic of a question."""
    for name, estimate in estimates.items():
        yield (*estimate_row(name, estimate), STATISTICS[parted(name)[0]].reference)


def unit_rows(units: Iterable[UnitRow]) -> Iterator[Row]:
    """Yield one row for each unit."""
    for unit in units:
        yield (unit.case, unit.number, unit.agreement, unit.words, unit.state)


def csv_response(name: str, columns: Sequence[str], rows: Iterable[Row]) -> HttpResponse:
    """Return a table as a CSV file to be saved."""
    response = HttpResponse(write_csv(columns, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
