"""The units behind one question as plain view data: how far their readers agree and what they said."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.urls import reverse

from annotations.labels._codes import titles as titles_of_codes
from annotations.labels._words import words_of
from annotations.models import Project, Question
from qc.models import ConsensusResult
from qc.selectors import RANKS, ranked, ranked_results
from qc.settling.measure import REGIONS
from qc.settling.points import DISTANCE, WORST
from qc.settling.tables import ANSWERS, answers_of

UNIT_FIELDS = ("pk", "case__key", "case__public_id", "number", "values", "details", "rank", "rule")
# The member of a label that settling kept as the answer.
MEMBER = {"multilabel": "codes", "ranking": "order", "interval": "spans", "landmarks": "points"}
DISPOSITION_WORDS = {
    "excluded": "does not count",
    "auto_accepted": "accepted",
    "adjudicated": "adjudicated",
    "panel": "decided by a panel",
    "collecting": "waits",
    "in_dispute": "in dispute",
}


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit behind the figures; ``agreement`` from 0 to 1, None where it is undefined."""

    case: str
    href: str
    number: int
    agreement: float | None
    apart_mm: float
    is_low: bool
    words: str
    state: str
    pk: int


def unit_values(project: Project, question: Question) -> list[dict[str, Any]]:
    """Return the units of a question that agreement was measured on: those that two readers answered."""
    rows = (
        ranked_results(project)
        .filter(question=question)
        .exclude(inputs=[])
        .exclude(case__exclusions__isnull=False, case__exclusions__revoked_at__isnull=True)
    )
    return [one for one in rows.values(*UNIT_FIELDS).order_by("pk") if is_compared(one["details"])]


def units_at(pks: Sequence[int]) -> list[dict[str, Any]]:
    """Return some of these units by their primary keys."""
    return list(ranked(ConsensusResult.objects.filter(pk__in=pks)).values(*UNIT_FIELDS))


def is_compared(details: Mapping[str, Any]) -> bool:
    """Say whether two readers who were due answered a unit, so that there is something to compare."""
    details = details.get("block", details)
    answers = details.get("codes") or details.get("numbers") or answers_of(details)
    return len(answers) > 1 or bool(details.get("pairs"))


def unit_rows(
    project: Project, question: Question, values: Sequence[Mapping[str, Any]], limit: float | None
) -> list[UnitRow]:
    """Return the units of a question, those that agree least first."""
    titles = titles_of_codes(question.definition)
    rows = []
    for one in values:
        agreement, words = agreement_of(question, one, titles)
        rows.append(
            UnitRow(
                case=one["case__key"],
                href=reverse("case", args=[project.slug, one["case__public_id"]]),
                number=one["number"],
                agreement=agreement,
                apart_mm=float(one["values"].get(DISTANCE, 0.0)),
                is_low=agreement is not None and limit is not None and agreement < limit,
                words=words,
                state=DISPOSITION_WORDS[RANKS[one["rank"]][0]],
                pk=one["pk"],
            )
        )
    return sorted(
        rows, key=lambda row: (row.agreement is None, row.agreement or 0.0, -row.apart_mm, row.case, row.number)
    )


def agreement_of(question: Question, one: Mapping[str, Any], titles: Mapping[str, str]) -> tuple[float | None, str]:
    """Return how far the readers of one unit agree, from 0 to 1, and what they said in words."""
    details = one["details"]
    if question.kind in ANSWERS:
        return details.get("agreement"), answer_words(question, one)
    if question.kind in REGIONS:
        voxels = details.get("voxels", {})
        volume = details.get("voxel_mm3")
        sizes = [f"{count * volume / 1000:.2f} mL" if volume else f"{count:,} voxels" for count in voxels.values()]
        value = one["values"].get("dice")
        return value, " · ".join(sizes) if sizes else existence_words(details)
    numbers = details.get("numbers")
    if numbers:
        unit = question.definition.get("unit", "")
        spread = max(numbers.values()) - min(numbers.values())
        scale = max(abs(number) for number in numbers.values()) or 1.0
        return max(0.0, 1 - spread / scale), f"{' · '.join(f'{n:g}' for n in sorted(numbers.values()))} {unit}"
    codes = details.get("codes", {})
    pairs = list(combinations(codes.values(), 2))
    share = sum(first == second for first, second in pairs) / len(pairs) if pairs else None
    counted = Counter(codes.values()).most_common()
    return share, " · ".join(f"{titles.get(code, code)} {count}" for code, count in counted)


def answer_words(question: Question, one: Mapping[str, Any]) -> str:
    """Return what the readers of one unit answered, each distinct answer once with its count; points by distance."""
    far = one["values"].get(WORST)
    if far is not None:
        return f"{one['values'][DISTANCE]:.1f} mm apart on average, {far:.1f} mm at most"
    words = Counter(words_of(label, question.definition) for label in labels_of(question, one["details"]))
    return " · ".join(f"{text} ({count})" if count > 1 else text for text, count in words.most_common())


def labels_of(question: Question, details: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the label of each reader from what settling kept of a unit."""
    for answer in answers_of(details).values():
        if question.kind == "box":
            yield {"kind": "box", "low": answer[:3], "high": answer[3:]}
        else:
            yield {"kind": question.kind, MEMBER[question.kind]: answer}


def existence_words(details: Mapping[str, Any]) -> str:
    """Return how many readers marked a finding, where no outline was compared."""
    evidence = details.get("evidence") or {}
    votes = evidence.get("votes", {})
    if votes:
        return f"{votes.get('present', 0)} of {sum(votes.values())} marked it"
    return "not compared"
