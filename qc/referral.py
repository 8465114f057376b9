"""Verb: refer a dispute to a panel, and count the panel's votes."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from annotations import audit, locking
from annotations.labels.base import canonical
from qc import adjudication
from qc.adjudication import NewDecision
from qc.errors import NoPanel
from qc.models import Adjudication, Decision, Dispute, Draft, PanelVote, RootCause
from qc.presentation import in_force

TURNS = 1
# A turn of votes that is not complete by then is over; the protocol may say otherwise.
DAYS = 21


def panel_of(dispute: Dispute) -> dict[str, Any] | None:
    """Return the panel of the protocol in force; None where it has none."""
    panel = in_force(dispute).get("panel")
    return dict(panel) if panel else None


def end_of_turn(panel: Mapping[str, Any], moment: datetime) -> datetime:
    """Return until when a turn of votes that begins now may last."""
    return moment + timedelta(days=panel.get("days", DAYS))


@transaction.atomic
def refer(*, actor: User, dispute: Dispute, reason: str, fence: int) -> Dispute:
    """Hand a held dispute to the protocol's panel; whoever refers it has no vote in it."""
    adjudication.check_open_to(actor, dispute)
    if len(reason.strip()) < 3:
        raise adjudication.refused("#/reason", "required", "Say in a sentence why a panel is needed.")
    panel = panel_of(dispute)
    row = locking.lock(Dispute.objects.filter(pk=dispute.pk)).get()
    adjudication.check_held(actor, row, fence, locking.now())
    if panel is None or row.seats > 1:
        raise NoPanel("The protocol has no panel." if panel is None else "This dispute is before a panel already.")
    if row.votes.exists():
        raise NoPanel("Its panel did not vote in time: settle it, or give it back.")
    row.seats, row.referred_by = panel["seats"], actor
    row.panel_until = end_of_turn(panel, locking.now())
    row.held_by = row.held_since = row.held_until = None
    row.save(update_fields=["seats", "panel_until", "referred_by", "held_by", "held_since", "held_until"])
    body = {"dispute": str(row.public_id), "seats": row.seats, "reason": reason.strip()}
    audit.record(project=row.project, actor=actor, action="dispute.referred", body=body)
    return row


def sign(*, actor: User, dispute: Dispute, new: NewDecision) -> Adjudication | PanelVote:
    """Sign a decision, or a vote where the dispute is before a panel.

    The last vote of a turn decides: more than half of the panel for one answer closes the dispute; without a majority
    the members vote again knowing the others' reasons, and after the last turn the panel has no consensus.
    """
    if dispute.seats == 1:
        return adjudication.resolve_dispute(actor=actor, dispute=dispute, new=new)
    source, label = adjudication.checked(actor, dispute, new)
    with transaction.atomic():
        row = locking.lock(Dispute.objects.filter(pk=dispute.pk)).get()
        moment = locking.now()
        adjudication.check_hold(actor, row, new, moment)
        vote = adjudication.signed(PanelVote(dispute=row, voter=actor, turn=row.turn), new, source, label, moment)
        vote.save(force_insert=True)
        row.held_by = row.held_since = row.held_until = None
        row.save(update_fields=["held_by", "held_since", "held_until"])
        Draft.objects.filter(dispute=row, user=actor).delete()
        body = {"dispute": str(row.public_id), "turn": row.turn, "digest": vote.digest}
        audit.record(project=row.project, actor=actor, action="panel.voted", body=body)
        votes = list(row.votes.filter(turn=row.turn).order_by("pk"))
        if len(votes) >= row.seats:
            count_votes(row, votes, vote, moment)
    return vote


def count_votes(row: Dispute, votes: list[PanelVote], last: PanelVote, moment: datetime) -> None:
    """Close the dispute by the majority, open the next turn, or end without consensus, as the protocol says."""
    by_answer = Counter(answer_of(vote) for vote in votes)
    answer, number = by_answer.most_common(1)[0]
    panel = panel_of(row) or {}
    if 2 * number > row.seats:
        carried = next(vote for vote in votes if answer_of(vote) == answer)
        decision = Decision.EXCLUDE if carried.decision == Decision.EXCLUDE else Decision.PANEL
        words = f"{number} of {row.seats} members of the panel, turn {row.turn}."
        finish(row, last, decision, carried, words, moment)
    elif row.turn < panel.get("rounds", TURNS):
        row.turn += 1
        row.panel_until = end_of_turn(panel, moment) if row.panel_until is not None else None
        row.save(update_fields=["turn", "panel_until"])
    else:
        words = f"A panel of {row.seats} had no majority in {row.turn} {'turn' if row.turn == 1 else 'turns'}."
        finish(row, last, Decision.NO_CONSENSUS, None, words, moment)


def answer_of(vote: PanelVote) -> str:
    """Return what a vote is for: the same label is the same answer, whoever it was taken from."""
    return canonical(vote.label) if vote.label is not None else str(vote.decision)


def finish(
    row: Dispute, last: PanelVote, decision: str, carried: PanelVote | None, words: str, moment: datetime
) -> Adjudication:
    """Write what the panel decided; the members' signatures stand in their votes."""
    causes = Counter(vote.root_cause for vote in row.votes.filter(turn=row.turn).order_by("pk"))
    new = NewDecision(
        decision=decision,
        rationale=words if carried is None else f"{words} {carried.rationale}",
        root_cause=causes.most_common(1)[0][0] if carried is not None else str(RootCause.AMBIGUOUS_IMAGE),
        confidence=carried.confidence if carried is not None else "low",
        shown_digest=last.shown_digest,
    )
    label = carried.label if carried is not None else None
    made = adjudication.signed(Adjudication(dispute=row, adjudicator=last.voter), new, None, label, moment)
    return adjudication.close(row, made, last.voter)
