"""Verb: hide cases with a released label among a reader's work; and how readers did on them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from annotations import audit, locking
from annotations.assignment import blind_seat, place_of
from annotations.errors import InvalidInput
from annotations.models import Assignment, Case, Exclusion, Project, Purpose, Reader
from annotations.selectors import questions_of
from qc.cases import specs_of, unread
from qc.known import answers_in
from qc.models import ProtocolVersion
from qc.selectors import current_protocol
from qc.settling.base import QuestionSpec
from qc.settling.checks import is_contested
from qc.settling.known import KnownCase, against_known, known_of
from reports.models import GoldRecord, GoldRelease, NoticeKind

LEAST_SHARE, MOST_SHARE = 0.05, 0.15
DRAW = -1


@dataclass(frozen=True, slots=True)
class Scored:
    """One reader's answer to one question of one control."""

    reader: str
    case: str
    question: str
    is_right: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class Scores:
    """How readers did on controls, in the order in which they read them.

    ``contested`` holds the case and question of the controls that are in doubt: they are not in ``counted``.
    """

    counted: tuple[Scored, ...]
    contested: tuple[tuple[str, str, int, int], ...]


@transaction.atomic
def seat_controls(*, actor: User, project: Project, share: float, readers: Collection[Reader] = ()) -> list[Assignment]:
    """Hide controls in readers' work until they make up a share of it.

    A control is a case of the newest release that the reader never had; each is shown to a reader once. None is in
    doubt or out of the count. Where it stands in the work is drawn as for any other case.

    Parameters
    ----------
    share : float
        Of a reader's waiting cases, controls included, from 5 % to 15 %.
    readers : collection of Reader
        Only these; empty for every active person.

    Raises
    ------
    InvalidInput
        With a share out of bounds, without a release, or when nobody can be given any.
    """
    if not LEAST_SHARE <= share <= MOST_SHARE:
        raise InvalidInput.at(
            "share", "out-of-range", f"The share lies between {LEAST_SHARE:.0%} and {MOST_SHARE:.0%}."
        )
    locking.lock(Project.objects.filter(pk=project.pk)).get()
    release = source_of(project)
    if release is None:
        raise InvalidInput.at(
            "share", "no-release", "Controls are cases with a released label, and nothing is released yet."
        )
    pool = list(items_of(project, release))
    people = Reader.objects.filter(project=project, kind="human", user__isnull=False, deactivated_at__isnull=True)
    if readers:
        people = people.filter(pk__in=[reader.pk for reader in readers])
    rows = [seat for reader in people.order_by("code") for seat in _for_reader(reader, pool, share)]
    if not rows:
        detail = "Nobody has work waiting in which controls are missing, or every released case was read by everybody."
        raise InvalidInput.at("share", "nothing-to-hide", detail)
    Assignment.objects.bulk_create(rows, batch_size=1000)
    given = Counter(row.reader.code for row in rows)
    body = {"share": share, "release": release.number, "readers": dict(sorted(given.items()))}
    audit.record(project=project, actor=actor, action="controls.seated", body=body)
    return rows


def source_of(project: Project) -> GoldRelease | None:
    """Return the newest release that was not withdrawn."""
    withdrawn = {"notices__kind": NoticeKind.WITHDRAWAL}
    return project.releases.exclude(**withdrawn).order_by("-number").first()


def items_of(project: Project, release: GoldRelease) -> Iterable[Case]:
    """Return the cases that may serve as controls."""
    gone = Exclusion.objects.filter(case__project=project, revoked_at__isnull=True).values("case")
    labelled = release.records.filter(record__label__isnull=False).values("case")
    doubtful = {case for case, *_ in scores_of(project).contested}
    cases = project.cases.filter(key__in=labelled).exclude(pk__in=gone).select_related("project")
    return [case for case in cases if case.key not in doubtful]


def _for_reader(reader: Reader, pool: Sequence[Case], share: float) -> list[Assignment]:
    """Return the controls that are missing in a reader's waiting work."""
    waiting = Counter(
        Assignment.objects.filter(reader=reader, finished_at__isnull=True).values_list("purpose", flat=True)
    )
    n_other = sum(waiting.values()) - waiting[Purpose.CONTROL]
    n_missing = round(share / (1 - share) * n_other) - waiting[Purpose.CONTROL]
    if n_missing <= 0:
        return []
    known = set(Assignment.objects.filter(reader=reader).values_list("case_id", flat=True))
    free = [case for case in pool if case.pk not in known]
    drawn = sorted(free, key=lambda case: place_of(case.project, reader.code, case.key, DRAW))
    return [blind_seat(reader, case, Purpose.CONTROL) for case in drawn[:n_missing]]


def scores_of(project: Project) -> Scores:
    """Return right and wrong of every finished control, by the limits of the protocol in force."""
    protocol, release = current_protocol(project), source_of(project)
    seats = list(
        Assignment.objects.filter(case__project=project, purpose=Purpose.CONTROL, finished_at__isnull=False)
        .select_related("case__image", "reader")
        .order_by("finished_at", "pk")
    )
    if protocol is None or release is None or not seats:
        return Scores((), ())
    found = list(_scored(project, protocol, release, seats))
    n_read = Counter((one.case, one.question) for one in found)
    n_against = Counter((one.case, one.question) for one in found if not one.is_right)
    contested = {item for item, n in n_read.items() if is_contested(n, n_against[item])}
    return Scores(
        tuple(one for one in found if (one.case, one.question) not in contested),
        tuple((*item, n_read[item], n_against[item]) for item in sorted(contested)),
    )


def _scored(
    project: Project, protocol: ProtocolVersion, release: GoldRelease, seats: Sequence[Assignment]
) -> Iterable[Scored]:
    asked = questions_of(project)
    questions = specs_of(asked)
    parents = {question.code: question.about or question.code for question in questions}
    answers = answers_in(seats, {question.pk: question.code for question in asked})
    known = _known(release, {seat.case.key for seat in seats}, questions)
    for seat in seats:
        case = unread(seat.case, questions)
        given = answers.get((seat.case_id, seat.reader_id, seat.sitting), [])
        wrong: dict[str, str] = {}
        for one in against_known(known.get(seat.case.key, KnownCase(())), given, case, protocol.document):
            said = wrong.setdefault(parents[one.question], "")
            if not one.is_right and not said:
                wrong[parents[one.question]] = one.explanation or "Another answer than the released one."
        for question, explanation in wrong.items():
            yield Scored(seat.reader.code, seat.case.key, question, not explanation, explanation)


def _known(release: GoldRelease, keys: Collection[str], questions: Sequence[QuestionSpec]) -> dict[str, KnownCase]:
    """Return what a release says of some of its cases."""
    units: dict[str, list[tuple[str, str, Any]]] = {}
    codes = {question.code for question in questions}
    for row in GoldRecord.objects.filter(release=release, case__in=keys, question__in=codes):
        if row.record["label"] is not None or row.record["reason"] != "not applicable":
            units.setdefault(row.case, []).append((row.question, row.finding, row.record["label"]))
    return {key: known_of(found, questions) for key, found in units.items()}
