"""Where people's work is: the list of projects, and a person's own work in one of them."""

from dataclasses import dataclass, replace

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Q
from django.urls import reverse

from annotations.models import Assignment, Membership, Project, Role
from annotations.navigation import Standing
from annotations.permissions import projects_visible_to
from annotations.selectors import questions_of, worklist
from qc.models import Adjudication
from qc.selectors import ledger, open_disputes, queue_for
from reports.scorecards import LedgerView, counted, ledger_view, progress_of, waiting_words

# The section in which a role's work is; every other role's is the overview.
WORK = {
    Role.ADJUDICATOR: "queue",
    Role.VENDOR: "releases",
}


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project in the list."""

    name: str
    slug: str
    role: str
    href: str
    is_simulated: bool
    words: str = ""
    ledger: LedgerView | None = None
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class OwnWork:
    """What one person has to do in a project."""

    title: str
    words: str
    done: int
    total: int
    href: str
    action: str


def project_lines(user: User | AnonymousUser) -> tuple[ProjectLine, ...]:
    """Return the projects that a person may know of, by name, without their counts."""
    roles = dict(Membership.objects.filter(user_id=user.pk or 0).values_list("project_id", "role"))
    rows = projects_visible_to(user).order_by("name").distinct()
    return tuple(project_line(project, roles.get(project.pk)) for project in rows)


def project_line(project: Project, role: str | None) -> ProjectLine:
    """Return one row of the list, with the way to the person's work."""
    section = WORK.get(Role(role), "overview") if role else "overview"
    return ProjectLine(
        name=project.name,
        slug=project.slug,
        role=str(Role(role).label) if role else "Administrator",
        href=reverse(section, args=[project.slug]),
        is_simulated=bool(project.simulated_note),
    )


def counted_line(project: Project, standing: Standing, user: User | AnonymousUser) -> ProjectLine:
    """Return one row of the list with what waits and where the cells stand."""
    sees = standing.may("report.read") or standing.may("release.read")
    questions = questions_of(project) if sees else []
    book = ledger_view(ledger(project, questions), questions, slug=project.slug) if sees else None
    words = work_words(project, standing.role, user)
    return replace(project_line(project, standing.role), words=words, ledger=book, is_counted=True)


def work_words(project: Project, role: str | None, user: User | AnonymousUser) -> str:
    """Return what waits for this person, in words."""
    if role == Role.ADJUDICATOR and isinstance(user, User):
        waiting = queue_for(user, project).count()
        return f"{waiting_words(waiting, 'dispute')} for you" if waiting else "Nothing waits for you"
    if role == Role.ANNOTATOR and isinstance(user, User):
        waiting = worklist(user, project).count()
        return f"{waiting_words(waiting, 'case')} for you" if waiting else "You have read everything assigned"
    work = progress_of(project)
    if work.state == "running":
        return f"{work.words} {work.done:,} of {work.total:,} {work.noun}" if work.total else work.words
    if role == Role.QA_LEAD:
        return f"{waiting_words(open_disputes(project).count(), 'dispute')} for a physician"
    if role == Role.VENDOR:
        count = project.releases.count()
        return counted(count, "release") if count else "No release yet"
    return counted(work.total, "case")


def own_work(user: User | AnonymousUser, project: Project, standing: Standing) -> OwnWork | None:
    """Return a reader's or adjudicator's own work; None for others."""
    if not isinstance(user, User):
        return None
    if standing.may("dispute.settle"):
        waiting = queue_for(user, project).count()
        signed = Adjudication.objects.filter(adjudicator=user, dispute__project=project).count()
        words = f"{waiting_words(waiting, 'dispute')} for you." if waiting else "Nothing waits for you."
        return OwnWork("Adjudication", words, signed, signed + waiting, reverse("queue", args=[project.slug]), "Queue")
    if standing.may("annotation.submit"):
        seats = Assignment.objects.filter(case__project=project, reader__user=user).aggregate(
            n=Count("pk"), done=Count("pk", filter=Q(finished_at__isnull=False))
        )
        waiting = seats["n"] - seats["done"]
        words = f"{waiting_words(waiting, 'case')} for you." if waiting else "No case is assigned to you at present."
        return OwnWork("Reading", words, seats["done"], seats["n"], "", "")
    return None
