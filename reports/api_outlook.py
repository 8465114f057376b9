"""What is ahead of a project, agreement over time, and the report on paper, over HTTP."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import Endpoint
from qc.selectors import newest_run
from qc.settling.measure import ALL, COMPLETE
from reports import history, outlook, panels, paper

RATE = "An amount an hour in any currency; cost is computed where both rates are given."


class CompletionOut(serializers.Serializer):
    """Readings left, the pace, and the day on which they will be done, with its prediction interval."""

    n_left = serializers.IntegerField()
    n_reads = serializers.IntegerField()
    n_days = serializers.IntegerField()
    per_day = serializers.FloatField(allow_null=True)
    days = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    undefined = serializers.CharField(allow_blank=True)
    on = serializers.DateField(allow_null=True)
    earliest = serializers.DateField(allow_null=True)
    latest = serializers.DateField(allow_null=True)


class EffortOut(serializers.Serializer):
    """Minutes, and money where rates are given, of a settled case."""

    n_settled = serializers.IntegerField()
    n_untimed = serializers.IntegerField()
    reading = serializers.DictField()
    deciding = serializers.DictField()
    cost = serializers.DictField(allow_null=True)


class AlertOut(serializers.Serializer):
    """A rule that holds now, why, and the way out."""

    code = serializers.CharField()
    title = serializers.CharField()
    reason = serializers.CharField()
    way = serializers.CharField()
    href = serializers.CharField()


class OutlookOut(serializers.Serializer):
    """What is ahead of a project."""

    finish = CompletionOut()
    effort = EffortOut()
    alerts = AlertOut(many=True)


class OutlookDetail(Endpoint):
    """What is ahead of a project."""

    @extend_schema(
        operation_id="get_outlook",
        responses=OutlookOut,
        parameters=[OpenApiParameter(name, OpenApiTypes.NUMBER, description=RATE) for name in ("reader", "physician")],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Read when a project will be finished, what a settled case costs, and which rules speak."""
        project = self.project("report.read")
        finish = outlook.finish_of(project)
        rates = [outlook.rate_of(request.query_params.get(name, "")) for name in ("reader", "physician")]
        effort = outlook.effort_of(project, *rates)
        alerts = outlook.alerts_of(project, newest_run(project), finish)
        numbers = {name: getattr(finish.numbers, name) for name in finish.numbers.__dataclass_fields__}
        dates = {name: getattr(finish, name) for name in ("on", "earliest", "latest")}
        form = {
            "n_settled": effort.n_settled,
            "n_untimed": effort.n_untimed,
            "reading": effort.reading.as_dict(),
            "deciding": effort.deciding.as_dict(),
            "cost": effort.cost.as_dict() if effort.cost else None,
        }
        return Response(OutlookOut({"finish": numbers | dates, "effort": form, "alerts": alerts}).data)


class PeriodOut(serializers.Serializer):
    """One month or file."""

    name = serializers.CharField()
    mean = serializers.DictField()
    gap = serializers.DictField(allow_null=True)
    test = serializers.DictField(allow_null=True)


class HistoryOut(serializers.Serializer):
    """The periods of one kind, oldest first, and what they say."""

    by = serializers.CharField(help_text="month or file")
    sentence = serializers.CharField()
    periods = PeriodOut(many=True)


class HistoriesOut(serializers.Serializer):
    """Agreement over time, by month and by file where these divide the cases."""

    items = HistoryOut(many=True)


class HistoryDetail(Endpoint):
    """Agreement on one question over time."""

    @extend_schema(operation_id="get_history", responses=HistoriesOut)
    def get(self, request: Request, slug: str, code: str) -> Response:
        """Read how far readers agreed in each month, and in each file of readings."""
        project = self.project("report.read")
        found = history.histories_of(project, panels.question_named(project, code))
        return Response({"items": [history_form(one) for one in found]})


def history_form(one: history.History) -> dict[str, Any]:
    """Return the periods of one kind."""
    return {
        "by": one.by,
        "sentence": one.sentence,
        "periods": [
            {
                "name": period.name,
                "mean": period.mean.as_dict(),
                "gap": period.gap.as_dict() if period.gap else None,
                "test": period.test.as_dict() if period.test else None,
            }
            for period in one.periods
        ],
    }


class PaperDetail(Endpoint):
    """The agreement report on paper."""

    @extend_schema(
        operation_id="get_paper",
        parameters=[
            OpenApiParameter("question", str, description="A code; without it every question."),
            OpenApiParameter("population", str, enum=[ALL, COMPLETE]),
        ],
        responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY, description="PDF/UA-1.")},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Download the agreement report as PDF/UA; the same data give the same bytes. 503 where it cannot be made."""
        population = COMPLETE if request.query_params.get("population") == COMPLETE else ALL
        project = self.project("report.read")
        content = paper.paper_pdf(project, population, request.query_params.get("question", ""))
        return HttpResponse(content, content_type="application/pdf", headers={"X-Content-Type-Options": "nosniff"})
