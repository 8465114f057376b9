"""Audits and controls over HTTP."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import ONCE, Endpoint
from annotations.idempotency import Answer
from qc.api_repeats import SeatsOut
from reports.checks import AuditLine, ChecksPage, ControlLine, checks_page
from reports.controls import LEAST_SHARE, MOST_SHARE, seat_controls


class AuditedOut(serializers.Serializer):
    """What audits found on one question; `bound` is one-sided at 95 %, open contradictions counted as wrong."""

    question = serializers.CharField()
    n = serializers.IntegerField()
    n_against = serializers.IntegerField()
    n_upheld = serializers.IntegerField()
    n_changed = serializers.IntegerField()
    n_open = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True)
    bound = serializers.FloatField(allow_null=True)


class ControlOut(serializers.Serializer):
    """One reader on the controls of one question; bounds after Wilson, the test after Wald."""

    question = serializers.CharField()
    reader = serializers.CharField()
    share = serializers.DictField()
    test = serializers.DictField(allow_null=True)


class DoubtOut(serializers.Serializer):
    """A control that so many of its readers contradict that it is not scored."""

    case = serializers.CharField()
    question = serializers.CharField()
    n = serializers.IntegerField()
    n_against = serializers.IntegerField()


class ChecksOut(serializers.Serializer):
    """Everything that is read twice, and what came of it; `asked` by purpose: seats, and finished ones."""

    asked = serializers.DictField()
    policy = serializers.DictField(allow_null=True)
    audits = AuditedOut(many=True)
    controls = ControlOut(many=True)
    doubts = DoubtOut(many=True)
    release = serializers.IntegerField(allow_null=True)
    benchmark = serializers.ListField(child=serializers.CharField())


class ChecksDetail(Endpoint):
    """What was checked in a project."""

    @extend_schema(operation_id="get_checks", responses=ChecksOut)
    def get(self, request: Request, slug: str) -> Response:
        """Read what audits and controls found."""
        return Response(checks_form(checks_page(self.project("report.read"))))


class ControlsIn(serializers.Serializer):
    """What share of each reader's waiting cases, controls included, are controls."""

    share = serializers.FloatField(help_text=f"From {LEAST_SHARE} to {MOST_SHARE}.")


class ControlList(Endpoint):
    """The controls of a project."""

    @extend_schema(operation_id="seat_controls", parameters=ONCE, request=ControlsIn, responses={201: SeatsOut})
    def post(self, request: Request, slug: str) -> Response:
        """Hide cases with a released label in readers' work until they make up a share of it."""
        project = self.project("project.manage")
        new = self.take(ControlsIn)

        def act() -> Answer:
            seats = seat_controls(actor=request.user, project=project, share=new["share"])
            given = Counter(seat.reader.code for seat in seats)
            return Answer(201, {"n_new": len(seats), "readers": dict(sorted(given.items()))})

        return self.once(act)


def checks_form(page: ChecksPage) -> dict[str, Any]:
    """Return the page's data as JSON values."""
    return {
        "asked": {purpose: asdict(asked) for purpose, asked in page.asked.items()},
        "policy": page.policy,
        "audits": [audit_form(line) for line in page.audits],
        "controls": [control_form(line) for line in page.controls],
        "doubts": [
            {"case": one.case, "question": one.question.code, "n": one.n, "n_against": one.n_against}
            for one in page.doubts
        ],
        "release": page.release,
        "benchmark": list(page.benchmark),
    }


def audit_form(line: AuditLine) -> dict[str, Any]:
    """Return what audits found on one question."""
    names = ("n", "n_against", "n_upheld", "n_changed", "n_open", "share", "bound")
    return {"question": line.question.code, **{name: getattr(line, name) for name in names}}


def control_form(line: ControlLine) -> dict[str, Any]:
    """Return one reader on one question."""
    test = asdict(line.test) if line.test else None
    return {"question": line.question.code, "reader": line.reader, "share": asdict(line.share), "test": test}
