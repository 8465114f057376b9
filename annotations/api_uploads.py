"""Large files over HTTP: opened, sent in parts, gone on with where a connection broke."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import uploads
from annotations.endpoint import ONCE, Endpoint, bad_parameter
from annotations.idempotency import Answer
from annotations.models import Upload
from annotations.uploads import PART_BYTES

OFFSET = OpenApiParameter("offset", int, required=True, description="Byte of the file at which the part begins.")


class UploadIn(serializers.Serializer):
    """A file that will come in parts."""

    file_name = serializers.CharField(max_length=255)
    size = serializers.IntegerField(min_value=1)
    sha256 = serializers.RegexField("^[0-9a-f]{64}$")


class UploadOut(serializers.Serializer):
    """How far a file is; it is whole when ``received`` is ``size``."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    file_name = serializers.CharField()
    size = serializers.IntegerField()
    received = serializers.IntegerField()
    part_size = serializers.IntegerField(help_text="Most bytes of a part.")


class RawPart(BaseParser):
    """The bytes of a part as they are; never more than one part is read."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> bytes:
        """Return the bytes, and one more than a part may have where there are more."""
        content: bytes = stream.read(PART_BYTES + 1)
        return content


def upload_form(row: Upload) -> dict[str, Any]:
    """Return how far a file is."""
    return {
        "id": str(row.public_id),
        "url": reverse("api-upload", args=[row.project.slug, row.public_id]),
        "file_name": row.file_name,
        "size": row.size,
        "received": uploads.received(row),
        "part_size": PART_BYTES,
    }


class UploadList(Endpoint):
    """Large files under way."""

    throttle_scope = "upload"

    @extend_schema(operation_id="open_upload", parameters=ONCE, request=UploadIn, responses={201: UploadOut})
    def post(self, request: Request, slug: str) -> Response:
        """Say that a large file will come in parts. The same file again is the same upload, however far it is."""
        project = self.project("import.submit")
        new = self.take(UploadIn)

        def act() -> Answer:
            row = uploads.open_upload(
                actor=request.user,
                project=project,
                file_name=new["file_name"],
                size=new["size"],
                digest=new["sha256"],
            )
            return Answer(201, upload_form(row))

        return self.once(act)


class UploadDetail(Endpoint):
    """One large file of yours."""

    parser_classes = [RawPart]

    @extend_schema(operation_id="get_upload", responses=UploadOut)
    def get(self, request: Request, slug: str, upload: Any) -> Response:
        """Read how much of the file is there, to go on from after a connection broke."""
        project = self.project("import.submit")
        return Response(upload_form(uploads.upload_of(request.user, project, upload)))

    @extend_schema(
        operation_id="send_part",
        parameters=[OFFSET],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=UploadOut,
    )
    def put(self, request: Request, slug: str, upload: Any) -> Response:
        """Send the part that begins at ``offset``: what is there already, or the next. The last is checked with all."""
        project = self.project("import.submit")
        row = uploads.upload_of(request.user, project, upload)
        text = request.query_params.get("offset", "")
        if not (text.isascii() and text.isdigit() and len(text) < 12):
            raise bad_parameter("offset", "not-an-offset", "A whole number from 0.")
        content = request.data if isinstance(request.data, bytes) else b""
        return Response(
            upload_form(uploads.add_part(actor=request.user, upload=row, offset=int(text), content=content))
        )

    @extend_schema(operation_id="remove_upload", responses={204: None})
    def delete(self, request: Request, slug: str, upload: Any) -> Response:
        """Remove the file with its parts."""
        project = self.project("import.submit")
        uploads.remove(uploads.upload_of(request.user, project, upload))
        return Response(status=204)
