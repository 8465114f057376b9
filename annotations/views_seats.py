"""Page: who is asked to read which cases."""

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations import assignment
from annotations.errors import DomainError
from annotations.forms_setup import SeatsForm, place_refusal
from annotations.models import Assignment, Case, Exclusion, Project, Purpose, Reader
from annotations.navigation import enter, frame
from annotations.posted import member

GIVE = "give"


@dataclass(frozen=True, slots=True)
class ReaderShare:
    """How many readings a reader was asked for, has finished, and would be asked for now."""

    code: str
    who: str
    n_asked: int
    n_done: int
    n_new: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What the form would do: the new seats in all and by reader, and how many readings each case then has."""

    n_new: int
    by_reader: Counter[str]
    spread: list[tuple[int, int]]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def seats(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how the readings are shared out; show what more would be asked for, or ask for it."""
    user = member(request)
    project, standing = enter(user, slug, "project.manage")
    readers = readers_here(project)
    form = SeatsForm([(one.code, f"{one.code} · {one.user}") for one in readers], request.POST or None)
    plan = None
    if request.method == "POST" and form.is_valid():
        chosen = [reader for reader in readers if reader.code in form.cleaned_data["readers"]]
        if request.POST.get("do") == GIVE:
            n_new = given(user, project, chosen, form)
            if n_new is not None:
                messages.success(request, f"{n_new:,} readings are asked for." if n_new else "All of it was there.")
                return redirect("setup-seats", slug)
        else:
            plan = planned(project, chosen, form)
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "form": form,
        "n_cases": project.cases.count(),
        "shares": shares_of(project, plan),
        "spread": spread_of(project, Counter()),
        "plan": plan,
    }
    return render(request, "annotations/setup_seats.html", context)


def readers_here(project: Project) -> list[Reader]:
    """Return the active readers who can sign in and read here."""
    rows = project.readers.filter(deactivated_at__isnull=True, user__isnull=False)
    return list(rows.select_related("user").order_by("code"))


def cases_of(project: Project) -> list[Case]:
    """Return the cases that somebody may be asked to read: those that were not taken out."""
    excluded = Exclusion.objects.filter(case=OuterRef("pk"), revoked_at__isnull=True)
    return list(project.cases.exclude(Exists(excluded)).only("pk", "key", "project_id").order_by("pk"))


def given(user: User, project: Project, readers: list[Reader], form: SeatsForm) -> int | None:
    """Give the seats and return how many are new; None where it was refused, with the reason at its field."""
    cases = cases_of(project)
    try:
        if form.cleaned_data["how"] == SeatsForm.EVERY:
            return assignment.assign_readers(actor=user, project=project, cases=cases, readers=readers)
        n_readers = form.cleaned_data["n_readers"]
        return assignment.draw_readers(actor=user, project=project, cases=cases, readers=readers, n_readers=n_readers)
    except DomainError as refusal:
        place_refusal(form, refusal)
        return None


def planned(project: Project, readers: list[Reader], form: SeatsForm) -> Plan | None:
    """Return what the form would do; None where it is refused, with the reason at its field."""
    cases = cases_of(project)
    pairs: list[tuple[Case, Reader]]
    if form.cleaned_data["how"] == SeatsForm.EVERY:
        rows = Assignment.objects.filter(case__project=project, round=assignment.FIRST_ROUND)
        there = set(rows.values_list("case_id", "reader_id"))
        pairs = [(case, reader) for case in cases for reader in readers if (case.pk, reader.pk) not in there]
    else:
        try:
            pairs = assignment.drawn_seats(project, cases, readers, form.cleaned_data["n_readers"])
        except DomainError as refusal:
            place_refusal(form, refusal)
            return None
    by_case = Counter(case.pk for case, _ in pairs)
    return Plan(len(pairs), Counter(reader.code for _, reader in pairs), spread_of(project, by_case))


def spread_of(project: Project, more: Counter[int]) -> list[tuple[int, int]]:
    """Return how many cases have how many readings asked for in the first round, with ``more`` by case."""
    counting = Count("assignments", filter=Q(assignments__round=1, assignments__purpose=Purpose.TRUTH))
    rows = project.cases.annotate(n_readings=counting).values_list("pk", "n_readings")
    return sorted(Counter(n_readings + more[pk] for pk, n_readings in rows).items())


def shares_of(project: Project, plan: Plan | None) -> list[ReaderShare]:
    """Return every reader's share of the readings."""
    n_done = Count("assignments", filter=Q(assignments__finished_at__isnull=False))
    rows = project.readers.select_related("user").annotate(n_asked=Count("assignments"), n_done=n_done)
    return [
        ReaderShare(
            row.code,
            row.user.get_username() if row.user else "",
            row.n_asked,
            row.n_done,
            plan.by_reader[row.code] if plan else 0,
        )
        for row in rows.order_by("code")
    ]
