"""One case as plain view data for a QA lead: who read what, what came of it, and its history."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from annotations.labels._words import words_of
from annotations.models import Case, Project, Purpose, Question
from annotations.selectors import Answer, questions_of, standing_answers
from qc.models import Adjudication, Dispute
from qc.selectors import IN_DISPUTE, RANKS, ranked_results
from qc.settling.measure import REGIONS
from qc.settling.second import ACCEPTED_BY
from reports.units import DISPOSITION_WORDS
from reports.wording import protocol_title

NOT_APPLICABLE = "not applicable"
SOURCES = {"existence": "majority", "majority_mask": "voxel majority", "staple": "STAPLE"}
MARKS = {
    "accepted": "good",
    "adjudicated": "good",
    "decided by a panel": "good",
    "in dispute": "warn",
    "waits": "",
    "does not count": "",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one reader said of one unit; empty where they said nothing."""

    reader: str
    words: str


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit: every reader's answer side by side, the label that came of it, and where it stands."""

    title: str
    cells: tuple[Cell, ...]
    label: str
    source: str
    is_proposal: bool
    state: str
    mark: str
    why: str


@dataclass(frozen=True, slots=True)
class Group:
    """The units of one finding, or of the whole case."""

    title: str
    lines: tuple[UnitLine, ...]
    n_not_applicable: int


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to the case."""

    at: Any
    words: str
    who: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with its readers, its units by finding, and its history."""

    readers: tuple[str, ...]
    groups: tuple[Group, ...]
    history: tuple[Event, ...]
    exclusion: Any


def case_view(project: Project, case: Case) -> CaseView:
    """Return everything that a QA lead sees of a case."""
    questions = {question.pk: question for question in questions_of(project)}
    seats = list(case.assignments.select_related("reader").order_by("round", "reader__code"))
    readers = tuple(dict.fromkeys(seat.reader.code for seat in seats if seat.purpose == Purpose.TRUTH))
    answers = {answer.pk: answer for answer in standing_answers(case)}
    signed = list(Adjudication.objects.filter(dispute__case=case).select_related("dispute__question", "source"))
    decided = {
        (one.dispute.question_id, one.dispute.finding): one for one in signed if one.dispute.superseded_by_id is None
    }
    units = list(ranked_results(project).filter(case=case).order_by("number", "question__position"))
    groups: dict[int, list[UnitLine]] = {}
    for unit in units:
        if unit.question_id in questions:
            decision = decided.get((unit.question_id, unit.finding))
            line = unit_line(unit, questions[unit.question_id], readers, answers, decision)
            groups.setdefault(unit.number, []).append(line)
    return CaseView(
        readers=readers,
        groups=tuple(
            group_of(f"Finding {number}" if number else "The whole case", lines) for number, lines in groups.items()
        ),
        history=tuple(sorted(history_of(case, seats, signed), key=lambda event: event.at, reverse=True)),
        exclusion=case.exclusions.filter(revoked_at__isnull=True).first(),
    )


def group_of(title: str, lines: list[UnitLine]) -> Group:
    """Return the lines of a finding; questions that do not apply to it are counted, not listed."""
    shown = tuple(line for line in lines if line.state != NOT_APPLICABLE)
    if not shown:
        return Group(title, tuple(lines), 0)
    return Group(title, shown, len(lines) - len(shown))


def unit_line(
    unit: Any,
    question: Question,
    readers: tuple[str, ...],
    answers: Mapping[int, Answer],
    decision: Adjudication | None,
) -> UnitLine:
    """Return one unit as a row."""
    said: dict[str, list[str]] = {}
    for code, ref, _ in unit.inputs:
        answer = answers.get(ref)
        words = label_words(answer.label, question, unit.details, code) if answer is not None else "replaced since"
        said.setdefault(code, []).append(words)
    disposition, reason = RANKS[unit.rank]
    state = DISPOSITION_WORDS[disposition]
    # Only a decision on the unit as it stands counts; without one the computed label is no more than a proposal.
    label = decision.label if decision is not None else unit.label
    source = "a physician" if decision is not None else SOURCES.get(unit.method, unit.method.replace("_", " "))
    if decision is None and ACCEPTED_BY in unit.details:
        source = f"{source} ({unit.details[ACCEPTED_BY]})"
    return UnitLine(
        title=question.title,
        cells=tuple(Cell(reader, " + ".join(said.get(reader, []))) for reader in readers),
        label=label_words(label, question, {}, ""),
        source=source,
        is_proposal=decision is None and disposition == IN_DISPUTE,
        state=reason or state,
        mark=MARKS[state],
        why=str(unit.details.get("cause") or "").replace("-", " "),
    )


def label_words(label: Mapping[str, Any] | None, question: Question, details: Mapping[str, Any], reader: str) -> str:
    """Return a label in a few words."""
    if label is None:
        return ""
    if label["kind"] in REGIONS:
        voxels, volume = details.get("voxels", {}).get(reader), details.get("voxel_mm3")
        if voxels is None:
            return "an outline"
        return f"{voxels * volume / 1000:.2f} mL" if volume else f"{voxels:,} voxels"
    return words_of(label, question.definition)


def history_of(case: Case, seats: list[Any], signed: list[Adjudication]) -> Iterator[Event]:
    """Yield what happened to a case: readings, evaluations, disputes, decisions, exclusions."""
    yield Event(case.registered_at, "Registered", "")
    for seat in seats:
        if seat.finished_at is not None:
            yield Event(seat.finished_at, "Reading finished", seat.reader.code)
    for evaluation in case.evaluations.select_related("protocol"):
        yield Event(evaluation.created_at, f"Evaluated under {protocol_title(evaluation.protocol)}", "")
    disputes = Dispute.objects.filter(case=case).select_related("question")
    for dispute in disputes:
        yield Event(dispute.opened_at, f"Dispute opened: “{dispute.question.title}” {dispute.explanation}", "")
        if dispute.superseded_by_id is not None and dispute.closed_at is not None:
            yield Event(dispute.closed_at, f"Dispute closed without a decision: {dispute.question.title}", "")
    for one in signed:
        cause = one.get_root_cause_display().lower()
        words = f"{one.get_decision_display()}: “{one.dispute.question.title}” Cause: {cause}. {one.rationale}"
        yield Event(one.signed_at, words, one.signed_name)
    for exclusion in case.exclusions.all():
        yield Event(exclusion.excluded_at, f"Excluded: {exclusion.reason.replace('_', ' ')}. {exclusion.note}", "")
