"""Who may do what, who sees which row, and what blinding shows in place of a name."""

import hashlib
import hmac
from collections.abc import Iterable
from string import ascii_uppercase

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.models import User as Person
from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.errors import Forbidden, NotFound
from annotations.models import Annotation, Assignment, Case, ImportBatch, Membership, Project, Role

User = Person | AnonymousUser

# Everything that can be done in a project, and who may. Whatever is not listed is refused.
ALLOWED: dict[str, frozenset[str]] = {
    "project.read": frozenset(Role.values),
    "project.manage": frozenset({Role.QA_LEAD}),
    "case.read": frozenset({Role.QA_LEAD, Role.ANNOTATOR}),
    "annotation.read": frozenset({Role.QA_LEAD, Role.ANNOTATOR}),
    "annotation.submit": frozenset({Role.ANNOTATOR}),
    "annotation.withdraw": frozenset({Role.QA_LEAD, Role.ANNOTATOR}),
    "case.exclude": frozenset({Role.QA_LEAD}),
    "import.submit": frozenset({Role.QA_LEAD}),
    "report.read": frozenset({Role.QA_LEAD}),
    "dispute.list": frozenset({Role.QA_LEAD, Role.ADJUDICATOR}),
    "dispute.settle": frozenset({Role.ADJUDICATOR}),
    "release.read": frozenset({Role.QA_LEAD, Role.VENDOR}),
    "release.freeze": frozenset({Role.QA_LEAD}),
    "release.sign": frozenset({Role.QA_LEAD, Role.VENDOR}),
    "audit.read": frozenset({Role.QA_LEAD}),
}

# Django's permission to open a project, which an administrator has and can give.
OPEN_PROJECTS = "annotations.add_project"

# The administrator runs the instance and sees no label without a membership.
ADMINISTRATOR = frozenset({"project.read", "project.manage"})


def role_in(user: User, project: Project) -> str | None:
    """Return the user's role in the project; None where there is no membership."""
    membership = Membership.objects.filter(project=project, user_id=user.pk or 0).first()
    return membership.role if membership else None


def may(user: User, project: Project, action: str) -> bool:
    """Say whether the user may do this in the project."""
    if action in ADMINISTRATOR and getattr(user, "is_superuser", False):
        return True
    role = role_in(user, project)
    return role is not None and role in ALLOWED[action]


def require(user: User, project: Project, action: str) -> None:
    """Refuse with 404 whoever may not know the project, with 403 whoever may not do this in it."""
    if may(user, project, action):
        return
    if not may(user, project, "project.read"):
        raise NotFound("No such project.")
    raise Forbidden("Your role in this project does not include this.")


def projects_visible_to(user: User) -> QuerySet[Project]:
    """Return the projects that the user may know of."""
    if getattr(user, "is_superuser", False):
        return Project.objects.all()
    return Project.objects.filter(memberships__user_id=user.pk or 0)


def project_for(user: User, slug: str, action: str = "project.read") -> Project:
    """Return a project by slug for an action, refusing as ``require`` does."""
    project = projects_visible_to(user).filter(slug=slug).first()
    if project is None:
        raise NotFound("No such project.")
    require(user, project, action)
    return project


def cases_visible_to(user: User) -> QuerySet[Case]:
    """Return the cases that the user may see: all for a QA lead, their own seats for an annotator."""
    lead = Q(project__memberships__user_id=user.pk or 0, project__memberships__role=Role.QA_LEAD)
    seat = Q(assignments__reader__user_id=user.pk or 0)
    return Case.objects.filter(lead | seat).distinct()


def annotations_visible_to(user: User) -> QuerySet[Annotation]:
    """Return the answers that the user may see: all for a QA lead, their own for an annotator, none else.

    Whoever reads a case again does not see the own earlier answers meanwhile.
    """
    lead = Q(case__project__memberships__user_id=user.pk or 0, case__project__memberships__role=Role.QA_LEAD)
    again = Assignment.objects.filter(
        case=OuterRef("case"), reader=OuterRef("reader"), sitting__gt=OuterRef("sitting"), finished_at__isnull=True
    )
    own = Q(reader__user_id=user.pk or 0) & ~Exists(again)
    return Annotation.objects.filter(lead | own).distinct()


def imports_visible_to(user: User) -> QuerySet[ImportBatch]:
    """Return the imports of the projects in which the user is QA lead."""
    return ImportBatch.objects.filter(
        project__memberships__user_id=user.pk or 0, project__memberships__role=Role.QA_LEAD
    )


def letters(project: Project, case: Case, round_number: int, codes: Iterable[str]) -> dict[str, str]:
    """Return the blinded letter of each reader code for one case and round.

    A keyed permutation: the same for everybody who views the round, unlinkable across cases.
    """
    key = project.secret.encode()

    def rank(code: str) -> bytes:
        text = f"{case.public_id}|{round_number}|{code}".encode()
        return hmac.new(key, text, hashlib.sha256).digest()

    ordered = sorted(set(codes), key=rank)
    return {code: letter_at(place) for place, code in enumerate(ordered)}


def letter_at(place: int) -> str:
    """Return A … Z, AA, AB … for a place counted from 0."""
    head, tail = divmod(place, len(ascii_uppercase))
    return (letter_at(head - 1) if head else "") + ascii_uppercase[tail]
