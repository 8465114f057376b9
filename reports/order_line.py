"""The order of a release, and the making of its files, as lines of progress."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from annotations.models import Project
from reports.models import GoldRelease, ReleaseOrder
from reports.release import STEPS


@dataclass(frozen=True, slots=True)
class WorkLine:
    """Work as ``components/_progress.html`` shows it; ``refusal`` says why an order has no release."""

    done: int
    total: int
    words: str
    state: str
    url: str
    note: str = ""
    noun: str = "steps"
    refusal: str = ""
    errors: tuple[str, ...] = ()
    may_cancel: bool = False
    may_retry: bool = False


def order_line(project: Project) -> WorkLine | None:
    """Return the newest order as far as it still says something: open, or refused since the newest release."""
    row = ReleaseOrder.objects.filter(project=project).order_by("-pk").first()
    if row is None or row.release_id is not None or row.cancelled_by_id is not None:
        return None
    common: dict[str, Any] = {
        "done": row.n_steps,
        "total": STEPS + 1,
        "url": reverse("releases-progress", args=[project.slug]),
    }
    if row.refusal:
        errors = tuple(str(one["detail"]) for one in row.refusal["errors"])
        return WorkLine(**common, words="Not frozen", state="failed", refusal=row.refusal["detail"], errors=errors)
    if row.is_stuck:
        note = f"Tried {row.attempts} times: {row.last_error}."
        return WorkLine(**common, words="Not frozen", state="failed", note=note, may_cancel=True, may_retry=True)
    note = f"Tried {row.attempts} times: {row.last_error}. It is tried again." if row.last_error else ""
    return WorkLine(**common, words="The release is being frozen", state="running", note=note, may_cancel=True)


def files_line(row: GoldRelease) -> WorkLine | None:
    """Return the making of a release's files; None when nothing is under way."""
    if row.due_at is None:
        return None
    url = reverse("release-progress", args=[row.project.slug, row.number])
    if row.is_stuck:
        note = f"Tried {row.attempts} times: {row.last_error}."
        return WorkLine(0, 0, "Its files could not be made", "failed", url, note)
    return WorkLine(0, 0, "The worker is making the files; you may leave the page", "running", url)
