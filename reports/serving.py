"""Verb: hand out the package of a release, whole or from where a download broke off (RFC 9110, 13.1.5 and 14)."""

import re
from collections.abc import Iterator
from typing import cast

from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.http import FileResponse, StreamingHttpResponse
from django.http.request import HttpHeaders

from reports import lifecycle
from reports.errors import PackageNotReady, RangeNotThere
from reports.models import GoldRelease, ReleaseFile
from reports.release import archive_name, package_zip

# One part in a request; whoever asks for several gets the whole, as the standard allows.
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)
CHUNK = 64 * 1024
MEDIA_TYPE = "application/zip"


def package_response(*, receiver: User, release: GoldRelease, headers: HttpHeaders) -> StreamingHttpResponse:
    """Hand out the package; every receiver stands in the register, but the rest of a broken download only once.

    The entity tag is the digest of the file, so that parts of two files never come together.
    """
    stored = release.files.filter(name=archive_name(release)).first()
    if stored is None:
        raise PackageNotReady("The files of this release are still being made.")
    part = wanted_part(headers, f'"{stored.digest}"', stored.size)
    known = release.deliveries.filter(receiver=receiver, file=stored.name, digest=stored.digest)
    if part is None or part[0] == 0 or not known.exists():
        lifecycle.hand_out(receiver=receiver, release=release, file=stored.name, digest=stored.digest)
    answer = whole(release) if part is None else partial(stored, *part)
    answer["ETag"], answer["Accept-Ranges"] = f'"{stored.digest}"', "bytes"
    return answer


def wanted_part(headers: HttpHeaders, tag: str, size: int) -> tuple[int, int] | None:
    """Return first and last byte of the part that is asked for; None for the whole file.

    A part of another version, several parts, and a header that says nothing are answered with the whole.
    """
    found = RANGE.fullmatch(headers.get("Range", "").strip())
    if found is None or found.group(0) == "bytes=-" or headers.get("If-Range", tag) != tag:
        return None
    first, last = found.groups()
    low = int(first) if first else max(size - int(last), 0)
    high = min(int(last), size - 1) if first and last else size - 1
    if first and last and int(last) < low:
        return None
    if low >= size:
        raise RangeNotThere(f"The file has {size} bytes.", data={"size": size})
    return low, high


def whole(release: GoldRelease) -> StreamingHttpResponse:
    """Return the whole file."""
    return FileResponse(
        package_zip(release), as_attachment=True, filename=archive_name(release), content_type=MEDIA_TYPE
    )


def partial(stored: ReleaseFile, low: int, high: int) -> StreamingHttpResponse:
    """Return a part of the file."""
    return StreamingHttpResponse(
        pieces(stored.path, low, high + 1 - low),
        status=206,
        content_type=MEDIA_TYPE,
        headers={
            "Content-Range": f"bytes {low}-{high}/{stored.size}",
            "Content-Length": str(high + 1 - low),
            "Content-Disposition": f'attachment; filename="{stored.name}"',
        },
    )


def pieces(path: str, low: int, left: int) -> Iterator[bytes]:
    """Yield a part of a stored file piece by piece; it is opened with the first."""
    with default_storage.open(path, "rb") as stream:
        stream.seek(low)
        while left and (piece := cast(bytes, stream.read(min(CHUNK, left)))):
            left -= len(piece)
            yield piece
