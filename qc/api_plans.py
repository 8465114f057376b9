"""Plans of a study over HTTP: questions that are asked before any case is read."""

from typing import Any

from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import Endpoint, page_of
from annotations.errors import InvalidInput, NotFound
from qc.planning.base import PlanError, StudyPlan
from qc.registry import PLANS


class ParameterOut(serializers.Serializer):
    """One thing that a plan needs to know; ``default`` is taken where nothing is given."""

    name = serializers.CharField()
    kind = serializers.CharField(help_text="number, count, flag or numbers")
    says = serializers.CharField()
    default = serializers.JSONField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()
    is_required = serializers.BooleanField()


class PlanOut(serializers.Serializer):
    """A plan that can be asked for at its ``url``."""

    name = serializers.CharField()
    title = serializers.CharField()
    says = serializers.CharField()
    reference = serializers.CharField()
    parameters = ParameterOut(many=True)
    url = serializers.CharField()


class PlannedOut(serializers.Serializer):
    """The answer; ``undefined`` gives a reason in place of a value."""

    plan = serializers.CharField()
    parameters = serializers.DictField()
    value = serializers.FloatField(allow_null=True)
    says = serializers.CharField()
    details = serializers.DictField()
    undefined = serializers.CharField(allow_null=True)
    warnings = serializers.ListField(child=serializers.CharField())
    reference = serializers.CharField()


def plan_form(name: str, plan: StudyPlan) -> dict[str, Any]:
    """Return a plan with what it needs to know."""
    return {
        "name": name,
        "title": plan.title,
        "says": plan.says,
        "reference": plan.reference,
        "parameters": [parameter.as_dict() for parameter in plan.parameters],
        "url": reverse("api-plan", args=[name]),
    }


def answer_of(name: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of a plan with its source; NotFound and InvalidInput where there is none."""
    if name not in PLANS.names:
        raise NotFound(f"There is no plan {name}.")
    plan = PLANS[name]
    try:
        found = plan.run(values)
    except PlanError as error:
        fault = {"pointer": f"#/{error.parameter}", "code": error.code, "detail": error.message}
        raise InvalidInput("This cannot be planned.", errors=[fault]) from error
    return {"plan": name, "parameters": values, **found.as_dict(), "reference": plan.reference}


class PlanList(Endpoint):
    """What can be planned."""

    @extend_schema(operation_id="list_plans", responses=page_of(PlanOut))
    def get(self, request: Request) -> Response:
        """List the plans, with what each needs to know."""
        return self.listed([plan_form(name, plan) for name, plan in PLANS.items()], None)


class PlanDetail(Endpoint):
    """One plan."""

    @extend_schema(operation_id="ask_plan", request=OpenApiTypes.OBJECT, responses=PlannedOut)
    def post(self, request: Request, name: str) -> Response:
        """Ask a plan: its parameters in, the answer with its source out. Nothing is stored."""
        if not isinstance(request.data, dict):
            fault = {"pointer": "#", "code": "not-an-object", "detail": "Parameters are a JSON object."}
            raise InvalidInput("This cannot be planned.", errors=[fault])
        return Response(answer_of(name, dict(request.data)))
