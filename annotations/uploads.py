"""Verbs: a large file comes in parts. A connection that breaks loses one part, not the file.

Parts are stored under the upload's id before the row counts them, so that every byte that is counted is there. What was
sent twice is stored twice in the same place. An upload is kept for a week and then makes room.
"""

import hashlib
import io
from datetime import timedelta
from typing import BinaryIO, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from annotations import locking
from annotations.errors import Conflict, InvalidInput, NotFound
from annotations.imaging import LARGEST_FILE
from annotations.models import Project, Upload
from annotations.storing import Joined

PART_BYTES = 16 * 2**20
KEPT = timedelta(days=7)
# Bytes that one person may have under way in all projects.
MOST_BYTES = 20 * 2**30
_PIECE = 2**20


def open_upload(*, actor: User, project: Project, file_name: str, size: int, digest: str) -> Upload:
    """Return a new upload, or the one of this person and project that already takes the same bytes."""
    if not 0 < size <= LARGEST_FILE:
        raise InvalidInput.at("size", "too-large", f"A file has 1 to {LARGEST_FILE} bytes.")
    forget_old(actor)
    mine = Upload.objects.filter(owner=actor)
    same = mine.filter(project=project, digest=digest, size=size).first()
    if same is not None:
        return same
    if sum(mine.values_list("size", flat=True)) + size > MOST_BYTES:
        raise Conflict(f"You have {MOST_BYTES // 2**30} GiB under way; finish those or wait a week.")
    return Upload.objects.create(
        project=project, owner=actor, file_name=file_name[:255], digest=digest, size=size, created_at=locking.now()
    )


def upload_of(actor: User, project: Project, public_id: UUID | str) -> Upload:
    """Return a person's own upload; nobody else may know of it."""
    found = Upload.objects.filter(owner=actor, project=project, public_id=public_id).first()
    if found is None:
        raise NotFound("There is no such upload of yours.")
    return found


def add_part(*, actor: User, upload: Upload, offset: int, content: bytes) -> Upload:
    """Store the next part; the same part again changes nothing. The whole is compared with its digest at the end."""
    if not 0 < len(content) <= PART_BYTES:
        raise InvalidInput.at("content", "bad-part", f"A part has 1 to {PART_BYTES} bytes.")
    with transaction.atomic():
        row = locking.lock(Upload.objects.filter(pk=upload.pk, owner=actor)).get()
        if offset + len(content) <= received(row):
            return row
        if offset != received(row):
            raise Conflict(f"The next part begins at byte {received(row)}.", data={"received": received(row)})
        if offset + len(content) > row.size:
            raise InvalidInput.at("content", "too-long", f"The file has {row.size} bytes, by what was said of it.")
        path = path_of(row, len(row.parts))
        # What stands here was stored and never counted.
        default_storage.delete(path)
        default_storage.save(path, ContentFile(content))
        row.parts = [*row.parts, len(content)]
        row.save(update_fields=["parts"])
    # Not within the transaction: a gigabyte is read once more, and others write meanwhile.
    if received(row) == row.size and digest_of(row) != row.digest:
        remove(row)
        message = "The bytes are not those of the digest; nothing of them was kept. Begin again."
        raise InvalidInput.at("sha256", "digest-mismatch", message)
    return row


def received(upload: Upload) -> int:
    """Return how many bytes are there."""
    return sum(upload.parts)


def opened(upload: Upload) -> BinaryIO:
    """Return the whole file as a stream; Conflict while parts are missing."""
    if received(upload) != upload.size:
        raise Conflict(f"Of {upload.size} bytes {received(upload)} are there.", data={"received": received(upload)})
    paths = [path_of(upload, place) for place in range(len(upload.parts))]
    return cast(BinaryIO, io.BufferedReader(Joined(paths, upload.parts), _PIECE))


def forget_old(actor: User) -> None:
    """Remove a person's uploads of more than a week ago."""
    for row in Upload.objects.filter(owner=actor, created_at__lt=locking.now() - KEPT):
        remove(row)


def remove(upload: Upload) -> None:
    """Remove an upload and its parts."""
    for place in range(len(upload.parts)):
        default_storage.delete(path_of(upload, place))
    Upload.objects.filter(pk=upload.pk).delete()


def path_of(upload: Upload, place: int) -> str:
    """Return where a part is stored."""
    return f"uploads/{upload.public_id}/{place:05d}"


def digest_of(upload: Upload) -> str:
    """Return the digest of all bytes, read a part at a time."""
    digest = hashlib.sha256()
    with opened(upload) as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest()
