"""Disputes over HTTP: the queue, a hold, the blinded view, a draft, the signed decision."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import locking
from annotations.endpoint import ONCE, PAGED, Endpoint, bad_parameter, page_of
from annotations.errors import InvalidInput, PreconditionRequired
from annotations.idempotency import Answer
from annotations.models import Project, Role
from annotations.permissions import role_in
from qc import adjudication, presentation, referral, selectors
from qc.errors import LeaseLost
from qc.models import PERSONAL, Decision, Dispute

IF_MATCH = [
    OpenApiParameter(
        "If-Match",
        str,
        OpenApiParameter.HEADER,
        description='The draft\'s ETag as last read, `"0"` for none; not needed with the `fence` of a live hold.',
    )
]


class DisputeOut(serializers.Serializer):
    """A dispute in the queue; the members after ``is_mine`` are for the QA lead, who is not blinded."""

    id = serializers.UUIDField()
    question = serializers.CharField()
    question_title = serializers.CharField()
    kind = serializers.CharField()
    finding = serializers.CharField()
    is_mine = serializers.BooleanField()
    case = serializers.CharField(required=False)
    cause = serializers.CharField(required=False)
    sentence = serializers.CharField(required=False)
    priority = serializers.FloatField(required=False)
    round = serializers.IntegerField(required=False)
    opened_at = serializers.DateTimeField(required=False)
    is_held = serializers.BooleanField(required=False)


class ClaimOut(serializers.Serializer):
    """A hold: until it ends the dispute is yours alone; the fence goes with the decision."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    fence = serializers.IntegerField()
    seconds_left = serializers.IntegerField()


class ReadOut(serializers.Serializer):
    """One read under its letter; the label is null where ``case_data`` draws it."""

    letter = serializers.CharField()
    summary = serializers.CharField()
    label = serializers.DictField(allow_null=True)


class CombinedOut(serializers.Serializer):
    """What may be taken of several readers' regions together."""

    decision = serializers.CharField()
    summary = serializers.CharField()


class ChoiceOut(serializers.Serializer):
    """A code with its title."""

    code = serializers.CharField()
    title = serializers.CharField()


class DisputeViewOut(serializers.Serializer):
    """What the decision is made from; ``case_data`` is what the viewer draws."""

    id = serializers.UUIDField(source="public_id")
    round = serializers.IntegerField()
    question = serializers.CharField()
    question_title = serializers.CharField()
    kind = serializers.CharField()
    finding = serializers.CharField(source="finding_label")
    cause = serializers.CharField()
    sentence = serializers.CharField()
    reads = ReadOut(many=True)
    consensus_summary = serializers.CharField(allow_null=True)
    consensus_label = serializers.DictField(allow_null=True)
    combined = CombinedOut(many=True)
    choices = ChoiceOut(many=True)
    unit = serializers.CharField()
    causes = ChoiceOut(many=True)
    shown_digest = serializers.CharField()
    fence = serializers.IntegerField()
    seconds_left = serializers.IntegerField()
    draft = serializers.DictField()
    draft_revision = serializers.IntegerField()
    must_look = serializers.BooleanField()
    first_look = serializers.CharField()
    can_refer = serializers.BooleanField()
    panel = serializers.DictField()
    case_data = serializers.DictField()


def blinded_form(dispute: Dispute, viewer_pk: int) -> dict[str, Any]:
    """Return a dispute as an adjudicator sees it in the queue: neither score nor reason nor case."""
    return {
        "id": str(dispute.public_id),
        "question": dispute.question.code,
        "question_title": dispute.question.title,
        "kind": dispute.question.kind,
        "finding": f"Finding {dispute.result.number}" if dispute.finding else "",
        "is_mine": dispute.held_by_id == viewer_pk and presentation.seconds_left(dispute) > 0,
    }


def lead_form(dispute: Dispute, viewer_pk: int) -> dict[str, Any]:
    """Return a dispute as the QA lead sees it, with the breakdown."""
    return {
        **blinded_form(dispute, viewer_pk),
        "case": dispute.case.key,
        "cause": dispute.cause,
        "sentence": dispute.explanation,
        "priority": dispute.priority,
        "round": dispute.round,
        "opened_at": dispute.opened_at,
        "is_held": presentation.seconds_left(dispute) > 0,
    }


def claim_form(dispute: Dispute, slug: str) -> dict[str, Any]:
    """Return a hold."""
    return {
        "id": str(dispute.public_id),
        "url": reverse("api-dispute", args=[slug, dispute.public_id]),
        "fence": dispute.fence,
        "seconds_left": presentation.seconds_left(dispute),
    }


def urls_of(slug: str, public_id: Any) -> dict[str, str]:
    """Return where the viewer sends a draft, a renewal, a decision and a dispute given back."""
    names = {
        "decision": "api-decision",
        "draft": "api-draft",
        "renew": "api-claim",
        "release": "api-give-back",
        "look": "api-first-look",
        "refer": "api-refer",
    }
    found = {f"{name}_url": reverse(route, args=[slug, public_id]) for name, route in names.items()}
    return {**found, "next_url": reverse("api-claim-next", args=[slug])}


class DisputeEndpoint(Endpoint):
    """An address of one dispute that an adjudicator may settle."""

    def dispute(self) -> Dispute:
        """Return the dispute of the address, if the caller may settle it: 404, or 403 for want of independence."""
        project = self.project("dispute.settle")
        found = adjudication.find_dispute(self.request.user, project, self.kwargs["dispute"])
        adjudication.check_open_to(self.request.user, found)
        return found


class DisputeList(Endpoint):
    """The queue."""

    @extend_schema(operation_id="list_disputes", parameters=PAGED, responses=page_of(DisputeOut))
    def get(self, request: Request, slug: str) -> Response:
        """List open disputes in the order of the queue: those open to you, or all for the QA lead."""
        project = self.project("dispute.list")
        is_lead = role_in(request.user, project) == Role.QA_LEAD
        rows = selectors.open_disputes(project) if is_lead else selectors.queue_for(request.user, project)
        limit = self.limit()
        found = list(self.following(project, rows).select_related("case", "question", "result")[: limit + 1])
        show = lead_form if is_lead else blinded_form
        items = [show(row, request.user.pk) for row in found[:limit]]
        return self.listed(items, found[limit - 1].public_id if len(found) > limit else None)

    def following(self, project: Project, rows: QuerySet[Dispute]) -> QuerySet[Dispute]:
        """Return the rows after the one that the page before ended with, even if that one is closed meanwhile."""
        after = self.request.query_params.get("after")
        if not after:
            return rows
        try:
            last = adjudication.find_dispute(self.request.user, project, after)
        except ValueError as error:
            raise bad_parameter("after", "unknown-item", "No dispute has this name.") from error
        same = Q(priority=last.priority)
        later = Q(jitter__gt=last.jitter) | Q(jitter=last.jitter, pk__gt=last.pk)
        return rows.filter(Q(priority__lt=last.priority) | (same & later))


class NextIn(serializers.Serializer):
    """Disputes that you passed over; they come last."""

    passing = serializers.ListField(child=serializers.UUIDField(), max_length=100, required=False, default=list)


class NextDispute(Endpoint):
    """The first dispute that waits for you."""

    throttle_scope = "claim"

    @extend_schema(operation_id="claim_next_dispute", request=NextIn, responses={200: ClaimOut, 204: None})
    def post(self, request: Request, slug: str) -> Response:
        """Hold the first dispute of your queue, or the one that you hold already; 204 when nothing waits."""
        project = self.project("dispute.settle")
        passing = [str(name) for name in self.take(NextIn)["passing"]]
        found = adjudication.claim_next(actor=request.user, project=project, passing=passing)
        return Response(status=204) if found is None else Response(claim_form(found, slug))


class DisputeClaim(DisputeEndpoint):
    """A hold on one dispute."""

    throttle_scope = "claim"

    @extend_schema(operation_id="claim_dispute", request=None, responses=ClaimOut)
    def post(self, request: Request, slug: str, dispute: Any) -> Response:
        """Hold a dispute for half an hour; again while you hold it, to extend the hold up to two hours."""
        held = adjudication.claim_dispute(actor=request.user, dispute=self.dispute())
        return Response(claim_form(held, slug))


class DisputeDetail(DisputeEndpoint):
    """What is known of one dispute."""

    @extend_schema(operation_id="get_dispute", responses=DisputeViewOut)
    def get(self, request: Request, slug: str, dispute: Any) -> Response:
        """Read the evidence under letters, while you hold the dispute; that you saw it is recorded."""
        row = self.dispute()
        if row.held_by_id != request.user.pk or row.held_until is None or row.held_until < locking.now():
            raise LeaseLost("Take the dispute first; its reads are shown to whoever holds it.")
        view = presentation.dispute_view(row, request.user, urls_of(slug, row.public_id))
        adjudication.record_exposure(actor=request.user, dispute=row)
        return Response(DisputeViewOut(view).data, headers={"ETag": f'"{view.draft_revision}"'})


class DraftOut(serializers.Serializer):
    """The draft that is kept; its revision is the ETag."""

    revision = serializers.IntegerField()


class DisputeDraft(DisputeEndpoint):
    """Unsigned work on a dispute."""

    @extend_schema(
        operation_id="save_draft",
        parameters=IF_MATCH,
        request=OpenApiTypes.OBJECT,
        responses=DraftOut,
    )
    def put(self, request: Request, slug: str, dispute: Any) -> Response:
        """Keep your draft: any JSON object. It outlives your hold and is never counted."""
        row = self.dispute()
        if not isinstance(request.data, Mapping):
            detail = "A draft is a JSON object."
            raise InvalidInput(errors=[{"pointer": "#", "code": "not-an-object", "detail": detail}])
        expected = self.expected(row, request.data.get("fence"))
        body = {name: value for name, value in request.data.items() if name not in {"fence", "password"}}
        draft = adjudication.save_draft(actor=request.user, dispute=row, body=body, expected=expected)
        return Response({"revision": draft.revision}, headers={"ETag": f'"{draft.revision}"'})

    def expected(self, row: Dispute, fence: Any) -> int | None:
        """Return the revision that the writer has read; None where the fence of a live hold stands in for it."""
        text = self.request.headers.get("If-Match", "")
        if not text:
            holds = row.held_by_id == self.request.user.pk and presentation.seconds_left(row) > 0
            if fence is not None and holds and fence == row.fence:
                return None
            raise PreconditionRequired('Send If-Match with the ETag of the draft, or "0" for the first.')
        number = text.strip().strip('"')
        return int(number) if number.isascii() and number.isdigit() else -1


class GiveBackIn(serializers.Serializer):
    """Why a dispute is given back."""

    reason = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")


class DisputeRelease(DisputeEndpoint):
    """The end of a hold without a decision."""

    @extend_schema(operation_id="release_dispute", request=GiveBackIn, responses={204: None})
    def post(self, request: Request, slug: str, dispute: Any) -> Response:
        """Give a dispute back to the queue; your draft is kept."""
        reason = self.take(GiveBackIn)["reason"]
        adjudication.release_dispute(actor=request.user, dispute=self.dispute(), reason=reason)
        return Response(status=204)


class DecisionIn(serializers.Serializer):
    """A decision with its reasons and the signer's password, over the digest of what was shown."""

    decision = serializers.ChoiceField(choices=[(one.value, one.label) for one in PERSONAL])
    letter = serializers.CharField(max_length=4, required=False, allow_blank=True, default="")
    value = serializers.DictField(required=False, allow_null=True, default=None)
    rationale = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    cause = serializers.CharField(max_length=16, required=False, allow_blank=True, default="")
    confidence = serializers.CharField(max_length=8, required=False, allow_blank=True, default="")
    password = serializers.CharField(max_length=256, write_only=True, trim_whitespace=False)
    shown_digest = serializers.CharField(max_length=64)
    fence = serializers.IntegerField(min_value=0)


class DecisionOut(serializers.Serializer):
    """The signature."""

    id = serializers.UUIDField()
    decision = serializers.ChoiceField(choices=Decision.choices)
    signed_name = serializers.CharField()
    meaning = serializers.CharField()
    signed_at = serializers.DateTimeField()
    digest = serializers.CharField()


class DisputeDecision(Endpoint):
    """The signed decision on a dispute."""

    @extend_schema(operation_id="sign_decision", parameters=ONCE, request=DecisionIn, responses={201: DecisionOut})
    def post(self, request: Request, slug: str, dispute: Any) -> Response:
        """Sign a decision while you hold the dispute; it cannot be changed afterwards."""
        project = self.project("dispute.settle")
        row = adjudication.find_dispute(request.user, project, dispute)
        given = self.take(DecisionIn)
        new = adjudication.NewDecision(root_cause=given.pop("cause"), **given)

        def act() -> Answer:
            made = referral.sign(actor=request.user, dispute=row, new=new)
            signed = {"signed_at": made.signed_at.isoformat(), "digest": made.digest}
            named = {"signed_name": made.signed_name, "meaning": made.meaning}
            return Answer(201, {"id": str(row.public_id), "decision": made.decision, **named, **signed})

        return self.once(act)


class FirstLookIn(serializers.Serializer):
    """What you answer from the image alone."""

    decision = serializers.ChoiceField(choices=["own", "nothing", "exclude"])
    value = serializers.DictField(required=False, allow_null=True, default=None)
    fence = serializers.IntegerField(min_value=0)


class FirstLookOut(serializers.Serializer):
    """Your first answer as it is kept."""

    decision = serializers.CharField()
    label = serializers.DictField(allow_null=True)
    given_at = serializers.DateTimeField()


class DisputeFirstLook(DisputeEndpoint):
    """What an adjudicator answers before any read is shown."""

    @extend_schema(operation_id="look_first", request=FirstLookIn, responses={201: FirstLookOut})
    def post(self, request: Request, slug: str, dispute: Any) -> Response:
        """Keep your answer from the image alone; it is never changed, and the reads are shown after it."""
        row = self.dispute()
        new = adjudication.NewDecision(**self.take(FirstLookIn))
        given = adjudication.look(actor=request.user, dispute=row, new=new)
        return Response(FirstLookOut(given).data, status=201)


class ReferIn(serializers.Serializer):
    """Why a panel is needed."""

    reason = serializers.CharField(max_length=2000)
    fence = serializers.IntegerField(min_value=0)


class DisputeReferral(DisputeEndpoint):
    """A dispute handed to the protocol's panel."""

    @extend_schema(operation_id="refer_dispute", request=ReferIn, responses={204: None})
    def post(self, request: Request, slug: str, dispute: Any) -> Response:
        """Hand a dispute that you hold to a panel; you have no vote in it."""
        given = self.take(ReferIn)
        referral.refer(actor=request.user, dispute=self.dispute(), reason=given["reason"], fence=given["fence"])
        return Response(status=204)
