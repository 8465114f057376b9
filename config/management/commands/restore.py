"""``manage.py restore PATH``: put a backup into an empty database, then check audit chains and releases."""

import shutil
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from annotations import audit
from annotations.management.base import VerbCommand
from annotations.models import Project
from config.backup import restore_backup
from reports import release
from reports.models import GoldRelease
from reports.verification.verify import verify_package

DIFFERENT = 3


class Command(VerbCommand):
    """Exit 0 when every chain is whole and every release verifies, 1 when refused, 3 when anything differs."""

    help = "Put a backup into an empty, migrated database and check it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the archive."""
        super().add_arguments(parser)
        parser.add_argument("path", type=Path, help="The archive that backup wrote.")

    def act(self, **options: Any) -> dict[str, Any]:
        """Restore, then verify what came back."""
        if not options["path"].exists():
            raise CommandError(f"There is no {options['path']}.", returncode=2)
        done: dict[str, Any] = dict(restore_backup(options["path"]))
        done["audit_chains_broken"] = [row.slug for row in Project.objects.all() if audit.first_break(row) is not None]
        built = GoldRelease.objects.filter(files__isnull=False).distinct().select_related("project")
        done["releases"] = built.count()
        done["releases_differing"] = [f"{row.project.slug} {row.number}" for row in built if not _verifies(row)]
        self.is_whole = not done["audit_chains_broken"] and not done["releases_differing"]
        return done

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came back, then end with the exit code that it deserves."""
        super().handle(*args, **options)
        if not self.is_whole:
            raise CommandError("What came back is not what was kept.", returncode=DIFFERENT)


def _verifies(row: GoldRelease) -> bool:
    with tempfile.NamedTemporaryFile(suffix=".zip") as copy:
        with release.package_zip(row) as stream:
            shutil.copyfileobj(stream, copy)
        copy.flush()
        return verify_package(Path(copy.name)).is_equal
