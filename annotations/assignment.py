"""Verb: give readers their seats, balanced and blinded."""

from collections.abc import Sequence

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction

from annotations import audit, due, locking
from annotations.models import Assignment, Case, Project, Reader


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
    moment = locking.now()
    there = set(
        Assignment.objects.filter(case__in=cases, reader__in=readers, round=round).values_list("case_id", "reader_id")
    )
    rows = [
        Assignment(case=case, reader=reader, round=round, created_at=moment)
        for case in cases
        for reader in readers
        if (case.pk, reader.pk) not in there
    ]
    Assignment.objects.bulk_create(rows, batch_size=2000)
    if rows:
        due.mark(Case.objects.filter(pk__in={row.case_id for row in rows}))
        body = {"n_seats": len(rows), "n_cases": len(cases), "readers": sorted(reader.code for reader in readers)}
        audit.record(project=project, actor=actor, action="readers.assigned", body=body)
    return len(rows)


def free_readers(*, project: Project, case: Case, n_readers: int, seed: int) -> list[Reader]:
    """Return the active readers who have no seat at the case: least busy first, ties drawn by the seed."""
    free: Sequence[Reader] = list(
        Reader.objects.filter(project=project, deactivated_at__isnull=True).exclude(assignments__case=case)
    )
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(free))
    drawn = {reader.pk: int(place) for reader, place in zip(free, order, strict=True)}
    busy = {reader.pk: reader.assignments.count() for reader in free}
    return sorted(free, key=lambda reader: (busy[reader.pk], drawn[reader.pk]))[:n_readers]
