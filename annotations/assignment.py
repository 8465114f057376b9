"""Verb: give readers their seats, balanced and blinded."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Sequence

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction

from annotations import audit, due, locking
from annotations.errors import Conflict, InvalidInput
from annotations.models import Assignment, Case, Project, Purpose, Reader, ReaderKind

FIRST_ROUND = 1
BENCHMARK_DRAW = -2
STEPS = 2**48
FIRST_DRAW = -3
LEAST_TRUTH = 2


@transaction.atomic
def assign_readers(
    *,
    actor: User | None,
    project: Project,
    cases: Sequence[Case],
    readers: Sequence[Reader],
    round: int = 1,
) -> int:
    """Seat every reader at every case of the round; seats that are there stay. Returns the new seats."""
    pairs = [(case, reader) for case in cases for reader in readers]
    return _seat(actor, project, pairs, round)


@transaction.atomic
def draw_readers(
    *, actor: User, project: Project, cases: Sequence[Case], readers: Sequence[Reader], n_readers: int
) -> int:
    """Seat so many of these readers at each case, drawn and balanced; returns the new seats.

    A case that has as many gets none, so the same wish again does nothing and a later one tops up.
    """
    locking.lock(Project.objects.filter(pk=project.pk)).get()
    return _seat(actor, project, drawn_seats(project, cases, readers, n_readers), FIRST_ROUND)


def drawn_seats(
    project: Project, cases: Sequence[Case], readers: Sequence[Reader], n_readers: int
) -> list[tuple[Case, Reader]]:
    """Return the seats that a draw would give: at each case the least busy readers, ties drawn by the project's key.

    Raises
    ------
    InvalidInput
        Where there are fewer readers than are wanted at a case.
    """
    if not 0 < n_readers <= len(readers):
        detail = f"Each case can have 1 to {len(readers)} of these readers."
        raise InvalidInput.at("n_readers", "out-of-range", detail)
    seated: dict[int, set[int]] = {}
    n_counting: Counter[int] = Counter()
    busy: Counter[int] = Counter()
    seats = Assignment.objects.filter(case__project=project, round=FIRST_ROUND)
    for case_id, reader_id, purpose in seats.values_list("case_id", "reader_id", "purpose"):
        seated.setdefault(case_id, set()).add(reader_id)
        n_counting[case_id] += purpose == Purpose.TRUTH
        busy[reader_id] += 1
    pairs = []
    for case in sorted(cases, key=lambda case: place_of(project, "", case.key, FIRST_DRAW)):
        free = [reader for reader in readers if reader.pk not in seated.get(case.pk, ())]
        drawn = {reader.pk: place_of(project, reader.code, case.key, FIRST_DRAW) for reader in free}
        free.sort(key=lambda reader: (busy[reader.pk], drawn[reader.pk]))
        for reader in free[: max(n_readers - n_counting[case.pk], 0)]:
            busy[reader.pk] += 1
            pairs.append((case, reader))
    return pairs


def _seat(actor: User | None, project: Project, pairs: Sequence[tuple[Case, Reader]], round: int) -> int:
    """Write the seats of these pairs that are not there, mark their cases due and record it."""
    moment = locking.now()
    readers = {reader.pk: reader for _, reader in pairs}
    there = Assignment.objects.filter(case__project=project, reader__in=readers)
    taken = set(there.values_list("case_id", "reader_id", "round"))
    n_sittings = Counter((case_id, reader_id) for case_id, reader_id, _ in taken)
    rows = [
        Assignment(
            case=case,
            reader=reader,
            round=round,
            sitting=n_sittings[case.pk, reader.pk] + 1,
            purpose=reader.reads_for,
            place=place_of(project, reader.code, case.key, round),
            created_at=moment,
        )
        for case, reader in pairs
        if (case.pk, reader.pk, round) not in taken
    ]
    Assignment.objects.bulk_create(rows, batch_size=2000)
    if rows:
        due.mark(Case.objects.filter(pk__in={row.case_id for row in rows}))
        n_cases = len({case.pk for case, _ in pairs})
        codes = sorted(reader.code for reader in readers.values())
        body = {"n_seats": len(rows), "n_cases": n_cases, "readers": codes}
        audit.record(project=project, actor=actor, action="readers.assigned", body=body)
    return len(rows)


def blind_seat(reader: Reader, case: Case, purpose: str) -> Assignment:
    """Return a new seat, not yet saved, that looks to its reader like any first seat at a case."""
    place = place_of(case.project, reader.code, case.key, FIRST_ROUND)
    return Assignment(
        case=case, reader=reader, round=FIRST_ROUND, purpose=purpose, place=place, created_at=locking.now()
    )


def place_of(project: Project, reader: str, case: str, round: int) -> float:
    """Return where a case stands in a reader's work, 0 to 1: drawn by the project's key, so that it can be repeated.

    Readers who take the cases in one order tire at the same cases.
    """
    return drawn(project, f"place|{reader}|{case}|{round}")


def drawn(project: Project, what: str) -> float:
    """Return a number from 0 to 1 that only the project's key can foretell, the same each time."""
    return int.from_bytes(hmac.new(project.secret.encode(), what.encode(), hashlib.sha256).digest()[:6], "big") / STEPS


@transaction.atomic
def draw_benchmark(*, actor: User, project: Project, n_readers: int) -> list[Reader]:
    """Draw readers whose reads are measured by the truth and never part of it, before anybody has read.

    Drawn for the project and not case by case: what a reader does is then known throughout.

    Raises
    ------
    InvalidInput
        Where fewer than two readers would be left to settle anything.
    Conflict
        Once a reading is finished or a draw was made: who serves as benchmark must not depend on answers.
    """
    locking.lock(Project.objects.filter(pk=project.pk)).get()
    people = Reader.objects.filter(project=project, deactivated_at__isnull=True, kind=ReaderKind.HUMAN)
    if people.filter(reads_for=Purpose.BENCHMARK).exists():
        raise Conflict("The benchmark readers are drawn already.")
    if Assignment.objects.filter(case__project=project, finished_at__isnull=False).exists():
        raise Conflict("Somebody has read already: who is the benchmark must be drawn before anything is answered.")
    everybody = sorted(people, key=lambda reader: place_of(project, reader.code, "", BENCHMARK_DRAW))
    if not 0 < n_readers <= len(everybody) - LEAST_TRUTH:
        detail = f"Of {len(everybody)} readers at least {LEAST_TRUTH} are left to settle the cases."
        raise InvalidInput.at("n_readers", "out-of-range", detail)
    chosen = everybody[:n_readers]
    Reader.objects.filter(pk__in=[reader.pk for reader in chosen]).update(reads_for=Purpose.BENCHMARK)
    seats = Assignment.objects.filter(reader__in=chosen, purpose=Purpose.TRUTH)
    due.mark(Case.objects.filter(assignments__in=seats))
    seats.update(purpose=Purpose.BENCHMARK)
    body = {"readers": sorted(reader.code for reader in chosen), "of": len(everybody)}
    audit.record(project=project, actor=actor, action="benchmark.drawn", body=body)
    return chosen


def free_readers(*, project: Project, case: Case, n_readers: int | None, seed: int) -> list[Reader]:
    """Return the active readers who have no seat at the case: least busy first, ties drawn by the seed.

    All of them where no number is asked for.
    """
    # A model is asked by running it; waiting for one would hold the case up.
    people = Reader.objects.filter(project=project, deactivated_at__isnull=True, kind=ReaderKind.HUMAN)
    free: Sequence[Reader] = list(people.filter(reads_for=Purpose.TRUTH).exclude(assignments__case=case))
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(free))
    drawn = {reader.pk: int(place) for reader, place in zip(free, order, strict=True)}
    busy = {reader.pk: reader.assignments.count() for reader in free}
    return sorted(free, key=lambda reader: (busy[reader.pk], drawn[reader.pk]))[:n_readers]
