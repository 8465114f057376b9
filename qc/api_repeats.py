"""Repeats over HTTP: ask readers for a second, blind look at cases that they have read."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations.endpoint import ONCE, Endpoint
from annotations.idempotency import Answer
from qc.repeats import LEAST_WASHOUT_DAYS, ask_repeats


class RepeatsIn(serializers.Serializer):
    """What share of each reader's finished reads is read again, and how long after the first look."""

    share = serializers.FloatField(help_text="Above 0 and up to a half.")
    washout_days = serializers.IntegerField(required=False, default=LEAST_WASHOUT_DAYS, max_value=3650)


class SeatsOut(serializers.Serializer):
    """New seats by the code of their reader; which cases they are is told to nobody."""

    n_new = serializers.IntegerField()
    readers = serializers.DictField(child=serializers.IntegerField())


class RepeatList(Endpoint):
    """The repeats of a project."""

    @extend_schema(operation_id="ask_repeats", parameters=ONCE, request=RepeatsIn, responses={201: SeatsOut})
    def post(self, request: Request, slug: str) -> Response:
        """Ask readers to read a share of their cases again; figures stand on their pages under "earlier look"."""
        project = self.project("project.manage")
        new = self.take(RepeatsIn)

        def act() -> Answer:
            seats = ask_repeats(
                actor=request.user, project=project, share=new["share"], washout_days=new["washout_days"]
            )
            codes = sorted(seat.reader.code for seat in seats)
            return Answer(201, {"n_new": len(seats), "readers": {code: codes.count(code) for code in codes}})

        return self.once(act)
