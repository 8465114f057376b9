"""``manage.py audit verify|export|seen``: check the chain of events, hand it out, say who saw what."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError

from annotations import audit
from annotations.errors import NotFound
from annotations.management.base import VerbCommand
from annotations.models import AuditEvent, Exposure, Project

DIFFERENT = 3


class Command(VerbCommand):
    """Exit 0 when every chain is whole, 3 when one is broken."""

    help = "Check, export or question the record of who did and saw what."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add what is asked for and the project."""
        super().add_arguments(parser)
        parser.add_argument("what", choices=["verify", "export", "seen"], help="Check, events, or who saw what.")
        parser.add_argument("slug", nargs="?", help="The project's short name; all projects when left out of verify.")

    def act(self, **options: Any) -> Any:
        """Look at the projects that were asked for."""
        self.is_whole = True
        projects = Project.objects.order_by("slug")
        if options["slug"]:
            projects = projects.filter(slug=options["slug"])
            if not projects:
                raise NotFound(f"There is no project {options['slug']}.")
        elif options["what"] != "verify":
            raise CommandError("Name the project.", returncode=2)
        if options["what"] == "verify":
            return self._verify(list(projects))
        lines = event_lines(projects[0]) if options["what"] == "export" else seen_lines(projects[0])
        for line in lines:
            self.stdout.write(json.dumps(line, default=str, ensure_ascii=False))
        return None

    def _verify(self, projects: list[Project]) -> list[dict[str, Any]]:
        rows = []
        for project in projects:
            broken = audit.first_break(project)
            self.is_whole &= broken is None
            rows.append({"project": project.slug, "n_events": project.audit_events.count(), "breaks_at": broken})
        return rows

    def say(self, result: Any) -> str:
        """Return one line a project."""
        return "\n".join(
            f"{row['project']}: {row['n_events']} events, "
            + ("the chain is whole" if row["breaks_at"] is None else f"BROKEN at event {row['breaks_at']}")
            for row in result
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print, then end with the exit code that the chains deserve."""
        if options["what"] == "verify":
            super().handle(*args, **options)
        else:
            # Streamed line by line: a record of years is not held in memory.
            self.stream(**options)
        if not self.is_whole:
            raise CommandError("A chain of events is broken.", returncode=DIFFERENT)

    def stream(self, **options: Any) -> None:
        """Print lines as they are read; a refusal reads as everywhere."""
        try:
            self.act(**options)
        except NotFound as refusal:
            raise CommandError(f"Refused: {refusal.code}: {refusal.detail}", returncode=1) from refusal


def event_lines(project: Project) -> Iterator[dict[str, Any]]:
    """Yield every event with its hash, in order; the chain can be recomputed from the lines alone."""
    for event in AuditEvent.objects.filter(project=project).select_related("actor").order_by("number").iterator():
        name = event.actor.get_username() if event.actor else None
        yield {**audit.link(event), "actor_name": name, "previous": event.previous, "hash": event.hash}


def seen_lines(project: Project) -> Iterator[dict[str, Any]]:
    """Yield who was shown which answer, when and at which stage."""
    rows = Exposure.objects.filter(case__project=project).order_by("shown_at", "pk")
    for row in rows.select_related("viewer", "case", "annotation__reader", "annotation__question").iterator():
        answer = row.annotation
        yield {
            "at": row.shown_at.isoformat(),
            "viewer": row.viewer.get_username(),
            "case": row.case.key,
            "question": answer.question.code,
            "answer_of": answer.reader.code,
            "stage": row.stage,
        }
