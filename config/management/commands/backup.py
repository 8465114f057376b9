"""``manage.py backup PATH``: every row of one moment and every stored file, while the service runs on."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from annotations.management.base import VerbCommand
from config.backup import write_backup


class Command(VerbCommand):
    """Write one archive that ``restore`` takes; keys are not in it."""

    help = "Write the whole installation, without its keys, into one zip archive."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the archive."""
        super().add_arguments(parser)
        parser.add_argument("path", type=Path, help="The zip archive to write.")

    def act(self, **options: Any) -> dict[str, Any]:
        """Write it and say how much it holds."""
        manifest = write_backup(options["path"])
        return {
            "path": str(options["path"]),
            "tables": len(manifest["tables"]),
            "rows": sum(table["rows"] for table in manifest["tables"].values()),
            "files": len(manifest["files"]),
            "bytes": options["path"].stat().st_size,
        }
