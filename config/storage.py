"""Where files lie: static files under hashed names, stored files whole or not at all."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_MODULES = "js/"


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashes every file and follows ES-module imports in ``static/js`` only.

    Libraries are left as they came: some refer to files that their package does not contain.
    """

    support_js_module_import_aggregation = True

    def url_converter(self, name: str, hashed_files: Any, template: str | None = None) -> Callable[[Any], str]:
        """Return the rewriting of one file's references; foreign scripts keep theirs."""
        if name.endswith((".js", ".mjs")) and not name.startswith(OWN_MODULES):
            return _unchanged
        return super().url_converter(name, hashed_files, template)  # type: ignore[no-any-return]


def _unchanged(match: Any) -> str:
    return str(match.group(0))


class WholeFiles(FileSystemStorage):
    """Puts a file in its place when all of it is on the disk, so that a full disk or a kill leaves no half of it."""

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        place = Path(self.path(name))
        place.parent.mkdir(parents=True, exist_ok=True, mode=self.directory_permissions_mode or 0o777)
        handle, aside = tempfile.mkstemp(prefix=".part-", dir=place.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                for chunk in content.chunks():
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(aside, self.file_permissions_mode or 0o600)  # noqa: PTH101 - a name, as mkstemp gives it
            os.replace(aside, place)  # noqa: PTH105
        finally:
            Path(aside).unlink(missing_ok=True)
        _sync_folder(place.parent)
        return name


def _sync_folder(folder: Path) -> None:
    # The new name itself must outlive a power cut.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
