"""Channels of alerts over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import ONCE, PAGED, Endpoint, page_of
from annotations.idempotency import Answer
from reports import channels
from reports.models import Channel, ChannelKind, Message


class ChannelIn(serializers.Serializer):
    """Where alerts go, and which: the codes of rules, all without them."""

    kind = serializers.ChoiceField(choices=ChannelKind.choices)
    address = serializers.CharField(max_length=500)
    rules = serializers.ListField(child=serializers.ChoiceField(choices=list(channels.RULES.items())), default=list)


class ChannelOut(serializers.Serializer):
    """A channel, and whether its last message was taken."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    address = serializers.CharField()
    rules = serializers.ListField(child=serializers.CharField())
    last_sent_at = serializers.DateTimeField(allow_null=True)
    last_fault = serializers.CharField(allow_null=True)


class MessageOut(serializers.Serializer):
    """What was sent, and why it was not taken where it was not."""

    sent_at = serializers.DateTimeField()
    codes = serializers.ListField(child=serializers.CharField())
    fault = serializers.CharField(allow_blank=True)


def channel_form(row: Channel) -> dict[str, Any]:
    """Return a channel."""
    last = row.messages.order_by("-pk").first()
    return {
        "id": str(row.public_id),
        "kind": row.kind,
        "address": row.address,
        "rules": row.rules,
        "last_sent_at": None if last is None else last.sent_at,
        "last_fault": None if last is None else last.fault,
    }


def message_form(row: Message) -> dict[str, Any]:
    """Return a message."""
    return {"sent_at": row.sent_at, "codes": row.codes, "fault": row.fault}


class ChannelList(Endpoint):
    """The channels of a project."""

    @extend_schema(operation_id="list_channels", parameters=PAGED, responses=page_of(ChannelOut))
    def get(self, request: Request, slug: str) -> Response:
        """List the open channels."""
        rows = self.project("project.manage").channels.filter(closed_at__isnull=True)
        return self.page(rows, "public_id", lambda found: [channel_form(row) for row in found])

    @extend_schema(operation_id="open_channel", parameters=ONCE, request=ChannelIn, responses={201: ChannelOut})
    def post(self, request: Request, slug: str) -> Response:
        """Open a channel. A webhook gets JSON signed with the key that signs releases; see the operations guide."""
        project = self.project("project.manage")
        new = self.take(ChannelIn)
        return self.once(
            lambda: Answer(201, channel_form(channels.open_channel(actor=request.user, project=project, **new)))
        )


class ChannelDetail(Endpoint):
    """One channel."""

    @extend_schema(operation_id="close_channel", responses={204: None})
    def delete(self, request: Request, slug: str, channel: Any) -> Response:
        """Close the channel."""
        row = channels.channel_of(self.project("project.manage"), channel)
        channels.close_channel(actor=request.user, channel=row)
        return Response(status=204)


class ChannelTest(Endpoint):
    """A message that says that it is a test."""

    throttle_scope = "claim"

    @extend_schema(operation_id="test_channel", request=None, responses=MessageOut)
    def post(self, request: Request, slug: str, channel: Any) -> Response:
        """Send a test now; `fault` says why it was not taken."""
        row = channels.channel_of(self.project("project.manage"), channel)
        return Response(message_form(channels.send_test(actor=request.user, channel=row)))
