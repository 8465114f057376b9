"""Requirements of readers, and what is decided about them, over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import ONCE, Endpoint, page_of
from annotations.errors import NotFound
from annotations.idempotency import Answer
from annotations.models import Project, Reader
from annotations.selectors import questions_of
from qc.selectors import current_protocol, newest_run
from reports import panels, readers, watching


class RequirementOut(serializers.Serializer):
    """A reader against what is required on a question: passes, fails, or too few to say."""

    question = serializers.CharField()
    reader = serializers.CharField()
    required = serializers.FloatField()
    result = serializers.DictField(allow_null=True)
    verdict = serializers.CharField()
    worst_label = serializers.CharField(allow_blank=True)
    worst_result = serializers.DictField(allow_null=True)
    worst_verdict = serializers.CharField(allow_blank=True)


class RequirementList(Endpoint):
    """Readers against their requirements."""

    @extend_schema(operation_id="list_requirements", responses=page_of(RequirementOut))
    def get(self, request: Request, slug: str) -> Response:
        """Read whether each reader meets what is required; the interval decides, not the value."""
        project = self.project("report.read")
        protocol = current_protocol(project)
        document = protocol.document if protocol else None
        found = readers.requirements_of(project, newest_run(project), questions_of(project), document)
        return self.listed([requirement_form(one) for one in found], None)


def requirement_form(one: readers.Requirement) -> dict[str, Any]:
    """Return one requirement."""
    return {
        "question": one.question.code,
        "reader": one.line.code,
        "required": one.least,
        "result": one.line.leading,
        "verdict": one.line.verdict,
        "worst_label": one.worst_label,
        "worst_result": one.worst,
        "worst_verdict": one.worst_verdict,
    }


class ReaderDecisionIn(serializers.Serializer):
    """A decision about a reader, with its reason; a re-read names its question."""

    what = serializers.ChoiceField(choices=list(watching.DECISIONS))
    reason = serializers.CharField(max_length=2000)
    question = serializers.CharField(required=False, allow_blank=True, default="")


class DecidedOut(serializers.Serializer):
    """A decision as it was recorded; ``cases`` are those of a re-read, in an order that tells nothing."""

    what = serializers.CharField()
    reason = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField()
    question = serializers.CharField(allow_blank=True)
    cases = serializers.ListField(child=serializers.CharField())


class ReaderDecisions(Endpoint):
    """What is decided about one reader."""

    @extend_schema(operation_id="list_reader_decisions", responses=page_of(DecidedOut))
    def get(self, request: Request, slug: str, code: str) -> Response:
        """Read what was decided about a reader, newest first."""
        project = self.project("report.read")
        found = watching.decisions_about(project, reader_coded(project, code).code)
        return self.listed([DecidedOut(one).data for one in found], None)

    @extend_schema(
        operation_id="decide_about_reader", parameters=ONCE, request=ReaderDecisionIn, responses={201: DecidedOut}
    )
    def post(self, request: Request, slug: str, code: str) -> Response:
        """Pause or resume a reader, ask for retraining, or propose a blind re-read of the suspect window."""
        project = self.project("report.read")
        reader = reader_coded(project, code)
        new = self.take(ReaderDecisionIn)
        question = panels.question_named(project, new["question"]) if new["question"] else None

        def act() -> Answer:
            watching.decide(
                actor=request.user, reader=reader, what=new["what"], reason=new["reason"], question=question
            )
            return Answer(201, DecidedOut(watching.decisions_about(project, code)[0]).data)

        return self.once(act)


def reader_coded(project: Project, code: str) -> Reader:
    """Return a reader of the project by code, or 404."""
    found = Reader.objects.filter(project=project, code=code).first()
    if found is None:
        raise NotFound("No such reader.")
    return found
