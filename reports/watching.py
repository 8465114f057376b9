"""Verbs: what a QA lead decides about a reader, each with its reason in the audit trail."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from annotations import audit, locking
from annotations.errors import Conflict, InvalidInput
from annotations.models import AuditEvent, Project, Question, Reader
from qc.judging import reading_of
from qc.measuring import comparable_units
from qc.models import ReaderResult
from qc.selectors import newest_run
from qc.settling.judging import OTHERS, errors_in_order, suspect_window
from qc.settling.measure import material_of
from reports.errors import NoSuspectWindow

PAUSE, RESUME, RETRAIN, REREAD = "paused", "resumed", "retraining_asked", "reread_proposed"
DECISIONS = {
    PAUSE: "Pause: no further case is shown or taken",
    RESUME: "Resume after a pause",
    RETRAIN: "Ask for retraining",
    REREAD: "Propose a blind re-read of the suspect window",
}
SAID = {
    PAUSE: "paused",
    RESUME: "resumed",
    RETRAIN: "retraining asked for",
    REREAD: "blind re-read proposed",
}
SAMPLE = 20
LEAST_REASON = 3


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision about a reader, from the audit trail."""

    what: str
    reason: str
    by: str
    at: Any
    cases: tuple[str, ...]
    question: str


@transaction.atomic
def decide(*, actor: User, reader: Reader, what: str, reason: str, question: Question | None = None) -> AuditEvent:
    """Record a decision about a reader and do it; nobody's reads are dropped by any of them.

    Raises
    ------
    InvalidInput
        Without a reason, with an unknown decision, or a re-read without its question.
    Conflict
        When a paused reader is paused again, or one who reads is resumed.
    NoSuspectWindow
        When no chart of errors has a signal, so that there is no window to read again.
    """
    problems = _problems(what, reason, question)
    if problems:
        raise InvalidInput("The decision was not recorded.", errors=problems)
    row = locking.lock(Reader.objects.filter(pk=reader.pk)).get()
    run = newest_run(row.project)
    body: dict[str, Any] = {"code": row.code, "reason": reason.strip(), "measured": run.input_digest if run else ""}
    if what in (PAUSE, RESUME):
        if (row.deactivated_at is not None) == (what == PAUSE):
            raise Conflict(f"This reader is {'paused' if what == PAUSE else 'not paused'}.", data={"code": row.code})
        row.deactivated_at = locking.now() if what == PAUSE else None
        row.save(update_fields=["deactivated_at"])
    if what == REREAD and question is not None:
        body |= {"question": question.code, "cases": reread_sample(row, question)}
    return audit.record(project=row.project, actor=actor, action=f"reader.{what}", body=body)


def _problems(what: str, reason: str, question: Question | None) -> list[dict[str, str]]:
    found = []
    if what not in DECISIONS:
        found.append({"pointer": "#/what", "code": "unknown", "detail": f"One of {', '.join(DECISIONS)}."})
    if len(reason.strip()) < LEAST_REASON:
        found.append({"pointer": "#/reason", "code": "required", "detail": "Say in a sentence why."})
    if what == REREAD and question is None:
        found.append({"pointer": "#/question", "code": "required", "detail": "Name the question to read again."})
    return found


def window_cases(reader: Reader, question: Question) -> list[str]:
    """Return the cases that a reader read while errors piled up, right reads among them; empty without a signal."""
    run = newest_run(reader.project)
    chart = ReaderResult.objects.filter(
        evaluation=run, question=question, reader=reader, statistic="error_cusum", against=OTHERS
    ).first()
    if chart is None:
        return []
    window = suspect_window(chart.result["points"], chart.result["signals"])
    order: Sequence[str] = reading_of(reader.project).order.get(reader.code, [])
    read = errors_in_order(material_of(comparable_units(reader.project, question)), reader.code, order)
    if window is None or len(read) != len(chart.result["points"]):
        # Reads came since the chart was made: its places name other cases now.
        return []
    return [case for case, _ in read[window[0] : window[1] + 1]]


def reread_sample(reader: Reader, question: Question) -> list[str]:
    """Return a sample of the suspect window in an order that tells nothing of right and wrong."""
    cases = sorted(set(window_cases(reader, question)))
    if not cases:
        raise NoSuspectWindow("No chart of errors of this reader has a signal on this question, or reads came since.")
    secret = reader.project.secret
    shuffled = sorted(cases, key=lambda case: hashlib.sha256(f"{secret} {reader.code} {case}".encode()).hexdigest())
    return shuffled[:SAMPLE]


def decisions_about(project: Project, code: str) -> list[Decided]:
    """Return what was decided about a reader, newest first."""
    actions = [f"reader.{what}" for what in DECISIONS]
    rows = AuditEvent.objects.filter(project=project, action__in=actions, body__code=code).select_related("actor")
    return [
        Decided(
            what=SAID[row.action.removeprefix("reader.")],
            reason=row.body["reason"],
            by=(row.actor.get_full_name() or row.actor.get_username()) if row.actor else "",
            at=row.at,
            cases=tuple(row.body.get("cases", ())),
            question=row.body.get("question", ""),
        )
        for row in rows.order_by("-number")
    ]
