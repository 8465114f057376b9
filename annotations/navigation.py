"""What the frame of every page shows: where one is, as whom, and whom to credit."""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User

from annotations.errors import Forbidden, NotFound
from annotations.models import Project, Role
from annotations.permissions import ADMINISTRATOR, ALLOWED, projects_visible_to, role_in

# Sections of a project's navigation and the action that each one needs.
SECTIONS = {
    "overview": "project.read",
    "reading": "annotation.submit",
    "agreement": "report.read",
    "readers": "report.read",
    "queue": "dispute.list",
    "releases": "release.read",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's role in one project, asked for once a page."""

    role: str | None
    actions: frozenset[str] = field(default_factory=frozenset)

    @property
    def title(self) -> str:
        """Return the role for people."""
        return str(Role(self.role).label) if self.role else "Administrator"

    def may(self, action: str) -> bool:
        """Say whether the role includes an action."""
        return action in self.actions


def enter(user: User | AnonymousUser, slug: str, action: str = "project.read") -> tuple[Project, Standing]:
    """Return a project and the person's standing in it: 404 for whoever may not know it, 403 for a lacking role."""
    project = projects_visible_to(user).filter(slug=slug).first()
    if project is None:
        raise NotFound("No such project.")
    standing = standing_of(user, project)
    if not standing.may(action):
        raise Forbidden("Your role in this project does not include this.")
    return project, standing


def standing_of(user: User | AnonymousUser, project: Project) -> Standing:
    """Return the person's role in the project with everything that it allows."""
    role = role_in(user, project)
    allowed = {action for action, roles in ALLOWED.items() if role in roles}
    return Standing(role, frozenset(allowed | (ADMINISTRATOR if user.is_superuser else set())))


def frame(project: Project | None = None, section: str = "", standing: Standing | None = None) -> dict[str, Any]:
    """Return the context that the base template needs."""
    may = standing.may if standing is not None else (lambda action: False)
    return {
        "nav_project": project,
        "nav_section": section,
        "nav_role": standing.title if standing is not None else "",
        "nav_sections": [name for name, action in SECTIONS.items() if name == "overview" or may(action)],
        "attributions": credits_of(project) if project is not None else [],
        "consilium_version": settings.VERSION,
    }


def credits_of(project: Project) -> list[dict[str, str]]:
    """Return a project's credit as a first sentence that always stands and the rest that unfolds."""
    text = project.attribution.strip()
    if not text:
        return []
    head, stop, rest = text.partition(". ")
    return [{"text": head + (stop and "."), "rest": rest}]
