"""How adjudicators decide: counts with intervals, for the QA lead; nobody is ranked, and little is said of few."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from annotations.models import AuditEvent, Project
from qc.consensus._soft import wilson
from qc.models import Adjudication, Decision, FirstLook
from qc.presentation import letters_of

# Below so many decisions a share says nothing about a person.
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with Wilson's bounds at 95 %; no bounds with too few."""

    k: int
    n: int
    low: float | None
    high: float | None

    @property
    def value(self) -> float | None:
        """Return the share; None with too few to say."""
        return self.k / self.n if self.n >= FEWEST else None


@dataclass(frozen=True, slots=True)
class Judge:
    """One adjudicator.

    ``overturned``: of the units with a majority, those decided otherwise. ``changed``: of the first looks, those that
    the final answer left. ``first_letter``: of the decisions that took a reader, those that took letter A; with two
    readers one half is what nobody favours. ``excluded``: units called not assessable.
    """

    name: str
    n: int
    minutes: float | None
    n_timed: int
    overturned: Share
    changed: Share
    first_letter: Share
    excluded: Share


def share(k: int, n: int) -> Share:
    """Return so many of so many."""
    bounds = wilson(k, n) if n >= FEWEST else None
    return Share(k, n, bounds[0] if bounds else None, bounds[1] if bounds else None)


def judges_of(project: Project) -> list[Judge]:
    """Return everybody who signed a decision in the project, by name."""
    rows = list(
        Adjudication.objects.filter(dispute__project=project)
        .exclude(decision__in=[Decision.PANEL, Decision.NO_CONSENSUS])
        .select_related("adjudicator", "source", "dispute__result__evaluation", "dispute__case", "dispute__project")
        .order_by("pk")
    )
    looks = {
        (dispute, user): label
        for dispute, user, label in FirstLook.objects.filter(dispute__project=project).values_list(
            "dispute_id", "user_id", "label"
        )
    }
    minutes, by_person = minutes_of(project), defaultdict(list)
    for row in rows:
        by_person[row.adjudicator].append(row)
    found = [
        _judge(user.get_full_name() or user.get_username(), mine, looks, minutes) for user, mine in by_person.items()
    ]
    return sorted(found, key=lambda judge: judge.name)


def _judge(
    name: str, rows: list[Adjudication], looks: Mapping[tuple[int, int], Any], minutes: Mapping[str, float]
) -> Judge:
    timed = [minutes[str(row.dispute.public_id)] for row in rows if str(row.dispute.public_id) in minutes]
    majorities = [(row, majority_of(row)) for row in rows]
    led = [(row, code) for row, code in majorities if code is not None and row.label is not None]
    looked = [(row, looks[row.dispute_id, row.adjudicator_id]) for row in rows if _key(row) in looks]
    took = [letter_of(row) for row in rows if row.source is not None]
    return Judge(
        name=name,
        n=len(rows),
        minutes=median(timed) if timed else None,
        n_timed=len(timed),
        overturned=share(sum(code_of(row.label) != code for row, code in led), len(led)),
        changed=share(sum(row.label != label for row, label in looked), len(looked)),
        first_letter=share(sum(letter == "A" for letter in took), len(took)),
        excluded=share(sum(row.decision == Decision.EXCLUDE for row in rows), len(rows)),
    )


def _key(row: Adjudication) -> tuple[int, int]:
    return row.dispute_id, row.adjudicator_id


def majority_of(row: Adjudication) -> str | None:
    """Return the code that more than half of the readers gave; None where none did or codes were not voted on."""
    votes = row.dispute.result.votes
    total = sum(votes.values())
    return next((code for code, count in votes.items() if 2 * count > total), None)


def code_of(label: Mapping[str, Any] | None) -> str:
    """Return what a decision says in the words of the votes."""
    if label is None:
        return ""
    if label["kind"] == "nothing_found":
        return "absent"
    return str(label.get("code", label.get("level", "present")))


def letter_of(row: Adjudication) -> str:
    """Return the letter under which the read that was taken was shown."""
    by_letter = letters_of(row.dispute)
    source = row.source
    codes = [code for code, ref, _ in row.dispute.result.inputs if source is not None and ref == source.pk]
    return by_letter[codes[0]] if codes else ""


def minutes_of(project: Project) -> dict[str, float]:
    """Return the minutes from the last time a dispute was taken to its signature, by the dispute's public name."""
    taken: dict[str, Any] = {}
    found: dict[str, float] = {}
    events = AuditEvent.objects.filter(project=project, action__in=["dispute.claimed", "dispute.resolved"])
    for action, body, at in events.order_by("number").values_list("action", "body", "at"):
        if action == "dispute.claimed":
            taken[body["dispute"]] = at
        elif body["dispute"] in taken:
            found[body["dispute"]] = (at - taken.pop(body["dispute"])).total_seconds() / 60
    return found
