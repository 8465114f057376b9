"""Bytes kept under their digest: stored before any row names them, so that every file that a row names exists."""

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage


def store_bytes(content: bytes, folder: str) -> tuple[str, str]:
    """Keep bytes under their digest before any row names them; returns digest and storage path."""
    digest = hashlib.sha256(content).hexdigest()
    path = f"{folder}/{digest[:2]}/{digest}"
    if default_storage.exists(path):
        if default_storage.size(path) == len(content):
            return digest, path
        # Half a file, left by a disk that was full before files were put in their place whole.
        default_storage.delete(path)
    default_storage.save(path, ContentFile(content))
    return digest, path


def stored_bytes(path: str) -> bytes:
    """Return the bytes of a stored file."""
    with default_storage.open(path, "rb") as stream:
        return bytes(stream.read())
