"""Reads of seats: whose read has a vote, whose is compared with what the others settle, and whose checks it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q

from annotations.models import Annotation, Assignment, Case, Purpose, ReaderKind
from annotations.selectors import Answer
from qc.protocols import ai_second_reader
from qc.protocols.base import Seat
from qc.settling.base import Check, Read
from qc.settling.checks import MODEL
from qc.settling.second import SECOND

# The member of a protocol that gives models a vote.
MODEL_VOTES = "model_votes"
# The member by which a model that differs sends what people accepted to a physician.
MODEL_CHECK = "model_check"
CHECKING = frozenset({Purpose.AUDIT, Purpose.CONTROL})


def reads_of(answers: Iterable[Answer], codes: Mapping[int, str]) -> tuple[Read, ...]:
    """Return standing answers as settling takes them; those to questions of an earlier schema are left out."""
    return tuple(
        Read(one.reader, codes[one.question_id], one.mark, one.label, one.pk, one.digest)
        for one in answers
        if one.question_id in codes and one.label is not None
    )


def checks_of(
    case: Case, document: Mapping[str, Any], answers: Sequence[Answer], codes: Mapping[int, str]
) -> tuple[Check, ...]:
    """Return the finished audits and controls of a case, and models where the protocol checks by them, in order."""
    own, models = Q(purpose__in=[Purpose.AUDIT, Purpose.CONTROL]), Q(reader__kind=ReaderKind.MODEL)
    wanted = own | (silent(document) & models) if document.get(MODEL_CHECK) else own
    rows = Assignment.objects.filter(wanted, case=case, finished_at__isnull=False)
    values = rows.values_list("purpose", "reader__code", "sitting")
    seats = sorted((purpose if purpose in CHECKING else MODEL, code, sitting) for purpose, code, sitting in values)
    return tuple(
        Check(purpose, code, reads_of([a for a in answers if (a.reader, a.sitting) == (code, sitting)], codes))
        for purpose, code, sitting in seats
    )


def voting(document: Mapping[str, Any]) -> Q:
    """Return the condition on a seat that its read has a vote: for the truth, and a person's unless models vote."""
    truth = Q(purpose=Purpose.TRUTH)
    return truth if document.get(MODEL_VOTES) else truth & ~Q(reader__kind=ReaderKind.MODEL)


def silent(document: Mapping[str, Any]) -> Q:
    """Return the condition on a seat that its read has no vote and is compared with what the others settle.

    No model is, where one reads second: it would stand in the truth that it is measured by.
    """
    benchmark = Q(purpose=Purpose.BENCHMARK)
    model = Q(purpose=Purpose.TRUTH, reader__kind=ReaderKind.MODEL)
    return benchmark if document.get(MODEL_VOTES) or second_model(document) else benchmark | model


def second_model(document: Mapping[str, Any]) -> str:
    """Return the code of the model that reads second under a protocol; empty for none."""
    return str(document.get("model", "")) if document.get("protocol") == ai_second_reader.NAME else ""


def reads_second(document: Mapping[str, Any]) -> Q:
    """Return the condition on a seat that it is the stored read of the model that reads second.

    All of it was there before the first person had finished the case: a read that is made, changed or withdrawn
    knowing what people said is no second reader's.
    """
    people = Assignment.objects.filter(voting(document), case=OuterRef("case"))
    revised = Annotation.objects.filter(
        Exists(people.filter(finished_at__lte=OuterRef("created_at"))),
        case=OuterRef("case"),
        reader=OuterRef("reader"),
    )
    own = Q(reader__code=second_model(document), reader__kind=ReaderKind.MODEL, purpose=Purpose.TRUTH, sitting=1)
    in_time = ~Exists(people.filter(finished_at__lte=OuterRef("finished_at"))) & ~Exists(revised)
    return own & Q(finished_at__isnull=False) & in_time


def second_of(
    case: Case, document: Mapping[str, Any], answers: Sequence[Answer], codes: Mapping[int, str]
) -> Check | None:
    """Return the read of the model that reads second, where the protocol has one and it was there in time."""
    if not second_model(document):
        return None
    code = Assignment.objects.filter(reads_second(document), case=case).values_list("reader__code", flat=True).first()
    if code is None:
        return None
    return Check(SECOND, code, reads_of([a for a in answers if (a.reader, a.sitting) == (code, 1)], codes))


def counting_sittings(case: Case, document: Mapping[str, Any]) -> dict[str, int]:
    """Return the sitting of each reader that counts: the newest finished one that has a vote."""
    rows = Assignment.objects.filter(voting(document), case=case, finished_at__isnull=False)
    return dict(rows.order_by("sitting").values_list("reader__code", "sitting"))


def seats_of(case: Case, document: Mapping[str, Any]) -> tuple[Seat, ...]:
    """Return the seats of a case whose reads have a vote, in a fixed order."""
    rows = Assignment.objects.filter(voting(document), case=case).order_by("round", "reader__code")
    values = rows.values_list("reader__code", "round", "finished_at")
    return tuple(Seat(code, number, at is not None) for code, number, at in values)
