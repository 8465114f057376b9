"""What a page computed, kept under a digest of everything it was computed from, so that it is never stale unsaid.

Every fact of a project is an event of its chain, whose hash therefore names the state of all of them. What changes
without an event (a case that waits to be evaluated, the hour) is part of the key too. Nothing is ever invalidated:
another state has another key, and what nobody asks for any more falls out.
"""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import caches
from django.db.models import Count, OuterRef, Subquery

from annotations import locking
from annotations.labels.base import canonical
from annotations.models import Case, Project
from qc.settling.base import CODE_VERSION

Value = TypeVar("Value")
CACHE = "reports"


def kept(project: Project, name: str, parts: list[Any], make: Callable[[], Value]) -> Value:
    """Return what ``make`` returns, computed once for a state of the project.

    ``parts`` are the plain values that it depends on beside the project.
    """
    key = key_of(project, name, parts)
    # In a tuple, so that "nothing" is an answer that is kept as well.
    found: tuple[Value] | None = caches[CACHE].get(key)
    if found is None:
        found = (make(),)
        caches[CACHE].set(key, found)
    return found[0]


def key_of(project: Project, name: str, parts: list[Any]) -> str:
    """Return the digest of a figure's name and of all that it depends on."""
    content = [settings.VERSION, CODE_VERSION, project.secret, *state_of(project), name, *parts]
    return hashlib.sha256(canonical({"of": content}).encode()).hexdigest()


def state_of(project: Project) -> list[Any]:
    """Return what names a project's state: the end of its chain, the cases that wait, and the hour."""
    due = Case.objects.filter(project=OuterRef("pk"), due_at__isnull=False).order_by().values("project")
    waiting = Subquery(due.annotate(n=Count("pk")).values("n"))
    # One question for both: a page asks for the state once for each of its parts.
    head, n_waiting = Project.objects.filter(pk=project.pk).values_list("audit_head__hash", waiting).get()
    # Forecasts and waiting times depend on the clock: an hour is as old as they may become.
    return [head or "", n_waiting or 0, f"{locking.now():%Y-%m-%dT%H}"]
