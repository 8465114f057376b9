"""``manage.py images``: take images into a project, with what identifies a patient left at the door."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from annotations import imaging
from annotations.errors import InvalidInput
from annotations.images.dicom import Opener
from annotations.imaging import Handed, Wishes
from annotations.management.base import VerbCommand, person_named
from annotations.permissions import project_for


class Command(VerbCommand):
    """Take the images of files and folders; series of DICOM slices are put together by their UIDs."""

    _n_opened = 0
    help = "Register DICOM, NIfTI, PNG, JPEG or TIFF images as cases; nothing that identifies a patient is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the files and what is known of them."""
        super().add_arguments(parser)
        parser.add_argument("project", help="Short name of the project.")
        parser.add_argument("paths", nargs="+", type=Path, help="Files and folders.")
        parser.add_argument("--as", dest="username", required=True, help="User name of the QA lead who hands them in.")
        parser.add_argument("--case", default="", help="Key of the case, for a single image.")
        parser.add_argument("--subject", default="", help="Pseudonym of the patient, for a single image.")
        parser.add_argument("--keep-names", action="store_true", help="File names are pseudonyms and become the keys.")
        parser.add_argument("--clean-pixels", action="store_true", help="You have looked: no name is burnt in.")
        parser.add_argument("--take", choices=["all", "good"], default="all", help="good: take what can be taken.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would be taken; write nothing.")

    def act(self, **options: Any) -> dict[str, Any]:
        """Take the images."""
        actor = person_named(options["username"])
        project = project_for(actor, options["project"], "project.manage")
        paths = [path for given in options["paths"] for path in files_of(given)]
        # Each file is opened for its first bytes and for its header, and for its pixels; twice where nothing may be
        # taken before everything has been looked through.
        times = 3 * (1 if options["dry_run"] or options["take"] == "good" else 2)
        files = [Handed(path.name, self._counted(path, times * len(paths))) for path in paths]
        wishes = Wishes(
            case=options["case"],
            subject=options["subject"],
            keeps_names=options["keep_names"],
            is_clean=options["clean_pixels"],
            takes_good=options["take"] == "good",
        )
        return imaging.receive_images(
            actor=actor, project=project, files=files, wishes=wishes, dry_run=options["dry_run"]
        )

    def _counted(self, path: Path, total: int) -> Opener:
        """Return what opens a file, and shows how far all of them are."""

        def opened() -> BinaryIO:
            self._n_opened += 1
            self.progress(self._n_opened, total, "steps")
            return path.open("rb")

        return opened

    def say(self, result: Any) -> str:
        """Return one line an image, and a sum that closes."""
        lines = [self._taken(one, is_dry=result["dry_run"]) for one in result["taken"]]
        lines += [f"refused  {one['code']}: {one['detail']} (file {files(one)})" for one in result["refused"]]
        n_taken = sum(len(one["files"]) for one in result["taken"])
        n_refused = sum(len(one["files"]) for one in result["refused"])
        return "\n".join([*lines, f"{result['n_files']} files = {n_taken} taken + {n_refused} refused"])

    def _taken(self, one: dict[str, Any], *, is_dry: bool) -> str:
        words = "would take" if is_dry else "taken" if one["is_new"] else "unchanged"
        sizes = " × ".join(map(str, one["shape"]))
        spacing = " × ".join(f"{step:.3g}" for step in one["spacing_mm"]) + " mm" if one["spacing_mm"] else "no spacing"
        removed = f"; {len(one['removed'])} attributes and {one['n_private']} private ones not kept"
        return f"{words:<11}{one['case']}  {sizes} voxels, {spacing}{removed if one['removed'] else ''}"


def files(one: dict[str, Any]) -> str:
    """Return the places of files for people."""
    return ", ".join(map(str, one["files"][:6])) + (" …" if len(one["files"]) > 6 else "")


def files_of(path: Path) -> Iterator[Path]:
    """Yield a file, or the files of a folder and the folders in it, in the order of their names."""
    if path.is_dir():
        yield from sorted(one for one in path.rglob("*") if one.is_file() and not one.is_symlink())
    elif path.is_file():
        yield path
    else:
        raise InvalidInput("A path names no file and no folder.")
