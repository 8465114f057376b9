"""Orders of releases over HTTP: watched, cancelled, retried."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.api_imports import RETRY_SECONDS, WorkOut
from annotations.endpoint import Endpoint
from annotations.errors import NotFound
from reports import ordering
from reports.models import ReleaseOrder
from reports.release import STEPS


class OrderRefusalOut(serializers.Serializer):
    """Why there is no release, as a refusal of the request itself would have said it."""

    code = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()
    data = serializers.DictField()
    errors = serializers.ListField(child=serializers.DictField())


class OrderOut(serializers.Serializer):
    """An ordered release; `release` is its number once it is frozen, and `refusal` says why it never will be."""

    id = serializers.UUIDField()
    url = serializers.CharField()
    asked_at = serializers.DateTimeField()
    is_cancelled = serializers.BooleanField()
    release = serializers.IntegerField(allow_null=True)
    release_url = serializers.CharField(allow_null=True)
    refusal = OrderRefusalOut(allow_null=True)
    work = WorkOut()


def order_form(row: ReleaseOrder, slug: str) -> dict[str, Any]:
    """Return an order with the state of its work."""
    number = row.release.number if row.release else None
    return {
        "id": str(row.public_id),
        "url": reverse("api-release-order", args=[slug, row.public_id]),
        "asked_at": row.asked_at.isoformat(),
        "is_cancelled": row.cancelled_by_id is not None,
        "release": number,
        "release_url": reverse("api-release", args=[slug, number]) if number else None,
        "refusal": row.refusal or None,
        "work": {
            "state": row.work_state,
            "progress": 1.0 if row.closed_at else row.n_steps / (STEPS + 1),
            "attempts": row.attempts,
            "problem": row.last_error or None,
        },
    }


class OrderEndpoint(Endpoint):
    """What every address of an order shares."""

    def order(self) -> ReleaseOrder:
        """Return the order that the address names, or 404."""
        project = self.project("release.freeze")
        rows = ReleaseOrder.objects.select_related("project", "release")
        found = rows.filter(project=project, public_id=self.kwargs["order"]).first()
        if found is None:
            raise NotFound("No such order.")
        return found

    def answered(self, row: ReleaseOrder, status: int = 200) -> Response:
        """Answer with the order as it stands now."""
        row.refresh_from_db()
        headers = {} if row.closed_at else {"Retry-After": RETRY_SECONDS}
        return Response(order_form(row, row.project.slug), status=status, headers=headers)


class OrderDetail(OrderEndpoint):
    """One order."""

    @extend_schema(operation_id="get_release_order", responses=OrderOut)
    def get(self, request: Request, slug: str, order: Any) -> Response:
        """Read how far an ordered release is; poll until `work.state` is done or stuck."""
        return self.answered(self.order())


class OrderCancel(OrderEndpoint):
    """An order taken back."""

    @extend_schema(operation_id="cancel_release_order", request=None, responses=OrderOut)
    def post(self, request: Request, slug: str, order: Any) -> Response:
        """Take an order back before its release is frozen; nothing of it stays."""
        row = self.order()
        ordering.cancel_order(actor=request.user, order=row)
        return self.answered(row)


class OrderRetry(OrderEndpoint):
    """An order tried again."""

    @extend_schema(operation_id="retry_release_order", request=None, responses={202: OrderOut})
    def post(self, request: Request, slug: str, order: Any) -> Response:
        """Let the worker try an order again that is stuck."""
        row = self.order()
        ordering.retry_order(actor=request.user, order=row)
        return self.answered(row, 202)
