"""``manage.py export SLUG NUMBER --format coco --out FILE --as USERNAME``: write a release in another format."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from annotations.errors import NotFound
from annotations.management.base import VerbCommand, person_named
from annotations.permissions import project_for
from reports import release
from reports.errors import NotRenderable
from reports.exporters.base import sha256
from reports.registry import EXPORTERS


class Command(VerbCommand):
    """Render the frozen labels of a release; the signed package is not touched."""

    help = "Write the labels of a release in another format."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the release, the format, the questions and the file."""
        super().add_arguments(parser)
        parser.add_argument("slug", help="The project's short name.")
        parser.add_argument("number", type=int, help="Number of the release.")
        parser.add_argument("--as", dest="username", required=True, help="User name of whoever takes the file.")
        parser.add_argument("--format", dest="name", required=True, choices=list(EXPORTERS), help="The format.")
        parser.add_argument("--questions", default="", help="Codes with commas; all others are left out.")
        parser.add_argument("--out", type=Path, required=True, help="File to write; it must not be there yet.")

    def act(self, **options: Any) -> Any:
        """Render and write."""
        project = project_for(person_named(options["username"]), options["slug"], "release.read")
        row = project.releases.select_related("project", "parent").filter(number=options["number"]).first()
        if row is None:
            raise NotFound(f"There is no release {options['number']}.")
        codes = [code.strip() for code in options["questions"].split(",") if code.strip()]
        content = release.render_release(release=row, exporter=options["name"], questions=codes)
        target: Path = options["out"]
        try:
            with target.open("xb") as stream:
                stream.write(content)
        except OSError as error:
            raise NotRenderable(f"The file cannot be written: {error.strerror}.") from error
        return {"file": str(target), "bytes": len(content), "sha256": sha256(content)}
