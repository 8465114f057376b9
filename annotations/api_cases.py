"""Cases, readers, seats and the worklist over HTTP."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import assignment, intake, submission
from annotations.endpoint import ONCE, PAGED, Endpoint, page_of
from annotations.errors import InvalidInput, NotFound, ReadingFinished
from annotations.idempotency import Answer
from annotations.models import Assignment, Case, Project, Reader, ReaderKind, Role
from annotations.permissions import cases_visible_to, role_in
from annotations.selectors import member_named, opened, worklist

MOST_CASES = 5000


class CaseForm(serializers.Serializer):
    """One case; shape in voxels and spacing in millimetres along (z, y, x), where an image is known."""

    key = serializers.CharField(max_length=120)
    subject = serializers.CharField(max_length=120)
    strata = serializers.DictField(required=False, default=dict)
    shape = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=3, max_length=3, required=False, allow_null=True
    )
    spacing_mm = serializers.ListField(
        child=serializers.FloatField(min_value=1e-6), min_length=3, max_length=3, required=False, allow_null=True
    )


class CasesIn(serializers.Serializer):
    """Cases to be registered."""

    cases = CaseForm(many=True, max_length=MOST_CASES)


class CasesOut(serializers.Serializer):
    """How many are new, and how many were there."""

    n_new = serializers.IntegerField()
    n_there = serializers.IntegerField()


class CaseOut(serializers.Serializer):
    """A case; subject and strata are shown to the QA lead only."""

    id = serializers.UUIDField()
    key = serializers.CharField()
    subject = serializers.CharField(required=False)
    strata = serializers.DictField(required=False)


def new_case(form: dict[str, Any]) -> intake.NewCase:
    """Return a checked form as a case."""
    shape, spacing = form.get("shape"), form.get("spacing_mm")
    return intake.NewCase(
        key=form["key"],
        subject=form["subject"],
        strata=form["strata"],
        shape=tuple(shape) if shape else None,
        spacing_mm=tuple(spacing) if spacing else None,
    )


def case_of(request: Request, project: Project, public_id: Any) -> Case:
    """Return a case of the project that the caller may see, or 404."""
    case = cases_visible_to(request.user).filter(project=project, public_id=public_id).first()
    if case is None:
        raise NotFound("No such case.")
    return case


class CaseList(Endpoint):
    """The cases of a project."""

    @extend_schema(operation_id="list_cases", parameters=PAGED, responses=page_of(CaseOut))
    def get(self, request: Request, slug: str) -> Response:
        """List the cases that you may see: all for the QA lead, those with a seat of yours for an annotator."""
        project = self.project("case.read")
        sees_all = role_in(request.user, project) == Role.QA_LEAD

        def show(rows: Iterable[Case]) -> list[Any]:
            return [
                {"id": row.public_id, "key": row.key}
                | ({"subject": row.subject, "strata": row.strata} if sees_all else {})
                for row in rows
            ]

        return self.page(cases_visible_to(request.user).filter(project=project), "public_id", show)

    @extend_schema(operation_id="register_cases", parameters=ONCE, request=CasesIn, responses={201: CasesOut})
    def post(self, request: Request, slug: str) -> Response:
        """Register cases; keys that are there already are left alone."""
        project = self.project("project.manage")
        cases = [new_case(form) for form in self.take(CasesIn)["cases"]]

        def act() -> Answer:
            n_new = intake.register_cases(actor=request.user, project=project, cases=cases)
            return Answer(201, {"n_new": n_new, "n_there": len(cases) - n_new})

        return self.once(act)


class FinishOut(serializers.Serializer):
    """The reading that counts from now on."""

    case = serializers.CharField()
    round = serializers.IntegerField()


class CaseFinish(Endpoint):
    """The end of one's own reading of a case."""

    @extend_schema(operation_id="finish_reading", parameters=ONCE, request=None, responses=FinishOut)
    def post(self, request: Request, slug: str, case: Any) -> Response:
        """Finish your reading: its answers count from now on and cannot be changed."""
        row = case_of(request, self.project("annotation.submit"), case)

        def act() -> Answer:
            seat = submission.finish_reading(actor=request.user, assignment=open_seat(request.user, row))
            return Answer(200, {"case": row.key, "round": seat.round})

        return self.once(act)


def open_seat(user: User, case: Case) -> Assignment:
    """Return the seat of a person at a case that is not finished."""
    seats = Assignment.objects.filter(opened(), case=case, reader__user_id=user.pk).order_by("round")
    if not seats:
        raise NotFound("You have no seat at this case.")
    waiting = seats.filter(finished_at__isnull=True).first()
    if waiting is None:
        raise ReadingFinished("You have finished reading this case.")
    return waiting


class ExclusionIn(serializers.Serializer):
    """Why a case is taken out of the count."""

    reason = serializers.CharField(max_length=40)
    note = serializers.CharField(required=False, allow_blank=True, default="")


class ExclusionOut(serializers.Serializer):
    """The exclusion in force."""

    case = serializers.CharField()
    reason = serializers.CharField()
    note = serializers.CharField()


class CaseExclusion(Endpoint):
    """Taking a case out of the count."""

    @extend_schema(operation_id="exclude_case", parameters=ONCE, request=ExclusionIn, responses={201: ExclusionOut})
    def post(self, request: Request, slug: str, case: Any) -> Response:
        """Exclude a case, with a reason that every report shows."""
        row = case_of(request, self.project("case.exclude"), case)
        new = self.take(ExclusionIn)

        def act() -> Answer:
            made = intake.exclude_case(actor=request.user, case=row, reason=new["reason"], note=new["note"])
            return Answer(201, {"case": row.key, "reason": made.reason, "note": made.note})

        return self.once(act)


class ReaderIn(serializers.Serializer):
    """A reader under a code; ``username`` for a person who signs in here."""

    code = serializers.CharField(max_length=40)
    username = serializers.CharField(required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=ReaderKind.choices, required=False, default=ReaderKind.HUMAN)
    version = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")


class ReaderOut(serializers.Serializer):
    """A reader; only the QA lead sees who it is."""

    code = serializers.CharField()
    username = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=ReaderKind.choices)
    version = serializers.CharField(help_text="Of a model; empty for a person.")
    reads_for = serializers.CharField(help_text="truth, or benchmark: no vote.")
    is_active = serializers.BooleanField(help_text="false: reads no more; what was finished stays.")


def reader_form(reader: Reader) -> dict[str, Any]:
    """Return a reader as the QA lead sees it."""
    return {
        "code": reader.code,
        "username": reader.user.get_username() if reader.user else None,
        "kind": reader.kind,
        "version": reader.version,
        "reads_for": reader.reads_for,
        "is_active": reader.deactivated_at is None,
    }


class ReaderList(Endpoint):
    """The readers of a project."""

    @extend_schema(operation_id="list_readers", parameters=PAGED, responses=page_of(ReaderOut))
    def get(self, request: Request, slug: str) -> Response:
        """List the readers with their codes."""
        rows = self.project("report.read").readers.select_related("user")
        return self.page(rows, "code", lambda found: [reader_form(row) for row in found])

    @extend_schema(operation_id="register_reader", parameters=ONCE, request=ReaderIn, responses={201: ReaderOut})
    def post(self, request: Request, slug: str) -> Response:
        """Register a reader; the same code again is the same reader."""
        project = self.project("project.manage")
        new = self.take(ReaderIn)
        user = member_named(project, new["username"]) if new["username"] else None

        def act() -> Answer:
            reader = intake.register_reader(
                actor=request.user,
                project=project,
                code=new["code"],
                user=user,
                kind=new["kind"],
                version=new["version"],
            )
            return Answer(201, reader_form(reader))

        return self.once(act)


class ActivityIn(serializers.Serializer):
    """Whether a reader reads on."""

    is_active = serializers.BooleanField()


class ReaderDetail(Endpoint):
    """One reader."""

    @extend_schema(operation_id="set_reader_active", request=ActivityIn, responses=ReaderOut)
    def patch(self, request: Request, slug: str, code: str) -> Response:
        """Let a reader read no more, or again; finished readings stay and count."""
        reader = self.project("project.manage").readers.filter(code=code).first()
        if reader is None:
            raise NotFound("The project has no such reader.")
        is_active = self.take(ActivityIn)["is_active"]
        return Response(reader_form(intake.set_active(actor=request.user, reader=reader, is_active=is_active)))


class AssignmentsIn(serializers.Serializer):
    """Every reader is seated at every case; without ``cases``, at all cases of the project.

    With ``n_readers`` so many of them are drawn for each case, the least busy first; seats that are there count.
    """

    cases = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True, default=None)
    readers = serializers.ListField(child=serializers.CharField(), min_length=1, max_length=64)
    round = serializers.IntegerField(min_value=1, max_value=100, required=False, default=1)
    n_readers = serializers.IntegerField(min_value=1, max_value=64, required=False, allow_null=True, default=None)


class AssignmentsOut(serializers.Serializer):
    """How many seats are new."""

    n_new = serializers.IntegerField()


def named(rows: Iterable[Any], member_name: str, names: Sequence[str], pointer: str) -> list[Any]:
    """Return the rows that these names stand for, or refuse the names that stand for none."""
    found = {getattr(row, member_name): row for row in rows}
    errors = [
        {"pointer": f"#/{pointer}/{place}", "code": "unknown-name", "detail": f"The project has no {name!r}."}
        for place, name in enumerate(names)
        if name not in found
    ]
    if errors:
        raise InvalidInput(errors=errors)
    return [found[name] for name in dict.fromkeys(names)]


class AssignmentList(Endpoint):
    """The seats of a project."""

    @extend_schema(
        operation_id="assign_readers", parameters=ONCE, request=AssignmentsIn, responses={201: AssignmentsOut}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Seat readers at cases; seats that are there already stay."""
        project = self.project("project.manage")
        new = self.take(AssignmentsIn)
        active = project.readers.filter(deactivated_at__isnull=True)
        readers = named(active, "code", new["readers"], "readers")
        there = project.cases.order_by("pk")
        cases = list(there) if new["cases"] is None else named(there, "key", new["cases"], "cases")

        if new["n_readers"] is not None and new["round"] != assignment.FIRST_ROUND:
            detail = "Readers are drawn for the first round only."
            raise InvalidInput(detail, errors=[{"pointer": "#/round", "code": "not-first", "detail": detail}])

        def act() -> Answer:
            seats = {"actor": request.user, "project": project, "cases": cases, "readers": readers}
            if new["n_readers"] is None:
                return Answer(201, {"n_new": assignment.assign_readers(**seats, round=new["round"])})
            return Answer(201, {"n_new": assignment.draw_readers(**seats, n_readers=new["n_readers"])})

        return self.once(act)


class BenchmarkIn(serializers.Serializer):
    """How many readers are measured by the truth and have no vote in it."""

    n_readers = serializers.IntegerField(min_value=1, max_value=64)


class BenchmarkOut(serializers.Serializer):
    """The readers that were drawn."""

    readers = serializers.ListField(child=serializers.CharField())


class Benchmark(Endpoint):
    """The benchmark readers of a project."""

    @extend_schema(operation_id="draw_benchmark", parameters=ONCE, request=BenchmarkIn, responses={201: BenchmarkOut})
    def post(self, request: Request, slug: str) -> Response:
        """Draw the readers who serve as benchmark, before anybody has read; once."""
        project = self.project("project.manage")
        n_readers = self.take(BenchmarkIn)["n_readers"]

        def act() -> Answer:
            drawn = assignment.draw_benchmark(actor=request.user, project=project, n_readers=n_readers)
            return Answer(201, {"readers": sorted(reader.code for reader in drawn)})

        return self.once(act)


class SeatOut(serializers.Serializer):
    """A case that waits for you."""

    case = serializers.CharField()
    id = serializers.UUIDField()
    round = serializers.IntegerField()
    finish_url = serializers.CharField()


class Worklist(Endpoint):
    """The cases that wait for the caller."""

    @extend_schema(operation_id="list_worklist", parameters=PAGED, responses=page_of(SeatOut))
    def get(self, request: Request, slug: str) -> Response:
        """List your seats that are not finished, oldest first."""
        rows = worklist(request.user, self.project("annotation.submit"))

        def show(seats: Iterable[Assignment]) -> list[Any]:
            return [
                {
                    "case": seat.case.key,
                    "id": seat.case.public_id,
                    "round": seat.round,
                    "finish_url": reverse("api-finish", args=[slug, seat.case.public_id]),
                }
                for seat in seats
            ]

        return self.page(rows, "case__public_id", show)
