"""What the newest measurement of a project found beside agreement: methods, readers, groups of cases."""

from collections.abc import Sequence
from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import Endpoint, page_of
from annotations.models import Project
from qc.models import MethodResult, ReaderResult, SubgroupResult
from qc.selectors import newest_run


def rows_of_run(project: Project, model: type[models.Model], names: Sequence[str], order: str) -> list[dict[str, Any]]:
    """Return the rows that the newest measurement of a project added, question by question.

    Parameters
    ----------
    project : Project
        Whose measurement.
    model : type
        A model with an evaluation and a question; question and reader are shown by their codes.
    names : sequence of str
        Fields to show beside the question.
    order : str
        What the rows of one question are ordered by.
    """
    columns = {name: f"{name}__code" if name in ("question", "reader") else name for name in ("question", *names)}
    rows = model._default_manager.filter(evaluation=newest_run(project))
    values = rows.order_by("question__position", order, "pk").values_list(*columns.values())
    return [dict(zip(columns, row, strict=True)) for row in values]


class MethodResultOut(serializers.Serializer):
    """One consensus method on all units of a question; ``place`` 0 is the protocol's own."""

    question = serializers.CharField()
    method = serializers.CharField()
    place = serializers.IntegerField()
    outcomes = serializers.DictField()
    n_units = serializers.IntegerField()
    n_same = serializers.IntegerField()
    parted = serializers.ListField(help_text="[case, finding number] of every unit where it parts from the protocol's.")
    learned = serializers.DictField(help_text="Fit, and a soft label for each pattern of answers; empty for votes.")


class MethodResultList(Endpoint):
    """Consensus methods side by side."""

    @extend_schema(operation_id="compare_methods", responses=page_of(MethodResultOut))
    def get(self, request: Request, slug: str) -> Response:
        """Read what each method makes of the same units, as of the newest measurement."""
        shown = ("method", "place", "outcomes", "n_units", "n_same", "parted", "learned")
        return self.listed(rows_of_run(self.project("report.read"), MethodResult, shown, "place"), None)


class ReaderResultOut(serializers.Serializer):
    """One result about one reader on one question: an estimate, a test or a chart."""

    question = serializers.CharField()
    reader = serializers.CharField()
    statistic = serializers.CharField()
    part = serializers.CharField()
    against = serializers.CharField(help_text="others, adjudicated, or own for a reader's own order")
    result = serializers.DictField()


class ReaderResultList(Endpoint):
    """What was found about readers."""

    @extend_schema(operation_id="list_reader_results", responses=page_of(ReaderResultOut))
    def get(self, request: Request, slug: str) -> Response:
        """Read the results about readers, as of the newest measurement; never against a truth with their own vote."""
        shown = ("reader", "statistic", "part", "against", "result")
        return self.listed(rows_of_run(self.project("report.read"), ReaderResult, shown, "reader__code"), None)


class SubgroupOut(serializers.Serializer):
    """One group of units beside all others."""

    question = serializers.CharField()
    attribute = serializers.CharField()
    group = serializers.CharField()
    n_units = serializers.IntegerField()
    mean = serializers.FloatField()
    gap = serializers.DictField()
    test = serializers.DictField()


class SubgroupList(Endpoint):
    """Agreement by site, sex, age, scanner and size."""

    @extend_schema(operation_id="list_subgroups", responses=page_of(SubgroupOut))
    def get(self, request: Request, slug: str) -> Response:
        """Read how far readers agree in groups of cases, as of the newest measurement."""
        shown = ("attribute", "group", "n_units", "mean", "gap", "test")
        return self.listed(rows_of_run(self.project("report.read"), SubgroupResult, shown, "attribute"), None)
