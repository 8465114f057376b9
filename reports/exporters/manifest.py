"""The table of contents that is signed, and the archive that holds the files."""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from reports.exporters.base import digest_of, json_file, sha256

FORMAT = "consilium-release/1"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
PUBLIC_KEY = "key.pub"
# What the manifest cannot list: itself, its signature, and the key, which the manifest names by its id.
UNLISTED = frozenset({MANIFEST, SIGNATURE, PUBLIC_KEY})

_EARLIEST = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16
_UNIX = 3


def manifest(release: Mapping[str, Any], files: Mapping[str, bytes], key_id: str) -> bytes:
    """Return manifest.json.

    Parameters
    ----------
    release : mapping
        project, number, digest, frozen_at, parent and software.
    files : mapping
        Name to bytes of every other file of the package.
    key_id : str
        Names the public key: the first 16 digits of the SHA-256 of its raw bytes.

    Returns
    -------
    bytes
        Canonical JSON. ``root`` is the SHA-256 over the canonical list of paths, sizes and digests.
    """
    listed = [
        {"path": name, "bytes": len(content), "sha256": sha256(content)} for name, content in sorted(files.items())
    ]
    body = {**release, "format": FORMAT, "files": listed, "root": root_of(listed), "key": key_id}
    return json_file(body)


def root_of(listed: object) -> str:
    """Return the one digest over the list of files."""
    return digest_of({"files": listed})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return a zip archive of the files, the same bytes each time: sorted, without times or owners."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=_EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = _PLAIN_FILE
            entry.create_system = _UNIX
            archive.writestr(entry, content)
    return stream.getvalue()
