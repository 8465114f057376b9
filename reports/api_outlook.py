"""What is ahead of a project, agreement over time, and comparisons, and the report on paper, over HTTP."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import Endpoint, bad_parameter
from annotations.permissions import project_for
from qc.selectors import newest_run
from qc.settling.measure import ALL, COMPLETE
from reports import comparison, history, outlook, panels, paper, reader_study

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


class ComparisonOut(serializers.Serializer):
    """Both sides and the second less the first; ``estimates`` by measure and side (kappa_before …)."""

    question = serializers.CharField()
    n_before = serializers.IntegerField()
    n_after = serializers.IntegerField()
    n_both = serializers.IntegerField(help_text="Units that both sides read; 0 for two groups of cases.")
    n_apart = serializers.IntegerField(help_text="Units of the same key left out, because their patients differ.")
    sentence = serializers.CharField()
    estimates = serializers.DictField()
    test = serializers.DictField(allow_null=True)


class ComparisonDetail(Endpoint):
    """Two sides of a study."""

    @extend_schema(
        operation_id="compare_sides",
        parameters=[
            OpenApiParameter("first", str, description="Reader codes with commas, or a group where `by` is given."),
            OpenApiParameter("second", str, description="The same for the second side."),
            OpenApiParameter("by", str, description="An attribute of the cases, as site."),
            OpenApiParameter("with", str, description="The slug of a project with the same cases and question."),
        ],
        responses=ComparisonOut,
    )
    def get(self, request: Request, slug: str, code: str) -> Response:
        """Compare two panels of readers, two projects on the same cases, or two groups of cases."""
        project = self.project("report.read")
        names = {name: request.query_params.get(name, "").strip() for name in ("first", "second", "by")}
        other = request.query_params.get("with", "")
        asked = comparison.Asked(**names, other=project_for(request.user, other, "report.read") if other else None)
        view = comparison.compare(project, panels.question_named(project, code), asked)
        if view is None:
            raise bad_parameter("first", "required", "Name two sides with first and second, or a project with with.")
        found = view.found
        return Response(
            {
                "question": code,
                "n_before": found.n_before,
                "n_after": found.n_after,
                "n_both": found.n_both,
                "n_apart": found.n_apart,
                "sentence": view.sentence,
                "estimates": {part: one.as_dict() for part, one in found.estimates.items()},
                "test": found.test.as_dict() if found.test else None,
            }
        )


class StudyFile(Endpoint):
    """Scores against a truth, for iMRMC."""

    @extend_schema(
        operation_id="get_study_file",
        parameters=[
            OpenApiParameter("score", str, required=True, description="A graded question about the whole case."),
            OpenApiParameter("truth", str, required=True, description="A category about the whole case, settled."),
            OpenApiParameter("positive", str, required=True, description="The code that means disease."),
            OpenApiParameter("with", str, description="The slug of a second modality with the same cases."),
        ],
        responses={(200, "text/plain"): OpenApiResponse(OpenApiTypes.BINARY, description="A file for iMRMC.")},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        """Download a multi-reader multi-case study; its first line says where the truth comes from."""
        project = self.project("report.read")
        given = {name: request.query_params.get(name, "") for name in ("score", "truth", "positive", "with")}
        other = project_for(request.user, given["with"], "report.read") if given["with"] else None
        score, truth = (panels.question_named(project, given[name]) for name in ("score", "truth"))
        content = reader_study.study_file(project, score, truth, given["positive"], other)
        return HttpResponse(content, content_type="text/plain; charset=utf-8")
