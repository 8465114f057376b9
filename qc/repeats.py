"""Verb: ask readers to read cases again that they have read, so that each can be compared with himself."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from annotations import audit, locking
from annotations.assignment import place_of
from annotations.errors import InvalidInput
from annotations.models import Assignment, Exclusion, Project, Purpose, Reader

# What is remembered is no second look. Four weeks are the least that radiology takes for a washout.
LEAST_WASHOUT_DAYS = 28
LARGEST_SHARE = 0.5
DRAW = 0


@transaction.atomic
def ask_repeats(
    *,
    actor: User,
    project: Project,
    share: float,
    washout_days: int = LEAST_WASHOUT_DAYS,
    readers: Collection[Reader] = (),
    cases: Collection[str] = (),
) -> list[Assignment]:
    """Seat readers a second time at a share of the cases that they read, drawn by the project's key.

    A repeat opens after the washout, stands among the reader's other work and looks like it; it counts neither for
    the truth nor for agreement between readers. A case is repeated once.

    Parameters
    ----------
    share : float
        Of the finished reads of each reader, above 0 and up to a half.
    washout_days : int
        Least days between the two looks.
    readers : collection of Reader
        Only these; empty for every active person. A model is asked by running it again.
    cases : collection of str
        Only reads of these cases, by key; empty for all.

    Raises
    ------
    InvalidInput
        With a share or a washout out of bounds, or when nothing can be repeated.
    """
    if not 0 < share <= LARGEST_SHARE:
        raise InvalidInput.at("share", "out-of-range", f"The share is above 0 and up to {LARGEST_SHARE}.")
    if washout_days < LEAST_WASHOUT_DAYS:
        detail = f"Two looks are {LEAST_WASHOUT_DAYS} days apart or more: what is remembered is no second look."
        raise InvalidInput.at("washout_days", "too-short", detail)
    locking.lock(Project.objects.filter(pk=project.pk)).get()
    rows: list[Assignment] = []
    for reader in _asked(project, readers):
        rows += _repeats_of(reader, share, timedelta(days=washout_days), set(cases))
    if not rows:
        raise InvalidInput.at(
            "share", "nothing-to-repeat", "No finished first read is left that this could ask for again."
        )
    Assignment.objects.bulk_create(rows, batch_size=1000)
    body = {
        "n_seats": len(rows),
        "share": share,
        "washout_days": washout_days,
        "readers": sorted({row.reader.code for row in rows}),
    }
    audit.record(project=project, actor=actor, action="repeats.asked", body=body)
    return rows


def _asked(project: Project, readers: Collection[Reader]) -> Sequence[Reader]:
    people = Reader.objects.filter(project=project, kind="human", user__isnull=False, deactivated_at__isnull=True)
    if readers:
        people = people.filter(pk__in=[reader.pk for reader in readers])
    return list(people.order_by("code"))


def _repeats_of(reader: Reader, share: float, washout: timedelta, cases: set[str]) -> list[Assignment]:
    """Return the new seats of one reader."""
    gone = Exclusion.objects.filter(revoked_at__isnull=True).values("case")
    firsts = Assignment.objects.filter(reader=reader, finished_at__isnull=False).exclude(case__in=gone)
    seats = firsts.filter(sitting=1, purpose=Purpose.TRUTH).select_related("case__project", "reader")
    again = set(Assignment.objects.filter(reader=reader, sitting__gt=1).values_list("case_id", flat=True))
    pool = [seat for seat in seats if seat.case_id not in again and (not cases or seat.case.key in cases)]
    # Drawn apart from the place, or the repeats would all come first.
    drawn = sorted(pool, key=lambda seat: place_of(seat.case.project, reader.code, seat.case.key, DRAW))
    wanted = drawn[: max(1, round(share * len(pool)))] if pool else []
    rounds = dict(firsts.values_list("case_id").annotate(top=Max("round")))
    moment = locking.now()
    return [
        Assignment(
            case=seat.case,
            reader=reader,
            round=rounds[seat.case_id] + 1,
            sitting=2,
            purpose=Purpose.REPEAT,
            place=place_of(seat.case.project, reader.code, seat.case.key, rounds[seat.case_id] + 1),
            created_at=moment,
            opens_at=max(moment, (seat.finished_at or moment) + washout),
        )
        for seat in wanted
    ]
