"""Answers of readers over HTTP: one, many at once, withdrawn."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import submission
from annotations.endpoint import ONCE, PAGED, Endpoint, page_of
from annotations.errors import DomainError, NotFound
from annotations.idempotency import Answer
from annotations.models import Annotation, Project
from annotations.permissions import annotations_visible_to
from annotations.selectors import standing_rows

MOST_ANSWERS = 5000
FILTERS = [
    OpenApiParameter("case", str, description="Key of a case."),
    OpenApiParameter("question", str, description="Code of a question."),
    OpenApiParameter("reader", str, description="Code of a reader."),
    OpenApiParameter("revisions", str, enum=["standing", "all"], description="Default: standing."),
]
PARTIAL = OpenApiParameter("partial", bool, description="Take what can be taken and answer for each item.")


class AnnotationIn(serializers.Serializer):
    """Your answer to one question of a case; ``mark`` numbers one of several findings."""

    case = serializers.CharField(max_length=120)
    question = serializers.CharField(max_length=40)
    value = serializers.DictField()
    mark = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    seconds = serializers.FloatField(min_value=0, max_value=1e7, required=False, allow_null=True, default=None)


class AnnotationOut(serializers.Serializer):
    """One revision of an answer; a withdrawal has no label."""

    id = serializers.UUIDField()
    case = serializers.CharField()
    question = serializers.CharField()
    reader = serializers.CharField()
    mark = serializers.CharField()
    revision = serializers.IntegerField()
    label = serializers.DictField(allow_null=True)
    digest = serializers.CharField()


class SubmittedOut(serializers.Serializer):
    """What was saved; ``saved`` is false where the same answer stood already."""

    saved = serializers.BooleanField()
    annotation = AnnotationOut(allow_null=True)


class ItemOut(serializers.Serializer):
    """What became of one item of a batch, by its place."""

    place = serializers.IntegerField()
    saved = serializers.BooleanField()
    errors = serializers.ListField(child=serializers.DictField())


class BatchOut(serializers.Serializer):
    """What became of a batch; ``items`` only where ``partial=true`` was asked for."""

    n_saved = serializers.IntegerField()
    n_refused = serializers.IntegerField()
    items = ItemOut(many=True)


def annotation_form(row: Annotation) -> dict[str, Any]:
    """Return an answer as its reader and the QA lead see it."""
    return revision_form(row, {"case": row.case.key, "question": row.question.code, "reader": row.reader.code})


def revision_form(row: Annotation, names: dict[str, str]) -> dict[str, Any]:
    """Return an answer whose case, question and reader are known by name already."""
    return {
        "id": str(row.public_id),
        **names,
        "mark": row.mark,
        "revision": row.revision,
        "label": row.label,
        "digest": row.digest,
    }


class AnnotationList(Endpoint):
    """The answers of a project."""

    @extend_schema(operation_id="list_annotations", parameters=[*PAGED, *FILTERS], responses=page_of(AnnotationOut))
    def get(self, request: Request, slug: str) -> Response:
        """List answers: your own, or all for the QA lead; the standing ones unless all revisions are asked for."""
        project = self.project("annotation.read")
        rows = self.filtered(Annotation.objects.filter(case__project=project))
        mine = rows.filter(pk__in=annotations_visible_to(request.user).values("pk"))
        shown = mine.select_related("case", "question", "reader")
        return self.page(shown, "public_id", lambda found: [annotation_form(row) for row in found])

    def filtered(self, rows: QuerySet[Annotation]) -> QuerySet[Annotation]:
        """Return the rows that the parameters of the address ask for."""
        given = self.request.query_params
        for name, path in (("case", "case__key"), ("question", "question__code"), ("reader", "reader__code")):
            if given.get(name):
                rows = rows.filter(**{path: given[name]})
        return rows if given.get("revisions") == "all" else standing_rows(rows)

    @extend_schema(
        operation_id="submit_annotation", parameters=ONCE, request=AnnotationIn, responses={201: SubmittedOut}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Submit your answer to one question; a draft until you finish the reading of the case."""
        project = self.project("annotation.submit")
        item = self.take(AnnotationIn)
        sheet = submission.AnswerSheet(project, {item["case"]})
        answer = submission.NewAnswer(reader=sheet.code_of(request.user), **item)

        def act() -> Answer:
            rows = submission.submit_answers(actor=request.user, project=project, answers=[answer], sheet=sheet)
            names = {"case": answer.case, "question": answer.question, "reader": answer.reader}
            made = revision_form(rows[0], names) if rows else None
            return Answer(201 if rows else 200, {"saved": bool(rows), "annotation": made})

        return self.once(act)


class AnnotationBatch(Endpoint):
    """Many answers at once."""

    @extend_schema(
        operation_id="submit_annotations",
        parameters=[*ONCE, PARTIAL],
        request=AnnotationIn(many=True),
        responses={200: BatchOut},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Submit up to 5,000 answers of yours: all or none, or with ``partial=true`` each for itself."""
        project = self.project("annotation.submit")
        serializer = AnnotationIn(data=request.data, many=True, max_length=MOST_ANSWERS, allow_empty=False)
        serializer.is_valid(raise_exception=True)
        items = serializer.validated_data
        sheet = submission.AnswerSheet(project, {item["case"] for item in items})
        reader = sheet.code_of(request.user)
        answers = [submission.NewAnswer(reader=reader, **item) for item in items]
        is_partial = request.query_params.get("partial") == "true"

        def act() -> Answer:
            if is_partial:
                return Answer(200, taken_one_by_one(request, project, answers, sheet))
            rows = submission.submit_answers(actor=request.user, project=project, answers=answers, sheet=sheet)
            return Answer(200, {"n_saved": len(rows), "n_refused": 0, "items": []})

        return self.once(act)


def taken_one_by_one(
    request: Request, project: Project, answers: Sequence[submission.NewAnswer], sheet: submission.AnswerSheet
) -> dict[str, Any]:
    """Return what became of each answer when each is taken for itself."""
    items: list[dict[str, Any]] = []
    for place, answer in enumerate(answers):
        try:
            rows = submission.submit_answers(actor=request.user, project=project, answers=[answer], sheet=sheet)
        except DomainError as error:
            faults = error.errors or [{"pointer": "#", "code": error.code, "detail": error.detail}]
            items.append({"place": place, "saved": False, "errors": [moved(fault, place) for fault in faults]})
            continue
        items.append({"place": place, "saved": bool(rows), "errors": []})
    refused = sum(bool(item["errors"]) for item in items)
    return {"n_saved": sum(item["saved"] for item in items), "n_refused": refused, "items": items}


def moved(fault: dict[str, Any], place: int) -> dict[str, Any]:
    """Return a fault of a single answer with the pointer that it has in the batch."""
    rest = str(fault["pointer"]).removeprefix("#").removeprefix("/0")
    return {**fault, "pointer": f"#/{place}{rest}"}


class WithdrawalIn(serializers.Serializer):
    """Why an answer is withdrawn."""

    reason = serializers.CharField(max_length=400)


class Withdrawal(Endpoint):
    """Taking an answer back."""

    @extend_schema(
        operation_id="withdraw_annotation", parameters=ONCE, request=WithdrawalIn, responses={201: AnnotationOut}
    )
    def post(self, request: Request, slug: str, annotation: Any) -> Response:
        """Withdraw a standing answer by a new revision without a label; the old one stays readable."""
        project = self.project("annotation.withdraw")
        rows = annotations_visible_to(request.user).filter(case__project=project, public_id=annotation)
        row = rows.select_related("case").first()
        if row is None:
            raise NotFound("No such answer.")
        reason = self.take(WithdrawalIn)["reason"]

        def act() -> Answer:
            made = submission.withdraw_annotation(actor=request.user, annotation=row, reason=reason)
            return Answer(201, annotation_form(made))

        return self.once(act)
