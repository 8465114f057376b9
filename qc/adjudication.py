"""Verb: claim a dispute, keep a draft, sign a decision, give the dispute back."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q

from accounts import proving
from annotations import audit, due, locking
from annotations.errors import InvalidInput, NotFound, PreconditionFailed
from annotations.labels.base import LabelError, canonical
from annotations.models import Annotation, Case, Exposure, Project
from annotations.permissions import require
from annotations.registry import parse_label
from annotations.selectors import geometry_of
from qc.errors import (
    DisputeClosed,
    DisputeTaken,
    LeaseLost,
    LookFirst,
    NotIndependent,
    SigningLocked,
    StaleView,
    TooManyHeld,
    WrongPassword,
)
from qc.models import PERSONAL, Adjudication, Decision, Dispute, Draft, FirstLook, PanelVote, RootCause
from qc.presentation import combined_label, letters_of, must_look, shown_digest
from qc.selectors import is_independent, queue_for
from qc.settling.combining import WAYS

LEASE = timedelta(minutes=30)
LONGEST_HOLD = timedelta(hours=2)
MOST_HELD = 3
WRONG_TRIES = 5
LOCK_SECONDS = 900
WRONG = (
    "The password is wrong. Nothing was signed. With a second factor: type the password, a space, and the six digits "
    "of your device, each of which signs once."
)
MEANING = "I adjudicated this case"
PANEL_MEANING = "Closed by the votes of a panel"
VOTE_MEANING = "I voted on this case as a member of a panel"
CONFIDENCES = ("high", "medium", "low")


Signed = TypeVar("Signed", Adjudication, PanelVote)


@dataclass(frozen=True, slots=True)
class NewDecision:
    """A decision as it arrives from the physician."""

    decision: str
    letter: str = ""
    value: Mapping[str, Any] | None = None
    rationale: str = ""
    root_cause: str = ""
    confidence: str = ""
    password: str = ""
    shown_digest: str = ""
    fence: int = 0


def check_open_to(actor: User, dispute: Dispute) -> None:
    """Refuse whoever may not settle this dispute; the reason never points to a reader."""
    require(actor, dispute.project, "dispute.settle")
    if not Dispute.objects.filter(is_independent(actor), pk=dispute.pk).exists():
        raise NotIndependent("You read this case or have seen an answer to it, so it is not open to you.")


@transaction.atomic
def claim_dispute(*, actor: User, dispute: Dispute) -> Dispute:
    """Hold a dispute for half an hour; holding it already extends the hold, at most to two hours."""
    check_open_to(actor, dispute)
    moment = locking.now()
    row = locking.lock(Dispute.objects.filter(pk=dispute.pk)).get()
    if row.closed_at is not None:
        raise DisputeClosed("This dispute is closed.")
    end_late_panel(row, moment)
    until = row.held_until if row.held_until is not None and row.held_until > moment else None
    if until is not None and row.held_by_id != actor.pk:
        raise DisputeTaken("Somebody else holds this dispute.", data={"held_until": until.isoformat()})
    if until is not None and row.held_since is not None:
        row.held_until = min(moment + LEASE, row.held_since + LONGEST_HOLD)
    else:
        check_number_held(actor, moment)
        row.held_by, row.held_since, row.held_until = actor, moment, moment + LEASE
        row.fence = F("fence") + 1
        audit.record(project=row.project, actor=actor, action="dispute.claimed", body={"dispute": str(row.public_id)})
    row.save(update_fields=["seats", "panel_until", "held_by", "held_since", "held_until", "fence"])
    row.refresh_from_db()
    return row


def end_late_panel(row: Dispute, moment: datetime) -> None:
    """Give a dispute whose panel did not vote in time to the one physician who takes it now; the votes are kept."""
    if row.panel_until is None or row.panel_until >= moment:
        return
    body = {"dispute": str(row.public_id), "turn": row.turn, "votes": row.votes.filter(turn=row.turn).count()}
    row.seats, row.panel_until = 1, None
    audit.record(project=row.project, actor=None, action="panel.ended", body=body)


def check_number_held(actor: User, moment: datetime) -> None:
    """Refuse another hold to whoever has three: what is held is withheld from everybody else."""
    if Dispute.objects.filter(held_by=actor, held_until__gte=moment, closed_at__isnull=True).count() >= MOST_HELD:
        raise TooManyHeld("Settle or give back one of the three disputes that you hold.")


@transaction.atomic
def claim_next(*, actor: User, project: Project, passing: Collection[str] = ()) -> Dispute | None:
    """Return the dispute that the actor holds, or claim the first of the queue; None when nothing waits.

    ``passing`` names disputes that the actor passed over; they come last.
    """
    require(actor, project, "dispute.settle")
    queue = queue_for(actor, project)
    held = queue.filter(held_by=actor, held_until__gte=locking.now()).first()
    first = held or locking.lock_free(queue.exclude(public_id__in=list(passing))).first()
    if first is None and passing:
        first = locking.lock_free(queue).first()
    return claim_dispute(actor=actor, dispute=first) if first is not None else None


@transaction.atomic
def release_dispute(*, actor: User, dispute: Dispute, reason: str = "") -> None:
    """Give a held dispute back to the queue."""
    held = Dispute.objects.filter(pk=dispute.pk, held_by=actor, closed_at__isnull=True)
    if not held.update(held_by=None, held_since=None, held_until=None, jitter=F("jitter") + 1):
        raise LeaseLost("You do not hold this dispute.")
    body = {"dispute": str(dispute.public_id), "reason": reason}
    audit.record(project=dispute.project, actor=actor, action="dispute.released", body=body)


@transaction.atomic
def save_draft(*, actor: User, dispute: Dispute, body: Mapping[str, Any], expected: int | None = None) -> Draft:
    """Keep unsigned work; it outlives the hold and is never counted.

    ``expected`` is the revision that the writer has read, 0 where there was none; another one is refused.
    """
    check_open_to(actor, dispute)
    locking.lock(Dispute.objects.filter(pk=dispute.pk)).get()
    draft = Draft.objects.filter(dispute=dispute, user=actor).first()
    if expected is not None and expected != (draft.revision if draft else 0):
        raise PreconditionFailed("The draft was saved from another window; reload to see it.")
    if draft is None:
        return Draft.objects.create(dispute=dispute, user=actor, body=dict(body), saved_at=locking.now())
    draft.body, draft.saved_at, draft.revision = dict(body), locking.now(), draft.revision + 1
    draft.save(update_fields=["body", "saved_at", "revision"])
    return draft


def record_exposure(*, actor: User, dispute: Dispute) -> None:
    """Note that the reads behind a dispute leave the server for this person; before the first look none do."""
    if must_look(actor, dispute):
        return
    ids = [ref for _, ref, _ in dispute.result.inputs]
    moment = locking.now()
    Exposure.objects.bulk_create(
        [
            Exposure(viewer=actor, case=dispute.case, annotation_id=ref, stage="adjudication", shown_at=moment)
            for ref in ids
        ],
        ignore_conflicts=True,
    )


def resolve_dispute(*, actor: User, dispute: Dispute, new: NewDecision) -> Adjudication:
    """Sign a decision; the case is due for its next step.

    The password is asked for each signature. Five wrong ones close signing for a quarter of an hour.
    """
    source, label = checked(actor, dispute, new)
    with transaction.atomic():
        row = locking.lock(Dispute.objects.filter(pk=dispute.pk)).get()
        moment = locking.now()
        check_hold(actor, row, new, moment)
        return close(row, signed(Adjudication(dispute=row, adjudicator=actor), new, source, label, moment), actor)


def checked(actor: User, dispute: Dispute, new: NewDecision) -> tuple[Annotation | None, Mapping[str, Any] | None]:
    """Return the read that was taken and the label that is decided, once everything that is said can be signed."""
    check_open_to(actor, dispute)
    check_looked(actor, dispute)
    source, label = decided_label(dispute, new)
    check_words(new)
    check_password(actor, new.password)
    return source, label


def signed(
    row: Signed, new: NewDecision, source: Annotation | None, label: Mapping[str, Any] | None, moment: datetime
) -> Signed:
    """Return a decision or a vote with everything that its signature covers, and the signature."""
    signer = row.adjudicator if isinstance(row, Adjudication) else row.voter
    row.decision, row.source, row.label = new.decision, source, label
    row.rationale, row.root_cause, row.confidence = new.rationale.strip(), new.root_cause, new.confidence
    row.shown_digest, row.signed_at = new.shown_digest, moment
    row.signed_name = signer.get_full_name() or signer.get_username()
    row.meaning = MEANING if isinstance(row, Adjudication) else VOTE_MEANING
    if new.decision in (Decision.PANEL, Decision.NO_CONSENSUS):
        row.meaning = PANEL_MEANING
    row.digest = signature_digest(row, signer)
    return row


def close(row: Dispute, decision: Adjudication, actor: User) -> Adjudication:
    """Write a decision and close its dispute, inside the caller's transaction; the case is due for its next step."""
    decision.save(force_insert=True)
    row.closed_at = decision.signed_at
    row.held_by = row.held_since = row.held_until = None
    row.save(update_fields=["closed_at", "held_by", "held_since", "held_until"])
    Draft.objects.filter(dispute=row, user=actor).delete()
    due.mark(Case.objects.filter(pk=row.case_id))
    body = {"dispute": str(row.public_id), "decision": decision.decision, "digest": decision.digest}
    audit.record(project=row.project, actor=actor, action="dispute.resolved", body=body)
    return decision


@transaction.atomic
def look(*, actor: User, dispute: Dispute, new: NewDecision) -> FirstLook:
    """Keep what the holder answers from the image alone; only then the reads are shown. It is never changed."""
    check_open_to(actor, dispute)
    row = locking.lock(Dispute.objects.filter(pk=dispute.pk)).get()
    check_held(actor, row, new.fence, locking.now())
    if new.decision not in (Decision.OWN, Decision.NOTHING, Decision.EXCLUDE):
        raise refused("#/decision", "not-a-first-look", "Answer from the image: your own answer, nothing, or exclude.")
    _, label = decided_label(row, new)
    given, is_new = FirstLook.objects.get_or_create(
        dispute=row, user=actor, defaults={"decision": new.decision, "label": label, "given_at": locking.now()}
    )
    if is_new:
        audit.record(project=row.project, actor=actor, action="dispute.looked", body={"dispute": str(row.public_id)})
    return given


def check_looked(actor: User, dispute: Dispute) -> None:
    """Refuse a decision by whoever has not yet answered from the image alone, where the protocol asks for it."""
    if must_look(actor, dispute):
        raise LookFirst("Answer from the image first; then the readers' answers are shown.")


def check_hold(actor: User, row: Dispute, new: NewDecision, moment: datetime) -> None:
    """Refuse a decision on a closed dispute, without a live hold, under an old fence, or on another view."""
    check_held(actor, row, new.fence, moment)
    if new.shown_digest != shown_digest(row):
        raise StaleView("What you were shown has changed; read it again before you sign.")


def check_held(actor: User, row: Dispute, fence: int, moment: datetime) -> None:
    """Refuse whoever does not hold the dispute now."""
    if row.closed_at is not None:
        raise DisputeClosed("This dispute is closed; your draft is kept.")
    if row.held_by_id != actor.pk or row.held_until is None or row.held_until < moment or row.fence != fence:
        raise LeaseLost("Your hold on this dispute has ended; take it again to sign. Your draft is kept.")


def check_words(new: NewDecision) -> None:
    """Refuse a decision without its reasons."""
    errors: list[dict[str, str]] = []
    if len(new.rationale.strip()) < 3:
        errors.append({"pointer": "#/rationale", "code": "required", "detail": "Say in a sentence why."})
    if new.root_cause not in RootCause.values:
        errors.append({"pointer": "#/cause", "code": "unknown-cause", "detail": "Choose why the readers differed."})
    if new.confidence not in CONFIDENCES:
        known = ", ".join(CONFIDENCES)
        errors.append({"pointer": "#/confidence", "code": "unknown-confidence", "detail": f"One of {known}."})
    if errors:
        raise InvalidInput("The decision is not complete.", errors=errors)


def check_password(actor: User, password: str) -> None:
    """Refuse a signature without the signer's own proof, and all of them for a while after five wrong ones."""
    key = f"signing-tries-{actor.pk}"
    if cache.get(key, 0) >= WRONG_TRIES:
        raise SigningLocked("Five wrong passwords: signing opens again in fifteen minutes. Your draft is kept.")
    if not proving.proves(actor, password):
        cache.add(key, 0, LOCK_SECONDS)
        cache.incr(key)
        raise WrongPassword(WRONG)
    cache.delete(key)


def decided_label(dispute: Dispute, new: NewDecision) -> tuple[Annotation | None, Mapping[str, Any] | None]:
    """Return the read that was taken, where one was, and the label that is decided."""
    if new.decision == Decision.READER:
        source = read_behind(dispute, new.letter)
        return source, source.label
    if new.decision == Decision.CONSENSUS:
        if dispute.result.label is None:
            raise refused("#/decision", "no-consensus", "There is no consensus to take: that is why you are asked.")
        return None, dispute.result.label
    if new.decision in WAYS:
        label = combined_label(dispute, new.decision)
        if label is None:
            detail = "Nothing is marked in common, or nothing at all, so there is no region to take."
            raise refused("#/decision", "nothing-combined", detail)
        return None, label
    if new.decision == Decision.OWN:
        return None, own_label(dispute, new.value)
    if new.decision == Decision.NOTHING:
        return None, {"kind": "nothing_found"}
    if new.decision == Decision.EXCLUDE:
        return None, None
    raise refused("#/decision", "unknown-decision", f"One of {', '.join(PERSONAL)}.")


def refused(pointer: str, code: str, detail: str) -> InvalidInput:
    """Return the refusal of one member of a decision."""
    return InvalidInput("The decision cannot be taken.", errors=[{"pointer": pointer, "code": code, "detail": detail}])


def read_behind(dispute: Dispute, letter: str) -> Annotation:
    """Return the read that a letter stands for in this dispute."""
    by_letter = letters_of(dispute)
    refs = [ref for code, ref, _ in dispute.result.inputs if by_letter[code] == letter]
    if not refs:
        raise refused("#/letter", "unknown-letter", "No read of this dispute has this letter.")
    if len(refs) > 1:
        raise refused("#/letter", "several-marks", "This reader has several marks here; give your own answer.")
    return Annotation.objects.get(pk=refs[0])


def own_label(dispute: Dispute, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the adjudicator's own answer in canonical form; a region may be given as a mask for outlines too."""
    question = dispute.question
    image = getattr(dispute.case, "image", None)
    kind, definition = question.kind, question.definition
    if kind == "polygon" and isinstance(value, Mapping) and value.get("kind") == "mask":
        kind, definition = "mask", {}
    try:
        return parse_label(value or {}, kind, definition, geometry_of(image)).dump()
    except LabelError as error:
        raise refused(f"#/value{error.pointer}", error.code, error.message) from error


def signature_digest(row: Adjudication | PanelVote, signer: User) -> str:
    """Return the digest that the signature is over."""
    content = {
        "dispute": str(row.dispute.public_id),
        "adjudicator": signer.pk,
        "decision": row.decision,
        "source": row.source.digest if row.source else None,
        "label": row.label,
        "rationale": row.rationale,
        "root_cause": row.root_cause,
        "confidence": row.confidence,
        "shown_digest": row.shown_digest,
        "signed_name": row.signed_name,
        "meaning": row.meaning,
        "signed_at": row.signed_at.isoformat(),
    }
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def find_dispute(actor: User, project: Project, public_id: str) -> Dispute:
    """Return a dispute of the project by its public name, or 404."""
    rows = Dispute.objects.filter(Q(project=project), public_id=public_id)
    dispute = rows.select_related("project", "case__image", "question", "result__evaluation").first()
    if dispute is None:
        raise NotFound("No such dispute.")
    return dispute
