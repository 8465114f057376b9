"""Statistics and consensus of reads that are posted: asked in passing, and nothing is stored."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import Endpoint, page_of
from annotations.errors import InvalidInput, NotFound
from qc.asking import ask, settle
from qc.asking.base import AskError
from qc.registry import METHODS


class StatisticOut(serializers.Serializer):
    """A statistic, what must be posted to its ``url``, and what it says."""

    name = serializers.CharField()
    family = serializers.CharField(help_text="agreement, or readers")
    title = serializers.CharField()
    says = serializers.CharField()
    reference = serializers.CharField()
    scales = serializers.ListField(child=serializers.CharField())
    answer = serializers.CharField(help_text="The form of one answer.")
    facts = serializers.ListField(child=serializers.CharField(), help_text="Members beside the reads.")
    options = serializers.DictField(help_text="Options with their defaults.")
    url = serializers.CharField()


class MethodOut(serializers.Serializer):
    """A consensus method and what must be posted to its ``url``."""

    name = serializers.CharField()
    title = serializers.CharField()
    takes = serializers.CharField()
    scope = serializers.CharField(help_text="case: each unit from its own reads; project: all units together")
    reference = serializers.CharField()
    facts = serializers.ListField(child=serializers.CharField())
    options = serializers.DictField()
    is_offered = serializers.BooleanField(help_text="Whether its reads can be posted; label maps cannot.")
    url = serializers.CharField()


class ComputedOut(serializers.Serializer):
    """The results by part: an estimate, a test or a chart, each with its counts or the reason why there is none."""

    statistic = serializers.CharField()
    family = serializers.CharField()
    parts = serializers.ListField(child=serializers.DictField())
    reference = serializers.CharField()
    says = serializers.CharField()


class SettledOut(serializers.Serializer):
    """What the method made of each unit; or, learned from all units, of each pattern of answers."""

    method = serializers.CharField()
    reference = serializers.CharField()
    units = serializers.ListField(required=False)
    learned = serializers.DictField(required=False)
    patterns = serializers.ListField(required=False)
    counts = serializers.ListField(required=False)


def statistics() -> list[dict[str, Any]]:
    """Return all statistics with what each needs."""
    shown = [
        ask.described(family, name, entry)
        for family, entries in ask.catalogue().items()
        for name, entry in entries.items()
    ]
    return [{**one, "url": reverse("api-statistic", args=[one["name"]])} for one in shown]


def methods() -> list[dict[str, Any]]:
    """Return all consensus methods with what each needs."""
    return [
        {**settle.described(name, method), "url": reverse("api-method", args=[name])}
        for name, method in METHODS.items()
    ]


def answer_of(compute: Callable[[str, Mapping[str, Any]], dict[str, Any]], name: str, body: object) -> dict[str, Any]:
    """Return what was asked for; NotFound and InvalidInput where there is no answer.

    Parameters
    ----------
    compute : callable
        ``ask.statistic`` or ``settle.consensus``.
    name : str
        Entry of the catalogue.
    body : object
        What was posted.
    """
    if not isinstance(body, Mapping):
        fault = {"pointer": "#", "code": "not-an-object", "detail": "What is posted is a JSON object with reads."}
        raise InvalidInput("This cannot be computed.", errors=[fault])
    try:
        return compute(name, body)
    except KeyError as error:
        raise NotFound(f"There is no {name} here.") from error
    except AskError as error:
        fault = {"pointer": error.pointer, "code": error.code, "detail": error.message}
        raise InvalidInput("This cannot be computed.", errors=[fault]) from error


class StatisticList(Endpoint):
    """What can be computed of posted reads."""

    @extend_schema(operation_id="list_statistics", responses=page_of(StatisticOut))
    def get(self, request: Request) -> Response:
        """List the statistics of agreement and about readers, with what each needs."""
        return self.listed(statistics(), None)


class StatisticDetail(Endpoint):
    """One statistic."""

    @extend_schema(operation_id="compute_statistic", request=OpenApiTypes.OBJECT, responses=ComputedOut)
    def post(self, request: Request, name: str) -> Response:
        """Compute a statistic of the posted reads. Nothing is stored."""
        return Response(answer_of(ask.statistic, name, request.data))


class MethodList(Endpoint):
    """How posted reads can be settled."""

    @extend_schema(operation_id="list_methods", responses=page_of(MethodOut))
    def get(self, request: Request) -> Response:
        """List the consensus methods, with what each needs."""
        return self.listed(methods(), None)


class MethodDetail(Endpoint):
    """One consensus method."""

    @extend_schema(operation_id="compute_consensus", request=OpenApiTypes.OBJECT, responses=SettledOut)
    def post(self, request: Request, name: str) -> Response:
        """Settle the posted reads by a method. Nothing is stored."""
        return Response(answer_of(settle.consensus, name, request.data))
