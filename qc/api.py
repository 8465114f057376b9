"""Protocols, the ledger, agreement, and the addresses of this app under /api/v1/."""

from typing import Any

from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api_projects import ProjectOut, project_form
from annotations.endpoint import ONCE, Endpoint
from annotations.errors import NotFound
from annotations.idempotency import Answer
from annotations.models import Project
from annotations.permissions import may, role_in
from qc import evaluation, selectors
from qc.api_asking import MethodDetail, MethodList, StatisticDetail, StatisticList
from qc.api_disputes import (
    DisputeClaim,
    DisputeDecision,
    DisputeDetail,
    DisputeDraft,
    DisputeFirstLook,
    DisputeList,
    DisputeReferral,
    DisputeRelease,
    NextDispute,
)
from qc.api_measured import MethodResultList, ReaderResultList, SubgroupList
from qc.api_plans import PlanDetail, PlanList
from qc.api_repeats import RepeatList
from qc.measuring import project_digest
from qc.media import MaskBits, Voxels
from qc.models import AgreementResult, ProtocolVersion


class ProgressOut(serializers.Serializer):
    """How far the worker is."""

    n_cases = serializers.IntegerField()
    n_due = serializers.IntegerField()
    n_stuck = serializers.IntegerField()
    n_imports = serializers.IntegerField()
    is_reporting = serializers.BooleanField()


class LedgerOut(serializers.Serializer):
    """Every cell (case × question) in exactly one disposition; the counts close to ``n_cells``."""

    n_cases = serializers.IntegerField()
    n_questions = serializers.IntegerField()
    n_cells = serializers.IntegerField()
    is_closed = serializers.BooleanField()
    counts = serializers.DictField(child=serializers.IntegerField())
    by_question = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    excluded_why = serializers.DictField(child=serializers.IntegerField())
    collecting_why = serializers.DictField(child=serializers.IntegerField())


class ProjectDetailOut(ProjectOut):
    """A project; progress and ledger are null for roles that may not read reports."""

    progress = ProgressOut(allow_null=True)
    ledger = LedgerOut(allow_null=True)


def ledger_form(project: Project) -> dict[str, Any]:
    """Return the ledger of a project at this moment."""
    shown: dict[str, Any] = dict(LedgerOut(selectors.ledger(project)).data)
    return shown


class ProjectDetail(Endpoint):
    """One project."""

    @extend_schema(operation_id="get_project", responses=ProjectDetailOut)
    def get(self, request: Request, slug: str) -> Response:
        """Read a project: your role, and for the QA lead progress and ledger."""
        project = self.project()
        reads = may(request.user, project, "report.read")
        return Response(
            {
                **project_form(project, role_in(request.user, project)),
                "progress": selectors.progress(project) if reads else None,
                "ledger": ledger_form(project) if reads else None,
            }
        )


class ProtocolIn(serializers.Serializer):
    """A protocol document, as its protocol's page describes it."""

    document = serializers.DictField()


class ProtocolOut(serializers.Serializer):
    """A version of the protocol."""

    number = serializers.IntegerField()
    name = serializers.CharField()
    digest = serializers.CharField()
    document = serializers.DictField()
    url = serializers.CharField()


def protocol_form(version: ProtocolVersion, slug: str) -> dict[str, Any]:
    """Return a protocol version with its document."""
    return {
        "number": version.number,
        "name": version.name,
        "digest": version.digest,
        "document": version.document,
        "url": reverse("api-protocol", args=[slug]),
    }


class ProtocolList(Endpoint):
    """The versions of a project's protocol."""

    @extend_schema(operation_id="adopt_protocol", parameters=ONCE, request=ProtocolIn, responses={201: ProtocolOut})
    def post(self, request: Request, slug: str) -> Response:
        """Put a protocol document in force; every case is looked at again under it."""
        project = self.project("project.manage")
        document = self.take(ProtocolIn)["document"]

        def act() -> Answer:
            version = evaluation.adopt_protocol(actor=request.user, project=project, document=document)
            return Answer(201, protocol_form(version, slug))

        return self.once(act)


class CurrentProtocol(Endpoint):
    """The protocol in force."""

    @extend_schema(operation_id="get_protocol", responses=ProtocolOut)
    def get(self, request: Request, slug: str) -> Response:
        """Read the protocol version in force."""
        version = selectors.current_protocol(self.project())
        if version is None:
            raise NotFound("The project has no protocol yet.")
        return Response(protocol_form(version, slug))


class LedgerDetail(Endpoint):
    """Where every case and question stands."""

    @extend_schema(operation_id="get_ledger", responses=LedgerOut)
    def get(self, request: Request, slug: str) -> Response:
        """Count every cell in its one disposition."""
        return Response(ledger_form(self.project("report.read")))


class EstimateOut(serializers.Serializer):
    """One statistic of one question; ``undefined`` in the estimate gives a reason in place of a number."""

    question = serializers.CharField()
    statistic = serializers.CharField()
    population = serializers.CharField()
    pair = serializers.ListField(child=serializers.CharField())
    estimate = serializers.DictField()


class AgreementOut(serializers.Serializer):
    """The newest measurement; ``is_current`` is false when reads arrived since."""

    protocol = serializers.IntegerField()
    input_digest = serializers.CharField()
    code_version = serializers.CharField()
    measured_at = serializers.DateTimeField()
    is_current = serializers.BooleanField()
    counted = serializers.DictField()
    estimates = EstimateOut(many=True)


class AgreementDetail(Endpoint):
    """How far the readers agree."""

    @extend_schema(operation_id="get_agreement", responses=AgreementOut)
    def get(self, request: Request, slug: str) -> Response:
        """Read the newest agreement results of the project."""
        project = self.project("report.read")
        run = selectors.newest_run(project)
        if run is None:
            raise NotFound("Agreement has not been measured yet.")
        rows = AgreementResult.objects.filter(evaluation=run).select_related("question")
        current = selectors.current_protocol(project)
        is_same = current is not None and current.pk == run.protocol_id and run.input_digest == project_digest(project)
        return Response(
            {
                "protocol": run.protocol.number,
                "input_digest": run.input_digest,
                "code_version": run.code_version,
                "measured_at": run.created_at,
                "is_current": is_same,
                "counted": run.facts,
                "estimates": [
                    {
                        "question": row.question.code,
                        "statistic": row.statistic,
                        "population": row.population,
                        "pair": row.pair,
                        "estimate": row.estimate,
                    }
                    for row in rows.order_by("question__position", "statistic", "population", "pk")
                ],
            }
        )


urlpatterns = [
    path("projects/<slug:slug>", ProjectDetail.as_view(), name="api-project"),
    path("projects/<slug:slug>/protocols", ProtocolList.as_view(), name="api-protocols"),
    path("projects/<slug:slug>/protocols/current", CurrentProtocol.as_view(), name="api-protocol"),
    path("projects/<slug:slug>/ledger", LedgerDetail.as_view(), name="api-ledger"),
    path("projects/<slug:slug>/agreement", AgreementDetail.as_view(), name="api-agreement"),
    path("projects/<slug:slug>/reader-results", ReaderResultList.as_view(), name="api-reader-results"),
    path("projects/<slug:slug>/subgroups", SubgroupList.as_view(), name="api-subgroups"),
    path("projects/<slug:slug>/methods", MethodResultList.as_view(), name="api-compare"),
    path("projects/<slug:slug>/disputes", DisputeList.as_view(), name="api-disputes"),
    path("projects/<slug:slug>/disputes:claim-next", NextDispute.as_view(), name="api-claim-next"),
    path("projects/<slug:slug>/disputes/<uuid:dispute>", DisputeDetail.as_view(), name="api-dispute"),
    path("projects/<slug:slug>/disputes/<uuid:dispute>/claim", DisputeClaim.as_view(), name="api-claim"),
    path("projects/<slug:slug>/disputes/<uuid:dispute>/draft", DisputeDraft.as_view(), name="api-draft"),
    path("projects/<slug:slug>/disputes/<uuid:dispute>/release", DisputeRelease.as_view(), name="api-give-back"),
    path("projects/<slug:slug>/disputes/<uuid:dispute>/decision", DisputeDecision.as_view(), name="api-decision"),
    path("projects/<slug:slug>/disputes/<uuid:dispute>/first-look", DisputeFirstLook.as_view(), name="api-first-look"),
    path("projects/<slug:slug>/disputes/<uuid:dispute>/refer", DisputeReferral.as_view(), name="api-refer"),
    path("projects/<slug:slug>/repeats", RepeatList.as_view(), name="api-repeats"),
    path("statistics", StatisticList.as_view(), name="api-statistics"),
    path("statistics/<str:name>", StatisticDetail.as_view(), name="api-statistic"),
    path("methods", MethodList.as_view(), name="api-methods"),
    path("methods/<str:name>", MethodDetail.as_view(), name="api-method"),
    path("plans", PlanList.as_view(), name="api-plans"),
    path("plans/<str:name>", PlanDetail.as_view(), name="api-plan"),
    path("media/voxels/<str:name>", Voxels.as_view(), name="voxels"),
    path("media/masks/<str:name>", MaskBits.as_view(), name="mask-bits"),
]
