"""What shows an image to a person: its grid and first window, and its voxels as bytes. Nothing here writes."""

import gzip
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from annotations.models import Image

# What is kept by the browser is asked for again each time, so that no seat outlives its right to see.
REVALIDATED = "private, no-cache"


def image_form(image: Image, url: str) -> dict[str, Any]:
    """Return how the viewer reads the voxels that it finds at an address."""
    center, width = image.window or (0, 0)
    return {
        "url": url,
        "shape": image.shape,
        "spacing_mm": image.spacing_mm,
        "dtype": "int16",
        "window": {"center": center, "width": width} if image.window else None,
        "orientation": "LPS",
    }


def volume_bytes(image: Image) -> bytes:
    """Return the whole volume: little-endian int16, slice after slice."""
    with default_storage.open(image.path, "rb") as stored:
        content: bytes = stored.read()
    return content


def packed(request: HttpRequest | Request, content: bytes, cache_control: str) -> HttpResponse:
    """Answer bytes, compressed where the browser can take it."""
    compresses = "gzip" in request.headers.get("Accept-Encoding", "")
    body = gzip.compress(content, compresslevel=1, mtime=0) if compresses else content
    response = HttpResponse(body, content_type="application/octet-stream")
    response["Cache-Control"] = cache_control
    response["Vary"] = "Accept-Encoding, Cookie, Authorization"
    if compresses:
        response["Content-Encoding"] = "gzip"
    return response


def volume_response(request: HttpRequest, image: Image) -> HttpResponse:
    """Answer the voxels, or that the browser has them already."""
    etag = f'W/"{image.digest}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
        response["Cache-Control"] = REVALIDATED
    else:
        response = packed(request, volume_bytes(image), REVALIDATED)
    response["ETag"] = etag
    return response
