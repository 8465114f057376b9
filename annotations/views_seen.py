"""Page and file: who was shown whose answer, when and at which stage."""

import csv
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from annotations.errors import Forbidden
from annotations.models import Exposure, Project, Role
from annotations.navigation import Standing, enter, frame
from annotations.posted import member
from annotations.selectors import exposures, viewers

ROWS = 50
COLUMNS = ("shown_at", "viewer", "case", "question", "answer_of", "stage")
# A spreadsheet takes a cell that starts so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def enter_record(user: User, slug: str) -> tuple[Project, Standing]:
    """Return the project for whoever may know who saw what: its lead, and an administrator who has no part in it.

    An administrator who reads or decides in the project is as blind there as everybody else.
    """
    project, standing = enter(user, slug)
    if not (standing.role == Role.QA_LEAD or (standing.role is None and user.is_superuser)):
        raise Forbidden("Your role in this project does not include this.")
    return project, standing


@login_required
@never_cache
@require_safe
def seen(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the record, a page at a time, of one person or one case where asked."""
    project, standing = enter_record(member(request), slug)
    wanted = asked(request)
    page = Paginator(exposures(project, **wanted), ROWS).get_page(request.GET.get("page"))
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "page": page,
        "rows": page.object_list,
        "people": viewers(project),
        "person": wanted["person"],
        "case_key": wanted["case"],
        "is_filtered": any(wanted.values()),
    }
    return render(request, "annotations/seen.html", context)


@login_required
@never_cache
@require_safe
def seen_file(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Hand the same rows out as CSV, line by line: a record of years is not held in memory."""
    project, _ = enter_record(member(request), slug)
    answer = StreamingHttpResponse(csv_lines(project, asked(request)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{project.slug}-who-saw-what.csv"'
    return answer


def asked(request: HttpRequest) -> dict[str, str]:
    """Return the filters of the address."""
    # A zero byte is in no name, and PostgreSQL refuses to be asked for one.
    return {name: request.GET.get(name, "").replace("\0", "").strip() for name in ("person", "case")}


class Line:
    """What the writer of CSV writes to: it hands each line back."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


def csv_lines(project: Project, wanted: dict[str, str]) -> Iterator[str]:
    """Yield the heading and one line an exposure."""
    writer: Any = csv.writer(Line(), lineterminator="\n")
    yield writer.writerow(COLUMNS)
    for row in exposures(project, **wanted).iterator(chunk_size=500):
        yield writer.writerow([plain_cell(text) for text in cells(row)])


def cells(row: Exposure) -> tuple[str, ...]:
    """Return the columns of one exposure."""
    answer = row.annotation
    at = row.shown_at.isoformat()
    return (at, row.viewer.get_username(), row.case.key, answer.question.code, answer.reader.code, row.stage)


def plain_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
