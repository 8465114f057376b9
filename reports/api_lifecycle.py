"""What happens to a release after it is frozen, over HTTP: signatures, notices, deliveries."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import Endpoint
from annotations.errors import NotFound
from annotations.models import Project
from reports import lifecycle
from reports.models import GoldRelease, NoticeKind


def release_of(project: Project, number: int) -> GoldRelease:
    """Return a release of the project by number, or 404."""
    rows = project.releases.select_related("protocol", "parent", "project").prefetch_related("files")
    found = rows.filter(number=number).first()
    if found is None:
        raise NotFound("No such release.")
    return found


class SignatureIn(serializers.Serializer):
    """Your password, for the signature."""

    password = serializers.CharField(max_length=256, write_only=True, trim_whitespace=False)


class SignatureOut(serializers.Serializer):
    """A person's signature under a release."""

    signed_name = serializers.CharField()
    meaning = serializers.CharField()
    signed_at = serializers.DateTimeField()
    digest = serializers.CharField()


class ReleaseSignatures(Endpoint):
    """Signatures under a release."""

    @extend_schema(operation_id="sign_release", request=SignatureIn, responses={201: SignatureOut})
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Approve a release that somebody else froze, where the protocol asks for two signatures."""
        row = release_of(self.project("release.sign"), number)
        made = lifecycle.sign_release(actor=request.user, release=row, **self.take(SignatureIn))
        return Response(SignatureOut(made).data, status=201)


class NoticeIn(serializers.Serializer):
    """What is wrong with a release."""

    kind = serializers.ChoiceField(choices=NoticeKind.choices)
    text = serializers.CharField(max_length=8000)
    units = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(allow_blank=True), min_length=2, max_length=3),
        required=False,
        default=list,
        max_length=1000,
        help_text="[case, question, finding] of every label that is concerned.",
    )
    password = serializers.CharField(max_length=256, write_only=True, trim_whitespace=False)


class NoticeOut(serializers.Serializer):
    """A signed word about a release."""

    number = serializers.IntegerField()
    kind = serializers.CharField()
    text = serializers.CharField()
    units = serializers.ListField()
    signed_name = serializers.CharField()
    signed_at = serializers.DateTimeField()


class NoticesOut(serializers.Serializer):
    """Everything that was said about a release, signed; `verify --notices` reads this as a file."""

    release = serializers.DictField()
    notices = NoticeOut(many=True)
    as_of = serializers.DateTimeField()
    key = serializers.CharField()
    public_key = serializers.CharField()
    signature = serializers.CharField()


class ReleaseNotices(Endpoint):
    """Errata and withdrawal of a release."""

    @extend_schema(operation_id="list_notices", responses=NoticesOut)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Read what was said about a release since it was frozen, signed with the key of its manifest."""
        return Response(lifecycle.notices_file(release_of(self.project("release.read"), number)))

    @extend_schema(operation_id="give_notice", request=NoticeIn, responses={201: NoticeOut})
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Give an erratum, or withdraw the release; its bytes stay as they are."""
        row = release_of(self.project("release.freeze"), number)
        made = lifecycle.give_notice(actor=request.user, release=row, **self.take(NoticeIn))
        return Response(NoticeOut(made).data, status=201)


class DeliveryOut(serializers.Serializer):
    """Who was handed which file."""

    name = serializers.CharField()
    file = serializers.CharField()
    at = serializers.DateTimeField()


class DeliveriesOut(serializers.Serializer):
    """The register of a release."""

    items = DeliveryOut(many=True)


class ReleaseDeliveries(Endpoint):
    """Who holds a release."""

    @extend_schema(operation_id="list_deliveries", responses=DeliveriesOut)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Read who was handed a file of the release: the people to whom an erratum goes."""
        return Response({"items": lifecycle.holders(release_of(self.project("release.freeze"), number))})
