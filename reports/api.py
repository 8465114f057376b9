"""Gold releases over HTTP: looked ahead, frozen, downloaded, compared."""

from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api_imports import RETRY_SECONDS, WorkOut
from annotations.endpoint import ONCE, PAGED, Endpoint, page_of
from annotations.idempotency import Answer
from reports import comparing, lifecycle, ordering, preflight, release, serving
from reports.api_channels import ChannelDetail, ChannelList, ChannelTest
from reports.api_checks import ChecksDetail, ControlList
from reports.api_lifecycle import ReleaseDeliveries, ReleaseNotices, ReleaseSignatures, release_of
from reports.api_orders import OrderCancel, OrderDetail, OrderOut, OrderRetry, order_form
from reports.api_outlook import ComparisonDetail, HistoryDetail, OutlookDetail, PaperDetail, StudyFile
from reports.api_watching import ReaderDecisions, RequirementList
from reports.exporters.base import Format
from reports.models import GoldRelease, NoticeKind
from reports.registry import EXPORTERS
from reports.splits import NAMES


class SplitsIn(serializers.Serializer):
    """How patients are split; those of an earlier release keep the split that it gave them."""

    shares = serializers.DictField(
        child=serializers.FloatField(min_value=0, max_value=1), help_text="train, validation, test; they add up to 1."
    )
    by = serializers.CharField(required=False, allow_blank=True, default="", max_length=80)
    seed = serializers.CharField(required=False, default="1", max_length=80)

    def validate_shares(self, value: dict[str, float]) -> dict[str, float]:
        """Refuse names that are no splits and shares that do not add up."""
        if not value or set(value) - set(NAMES) or abs(sum(value.values()) - 1) > 1e-9:
            raise serializers.ValidationError(f"Shares of {', '.join(NAMES)} that add up to 1.")
        return value


class ReleaseIn(serializers.Serializer):
    """A release to be frozen; with ``require_complete`` open cells forbid it, else they are listed in it."""

    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=4000)
    require_complete = serializers.BooleanField(required=False, default=False)
    splits = SplitsIn(required=False, allow_null=True, default=None)
    raise_to = serializers.ChoiceField(choices=["", "minor", "major"], required=False, default="")


class FileOut(serializers.Serializer):
    """One file of the package."""

    name = serializers.CharField()
    size = serializers.IntegerField()
    digest = serializers.CharField()


class ReleaseOut(serializers.Serializer):
    """A frozen release; the files are there when ``work.state`` is done."""

    number = serializers.IntegerField()
    url = serializers.CharField()
    package_url = serializers.CharField()
    digest = serializers.CharField()
    protocol = serializers.IntegerField()
    version = serializers.CharField()
    is_signed = serializers.BooleanField(help_text="Whether everybody who must sign has signed.")
    is_withdrawn = serializers.BooleanField()
    n_notices = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True)
    note = serializers.CharField()
    frozen_at = serializers.DateTimeField()
    ledger = serializers.DictField()
    work = WorkOut()
    files = FileOut(many=True)


def release_form(row: GoldRelease, slug: str) -> dict[str, Any]:
    """Return a release with its ledger and files."""
    files = sorted(row.files.all(), key=lambda stored: stored.name)
    notices = list(row.notices.all())
    return {
        "number": row.number,
        "url": reverse("api-release", args=[slug, row.number]),
        "package_url": reverse("api-package", args=[slug, row.number]),
        "digest": row.digest,
        "protocol": row.protocol.number,
        "version": row.version,
        "is_signed": lifecycle.is_signed(row),
        "is_withdrawn": any(one.kind == NoticeKind.WITHDRAWAL for one in notices),
        "n_notices": len(notices),
        "parent": row.parent.number if row.parent else None,
        "note": row.note,
        "frozen_at": row.frozen_at.isoformat(),
        "ledger": row.ledger,
        "work": {
            "state": row.work_state,
            "progress": 1.0 if files else None,
            "attempts": row.attempts,
            "problem": row.last_error or None,
        },
        "files": [{"name": stored.name, "size": stored.size, "digest": stored.digest} for stored in files],
    }


class ReleaseList(Endpoint):
    """The releases of a project."""

    @extend_schema(operation_id="list_releases", parameters=PAGED, responses=page_of(ReleaseOut))
    def get(self, request: Request, slug: str) -> Response:
        """List the frozen releases."""
        rows = self.project("release.read").releases.select_related("protocol", "parent").prefetch_related("files")
        return self.page(rows, "number", lambda found: [release_form(row, slug) for row in found])

    @extend_schema(operation_id="freeze_release", parameters=ONCE, request=ReleaseIn, responses={202: OrderOut})
    def post(self, request: Request, slug: str) -> Response:
        """Ask for what is settled as the next release; the worker freezes it. Watch the order at its `url`."""
        project = self.project("release.freeze")
        new = self.take(ReleaseIn)
        extra = release.Extra(new.pop("splits"), new.pop("raise_to"))

        def act() -> Answer:
            order = ordering.order_release(
                actor=request.user, project=project, wanted=release.Wanted(extra=extra, **new)
            )
            return Answer(202, order_form(order, slug))

        response = self.once(act)
        response["Retry-After"] = RETRY_SECONDS
        response["Location"] = response.data["url"]
        return response


class BlockerOut(serializers.Serializer):
    """One reason that forbids a release."""

    code = serializers.CharField()
    detail = serializers.CharField()


class PreflightOut(serializers.Serializer):
    """What a release would hold now, and what forbids it."""

    is_ready = serializers.BooleanField()
    n_units = serializers.IntegerField()
    n_gold_units = serializers.IntegerField()
    n_open_disputes = serializers.IntegerField()
    n_open_cells = serializers.IntegerField()
    n_due = serializers.IntegerField()
    n_stuck = serializers.IntegerField()
    n_imports = serializers.IntegerField()
    blockers = BlockerOut(many=True)


class ReleasePreflight(Endpoint):
    """A look ahead."""

    @extend_schema(operation_id="preflight_release", responses=PreflightOut)
    def get(self, request: Request, slug: str) -> Response:
        """See what a release would hold now, without freezing it."""
        return Response(PreflightOut(preflight.draft_preflight(self.project("release.freeze"))).data)


class ReleaseDetail(Endpoint):
    """One release."""

    @extend_schema(operation_id="get_release", responses=ReleaseOut)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Read a release and how far its files are."""
        return Response(release_form(release_of(self.project("release.read"), number), slug))


class ReleasePackage(Endpoint):
    """The package of one release."""

    @extend_schema(
        operation_id="download_release",
        parameters=[OpenApiParameter("Range", str, OpenApiParameter.HEADER, description="`bytes=1000-`: one part.")],
        responses={
            (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, description="The package."),
            (206, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, description="The part that was asked for."),
        },
    )
    def get(self, request: Request, slug: str, number: int) -> StreamingHttpResponse:
        """Download the signed package, or with `Range` the rest of it; `manage.py verify` checks it offline."""
        row = release_of(self.project("release.read"), number)
        return serving.package_response(receiver=request.user, release=row, headers=request.headers)


class RefusalOut(serializers.Serializer):
    """A question that a format cannot hold."""

    question = serializers.CharField()
    reason = serializers.CharField()


class FormatOut(serializers.Serializer):
    """A format, the questions that it can hold, and what it loses."""

    name = serializers.CharField()
    title = serializers.CharField()
    suffix = serializers.CharField()
    media_type = serializers.CharField()
    url = serializers.CharField()
    questions = serializers.ListField(child=serializers.CharField())
    refused = RefusalOut(many=True)
    loses = serializers.ListField(child=serializers.CharField())


class FormatsOut(serializers.Serializer):
    """Every format that a release can be asked for in."""

    items = FormatOut(many=True)


class ReleaseFormats(Endpoint):
    """The formats of one release."""

    @extend_schema(operation_id="list_release_formats", responses=FormatsOut)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """List the formats with what each can hold of this release."""
        row = release_of(self.project("release.read"), number)
        return Response({"items": [format_form(one, row, slug) for one in release.formats_of(row)]})


def format_form(one: Format, row: GoldRelease, slug: str) -> dict[str, Any]:
    """Return a format with the address of its file."""
    return {
        "name": one.name,
        "title": one.spec.title,
        "suffix": one.spec.suffix,
        "media_type": one.spec.media_type,
        "url": reverse("api-format", args=[slug, row.number, one.name]),
        "questions": list(one.questions),
        "refused": [{"question": code, "reason": reason} for code, reason in one.refused.items()],
        "loses": list(one.spec.loses),
    }


# What can be made while somebody waits; some twenty volumes of a chest.
MOST_VOXELS = 2**30


class ReleaseFormat(Endpoint):
    """One release in one format."""

    @extend_schema(
        operation_id="render_release",
        parameters=[
            OpenApiParameter(
                "questions",
                str,
                description="Codes with commas; the others are left out. Without it all must fit the format.",
            )
        ],
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, description="The file.")},
    )
    def get(self, request: Request, slug: str, number: int, name: str) -> HttpResponse:
        """Download the labels in a format; 422 names the questions that it cannot hold."""
        row = release_of(self.project("release.read"), number)
        codes = [code.strip() for code in request.query_params.get("questions", "").split(",") if code.strip()]
        content = release.render_release(release=row, exporter=name, questions=codes, most_voxels=MOST_VOXELS)
        lifecycle.hand_out(receiver=request.user, release=row, file=release.rendering_name(row, name))
        disposition = f'attachment; filename="{release.rendering_name(row, name)}"'
        return HttpResponse(
            content,
            content_type=EXPORTERS[name].media_type,
            headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"},
        )


class ChangeOut(serializers.Serializer):
    """What changed in one unit, and why."""

    case = serializers.CharField()
    question = serializers.CharField()
    finding = serializers.CharField()
    what = serializers.CharField()
    cause = serializers.CharField()
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)


class DiffOut(serializers.Serializer):
    """Every change from one release to another, unit by unit."""

    bump = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    n_same = serializers.IntegerField()
    changes = ChangeOut(many=True)


class ReleaseDiff(Endpoint):
    """Two releases compared."""

    @extend_schema(operation_id="diff_releases", responses=DiffOut)
    def get(self, request: Request, slug: str, number: int, other: int) -> Response:
        """Compare release `number` with the later or earlier release `other`."""
        project = self.project("release.read")
        return Response(comparing.diff_releases(release_of(project, number), release_of(project, other)).as_dict())


urlpatterns = [
    path("projects/<slug:slug>/outlook", OutlookDetail.as_view(), name="api-outlook"),
    path("projects/<slug:slug>/paper", PaperDetail.as_view(), name="api-paper"),
    path("projects/<slug:slug>/comparison/<slug:code>", ComparisonDetail.as_view(), name="api-comparison"),
    path("projects/<slug:slug>/channels", ChannelList.as_view(), name="api-channels"),
    path("projects/<slug:slug>/channels/<uuid:channel>", ChannelDetail.as_view(), name="api-channel"),
    path("projects/<slug:slug>/channels/<uuid:channel>/test", ChannelTest.as_view(), name="api-channel-test"),
    path("projects/<slug:slug>/checks", ChecksDetail.as_view(), name="api-checks"),
    path("projects/<slug:slug>/controls", ControlList.as_view(), name="api-controls"),
    path("projects/<slug:slug>/requirements", RequirementList.as_view(), name="api-requirements"),
    path("projects/<slug:slug>/readers/<str:code>/decisions", ReaderDecisions.as_view(), name="api-reader-decisions"),
    path("projects/<slug:slug>/imrmc", StudyFile.as_view(), name="api-imrmc"),
    path("projects/<slug:slug>/history/<slug:code>", HistoryDetail.as_view(), name="api-history"),
    path("projects/<slug:slug>/releases", ReleaseList.as_view(), name="api-releases"),
    path("projects/<slug:slug>/releases:preflight", ReleasePreflight.as_view(), name="api-preflight"),
    path("projects/<slug:slug>/release-orders/<uuid:order>", OrderDetail.as_view(), name="api-release-order"),
    path("projects/<slug:slug>/release-orders/<uuid:order>/cancel", OrderCancel.as_view(), name="api-order-cancel"),
    path("projects/<slug:slug>/release-orders/<uuid:order>/retry", OrderRetry.as_view(), name="api-order-retry"),
    path("projects/<slug:slug>/releases/<int:number>", ReleaseDetail.as_view(), name="api-release"),
    path("projects/<slug:slug>/releases/<int:number>/package", ReleasePackage.as_view(), name="api-package"),
    path("projects/<slug:slug>/releases/<int:number>/formats", ReleaseFormats.as_view(), name="api-formats"),
    path("projects/<slug:slug>/releases/<int:number>/formats/<slug:name>", ReleaseFormat.as_view(), name="api-format"),
    path("projects/<slug:slug>/releases/<int:number>/signatures", ReleaseSignatures.as_view(), name="api-signatures"),
    path("projects/<slug:slug>/releases/<int:number>/notices", ReleaseNotices.as_view(), name="api-notices"),
    path("projects/<slug:slug>/releases/<int:number>/deliveries", ReleaseDeliveries.as_view(), name="api-deliveries"),
    path("projects/<slug:slug>/releases/<int:number>/diff/<int:other>", ReleaseDiff.as_view(), name="api-diff"),
]
