"""``manage.py verify PACKAGE``: check a package against its own reads; the database is not asked."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from annotations.management.base import VerbCommand
from reports.verification.verify import verify_package

DIFFERENT = 3
USAGE = 2


class Command(VerbCommand):
    """Exit 0 when everything was reproduced, 3 when anything differs or could not be decided, 2 for wrong usage."""

    help = "Check a release package offline: signature, hashes, ledger, labels, statistics."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the package and the key."""
        super().add_arguments(parser)
        parser.add_argument("package", type=Path, help="The zip archive, or the folder that it was unpacked to.")
        parser.add_argument("--key", type=Path, help="PEM file of the public key that must have signed it.")
        parser.add_argument("--notices", type=Path, help="What was said about it since: the JSON of …/notices.")

    def act(self, **options: Any) -> Any:
        """Check the package."""
        for path in (options["package"], options["key"], options["notices"]):
            if path is not None and not path.exists():
                raise CommandError(f"There is no {path}.", returncode=USAGE)
        key = options["key"].read_bytes() if options["key"] else None
        notices = options["notices"].read_bytes() if options["notices"] else None
        report = verify_package(options["package"], key, notices)
        self.is_equal = report.is_equal
        return report.as_dict() if self.wants_json else "\n".join(report.lines())

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the report, then end with the exit code that it deserves."""
        self.wants_json = bool(options["as_json"])
        super().handle(*args, **options)
        if not self.is_equal:
            raise CommandError("Not everything was reproduced.", returncode=DIFFERENT)
