"""Files of reads over HTTP: handed in, then watched."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import importing, uploads
from annotations.endpoint import ONCE, PAGED, Endpoint, page_of
from annotations.errors import InvalidInput, NotFound
from annotations.idempotency import Answer
from annotations.models import ImportBatch, Project
from annotations.permissions import imports_visible_to

RETRY_SECONDS = "1"


class ImportIn(serializers.Serializer):
    """A file of reads; ``options`` is a JSON object of the format's own options."""

    file = serializers.FileField(required=False)
    upload = serializers.UUIDField(required=False, help_text="A file that was sent in parts, in place of `file`.")
    format = serializers.CharField(max_length=40)
    options = serializers.CharField(required=False, allow_blank=True, default="")
    take = serializers.ChoiceField(choices=["all", "good"], required=False, default="all")


class WorkOut(serializers.Serializer):
    """Where the worker is with it; the same member for everything that takes long."""

    state = serializers.ChoiceField(choices=["waiting", "running", "stuck", "done"])
    progress = serializers.FloatField(allow_null=True)
    attempts = serializers.IntegerField()
    problem = serializers.CharField(allow_null=True)


class ImportProblemOut(serializers.Serializer):
    """One fault of a file."""

    file = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    field = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class ImportOut(serializers.Serializer):
    """An import: a file with problems is taken whole or not at all, unless its good part was asked for."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    file = serializers.CharField()
    format = serializers.CharField()
    digest = serializers.CharField()
    work = WorkOut()
    n_lines = serializers.IntegerField(allow_null=True)
    n_committed = serializers.IntegerField()
    n_already_there = serializers.IntegerField()
    n_problems = serializers.IntegerField()
    problems = ImportProblemOut(many=True)


def import_form(batch: ImportBatch, slug: str) -> dict[str, Any]:
    """Return an import with the state of its work and its problems."""
    return {
        "id": str(batch.public_id),
        "url": reverse("api-import", args=[slug, batch.public_id]),
        "file": batch.file_name,
        "format": batch.importer,
        "digest": batch.digest,
        "work": {
            "state": batch.work_state,
            "progress": progress_of(batch),
            "attempts": batch.attempts,
            "problem": batch.last_error or None,
        },
        "n_lines": batch.n_lines,
        "n_committed": batch.n_committed,
        "n_already_there": batch.n_already_there,
        "n_problems": batch.n_problems,
        "problems": [{"file": batch.file_name, **problem} for problem in batch.problems],
    }


def progress_of(batch: ImportBatch) -> float | None:
    """Return the share that is through; None until the file has been checked."""
    if batch.finished_at:
        return 1.0
    return None if batch.n_lines is None else min(batch.n_committed / max(batch.n_lines, 1), 1.0)


def options_of(text: str) -> Mapping[str, str]:
    """Return the options of a format, written as a JSON object of texts."""
    try:
        options = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        options = None
    if not isinstance(options, dict) or not all(isinstance(value, str) for value in options.values()):
        detail = "Options are a JSON object whose values are texts."
        raise InvalidInput(errors=[{"pointer": "#/options", "code": "not-options", "detail": detail}])
    return options


class ImportList(Endpoint):
    """The files that were handed in."""

    parser_classes = [MultiPartParser]
    throttle_scope = "upload"

    @extend_schema(operation_id="list_imports", parameters=PAGED, responses=page_of(ImportOut))
    def get(self, request: Request, slug: str) -> Response:
        """List the imports of the project."""
        project = self.project("import.submit")
        rows = imports_visible_to(request.user).filter(project=project)
        return self.page(rows, "public_id", lambda found: [import_form(row, slug) for row in found])

    @extend_schema(
        operation_id="import_file",
        parameters=ONCE,
        request={"multipart/form-data": ImportIn},
        responses={202: ImportOut},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Hand in a file of reads; the worker checks it and takes it. The same file again is the same import."""
        project = self.project("import.submit")
        new = self.take(ImportIn)
        options = {**options_of(new["options"]), "take": new["take"]}

        if ("file" in new) == ("upload" in new):
            raise InvalidInput.at("file", "required", "Hand in a file, or name an upload; one of the two.")

        def act() -> Answer:
            name, content = self._handed(request, project, new)
            batch = importing.receive_import(
                actor=request.user,
                project=project,
                content=content,
                file_name=name,
                importer=new["format"],
                options=options,
            )
            return Answer(202, import_form(batch, slug))

        response = self.once(act)
        response["Retry-After"] = RETRY_SECONDS
        return response

    def _handed(self, request: Request, project: Project, new: Mapping[str, Any]) -> tuple[str, bytes]:
        """Return the name and the bytes of the file, sent with the request or in parts before it."""
        if "file" in new:
            return new["file"].name, new["file"].read()
        row = uploads.upload_of(request.user, project, new["upload"])
        with uploads.opened(row) as stream:
            return row.file_name, stream.read()


class ImportDetail(Endpoint):
    """One import."""

    @extend_schema(operation_id="get_import", responses=ImportOut)
    def get(self, request: Request, slug: str, batch: Any) -> Response:
        """Read how far an import is, and every problem with file, line and field."""
        project = self.project("import.submit")
        return Response(import_form(import_of(request, project, batch), slug))


class ImportCancel(Endpoint):
    """The end of an import that nobody wants any more."""

    @extend_schema(operation_id="cancel_import", request=None, responses=ImportOut)
    def post(self, request: Request, slug: str, batch: Any) -> Response:
        """Stop an import of which nothing is written yet; 409 once answers stand."""
        project = self.project("import.submit")
        row = importing.cancel_import(actor=request.user, batch=import_of(request, project, batch))
        return Response(import_form(row, slug))


def import_of(request: Request, project: Project, batch: Any) -> ImportBatch:
    """Return an import of a project."""
    row = imports_visible_to(request.user).filter(project=project, public_id=batch).first()
    if row is None:
        raise NotFound("No such import.")
    return row
