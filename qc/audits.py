"""Verb: have a drawn share of the cases that are closed read once more, blind, by somebody who never saw them."""

from collections.abc import Mapping
from typing import Any

from annotations import assignment, audit
from annotations.models import Assignment, Case, Purpose, ReaderKind


def seat_auditor(case: Case, document: Mapping[str, Any]) -> Assignment | None:
    """Give a closed case that was drawn to one more reader, inside the caller's transaction; None without one.

    The case stays closed while the audit waits. Its reader finds it among the other work and cannot tell it apart.
    """
    if "audit" not in document or not is_drawn(case, document["audit"]):
        return None
    if Assignment.objects.filter(case=case, purpose=Purpose.AUDIT).exists():
        return None
    seed = int(assignment.drawn(case.project, f"auditor|{case.key}") * assignment.STEPS)
    free = assignment.free_readers(project=case.project, case=case, n_readers=None, seed=seed)
    people = [reader for reader in free if reader.kind == ReaderKind.HUMAN and reader.user_id is not None]
    if not people:
        return None
    seat = assignment.blind_seat(people[0], case, Purpose.AUDIT)
    seat.save()
    # Which case it is, the trail does not say: whoever reads it may also read here.
    audit.record(project=case.project, actor=None, action="audit.asked", body={"reader": people[0].code})
    return seat


def is_drawn(case: Case, policy: Mapping[str, Any]) -> bool:
    """Say whether a case belongs to the share that is audited: drawn by the project's key, whatever was answered.

    The share is raised where it would give fewer than the least number of audits.
    """
    share = float(policy["share"])
    if policy.get("minimum"):
        share = max(share, policy["minimum"] / max(case.project.cases.count(), 1))
    return assignment.drawn(case.project, f"audit|{case.key}") < share
