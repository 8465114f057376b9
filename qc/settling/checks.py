"""Audits, controls and models beside what is settled. They give no label, and one that differs is looked at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.labels._codes import titles
from qc.routing._sentences import tally
from qc.settling.base import ACCEPT, REFER, CaseOutcome, CaseReads, Check, QuestionSpec, Unit
from qc.settling.case import BLOCK, NOTHING, settle_case
from qc.settling.detection import MARKS
from qc.settling.known import Compared, KnownCase, against_known, known_of
from qc.settling.measure import ONLY_CHECKS
from qc.settling.second import said_of_pair, with_second

AUDIT, CONTROL, MODEL = "audit", "control", "model"
RULES = {AUDIT: "audit", CONTROL: "contested", MODEL: "model_differs"}
CHECKED = "checked"
# What details say of the readers who were due, of whom nobody marked what only checks marked.
OF_READERS = frozenset({MARKS, BLOCK, "codes", "numbers", "pairs", "measures", "existence"})
# A control is there to judge readers. Only when several contradict it is the label in doubt, and not they.
MOST_CONTRADICTIONS = 2
MOST_SHARE = 0.3
LEAST_READS_FOR_SHARE = 10


@dataclass(slots=True)
class Tally:
    """What the checks of one kind say of one question of a case."""

    n: int = 0
    against: dict[str, tuple[Check, list[Compared]]] = field(default_factory=dict)

    def opens(self, purpose: str) -> bool:
        """Say whether so much contradiction opens the question again."""
        return is_contested(self.n, len(self.against)) if purpose == CONTROL else bool(self.against)


def is_contested(n: int, n_against: int) -> bool:
    """Say whether a control is contradicted by so many of its readers that the control is in doubt.

    Parameters
    ----------
    n, n_against : int
        Readers who were given it, and those who contradict it.
    """
    return n_against > MOST_CONTRADICTIONS or (n >= LEAST_READS_FOR_SHARE and n_against > MOST_SHARE * n)


def settle_and_check(reads: CaseReads, document: Mapping[str, Any]) -> CaseOutcome:
    """Settle a case by its readers, then look at what audits, controls and models say of what was accepted.

    What is contradicted is referred as its readers left it, with the answer of whoever contradicts beside theirs;
    what only a check marked becomes a finding of its own, referred too. Every other unit stays as it was: a check
    has no vote, and agreement is measured on the readers alone.

    Parameters
    ----------
    reads : CaseReads
        Reads, in ``checks`` the finished checks, and in ``second`` the model that reads second.
    document : mapping
        The protocol.
    """
    paired = with_second(reads)
    outcome = settle_case(paired, document)
    if paired.checks:
        outcome = looked_at(outcome, paired, document)
    return outcome if paired is reads else said_of_pair(outcome)


def looked_at(outcome: CaseOutcome, reads: CaseReads, document: Mapping[str, Any]) -> CaseOutcome:
    """Return an outcome with what the checks contradict referred."""
    tallies = {purpose: tally_of(purpose, outcome, reads, document) for purpose in RULES}
    units: list[Unit] = []
    findings = list(outcome.findings)
    for question in (one for one in reads.questions if not one.about):
        about = tuple(one for one in reads.questions if question.code in (one.code, one.about))
        codes = {one.code for one in about}
        own = [unit for unit in outcome.units if unit.question in codes]
        said = {purpose: tally.get(question.code, Tally()) for purpose, tally in tallies.items()}
        purpose = next((name for name, tally in said.items() if tally.opens(name)), None)
        if purpose is not None:
            joint = settle_case(with_checkers(reads, about, said[purpose]), document)
            own, added = contradicted(own, joint, said[purpose], RULES[purpose], about)
            findings += [one for one in joint.findings if one.key in added]
        counts = {name: [tally.n, len(tally.against)] for name, tally in said.items() if tally.n}
        units += [replace(unit, details={**unit.details, CHECKED: counts}) if counts else unit for unit in own]
    return CaseOutcome(units=tuple(units), findings=tuple(findings))


def tally_of(purpose: str, outcome: CaseOutcome, reads: CaseReads, document: Mapping[str, Any]) -> dict[str, Tally]:
    """Return for each question of the case how many checks answered what was accepted, and which differ."""
    known = accepted_labels(outcome.units, reads.questions)
    parents = {question.code: question.about or question.code for question in reads.questions}
    tallies: dict[str, Tally] = {}
    for check in (one for one in reads.checks if one.purpose == purpose):
        found: dict[str, list[Compared]] = {}
        for compared in against_known(known, check.reads, reads, document):
            found.setdefault(parents[compared.question], []).append(compared)
        for code, units in found.items():
            tally = tallies.setdefault(code, Tally())
            tally.n += 1
            wrong = [one for one in units if not one.is_right]
            if wrong:
                tally.against[check.reader] = (check, wrong)
    return tallies


def accepted_labels(units: Iterable[Unit], questions: tuple[QuestionSpec, ...]) -> KnownCase:
    """Return what the rules accepted as known labels; what they referred is not settled."""
    shown = (unit for unit in units if unit.verdict in {ACCEPT, REFER})
    return known_of(
        ((unit.question, unit.finding, unit.label if unit.verdict == ACCEPT else None) for unit in shown), questions
    )


def with_checkers(reads: CaseReads, questions: tuple[QuestionSpec, ...], tally: Tally) -> CaseReads:
    """Return the reads of one question with those who contradict it as further readers, to see what is where."""
    codes = {question.code for question in questions}
    more = [check for check, _ in tally.against.values()]
    return replace(
        reads,
        questions=questions,
        readers=tuple(sorted({*reads.readers, *tally.against})),
        reads=tuple(
            read for read in (*reads.reads, *(one for check in more for one in check.reads)) if read.question in codes
        ),
        block=frozenset(reads.readers) if reads.block is None else reads.block,
        checks=(),
    )


def contradicted(
    own: list[Unit], joint: CaseOutcome, tally: Tally, rule: str, questions: tuple[QuestionSpec, ...]
) -> tuple[list[Unit], set[str]]:
    """Return the units with what is contradicted referred, and the keys of the findings that only checks marked."""
    checkers = set(tally.against)
    titled = {question.code: titles(question.definition) for question in questions}
    against: dict[tuple[str, str], list[tuple[str, Compared]]] = {}
    for reader, (_, wrong) in tally.against.items():
        for one in wrong:
            against.setdefault((one.question, one.mark), []).append((reader, one))
    place = {
        unit.finding: marks_of(unit) for unit in joint.units if unit.question == questions[0].code and unit.finding
    }
    added = {key for key, marks in place.items() if marks and {reader for reader, _ in marks} <= checkers}
    units: list[Unit] = []
    for unit in own:
        found = against.get((unit.question, unit.finding), [])
        if not found and unit.finding and unit.label == NOTHING and touched(unit, place.values(), checkers):
            found = against.get((unit.question, ""), [])
        if not unit.finding and unit.number == 0 and added:
            # That nothing is anywhere does not stand beside a finding that is looked at.
            continue
        units.append(refer(unit, found, rule, titled[unit.question]) if found and unit.verdict == ACCEPT else unit)
    units += new_findings(own, joint, added, against, rule)
    if n_referred(units) == n_referred(own):
        # Two ways of matching part: whatever was contradicted is looked at all the same.
        first = next(place for place, unit in enumerate(units) if unit.verdict == ACCEPT)
        units[first] = refer(units[first], next(iter(against.values())), rule, titled[units[first].question])
    return units, added


def marks_of(unit: Unit) -> frozenset[tuple[str, str]]:
    """Return who marked a finding, with which of their marks."""
    return frozenset((read.reader, read.mark) for read in unit.reads if read.mark)


def touched(unit: Unit, places: Iterable[frozenset[tuple[str, str]]], checkers: set[str]) -> bool:
    """Say whether a check marked the same place as the readers of a finding."""
    marks = marks_of(unit)
    return any(marks & place and any(reader in checkers for reader, _ in place) for place in places)


def new_findings(
    own: list[Unit],
    joint: CaseOutcome,
    added: set[str],
    against: Mapping[tuple[str, str], list[tuple[str, Compared]]],
    rule: str,
) -> list[Unit]:
    """Return the units of the findings that only checks marked, numbered after the readers' own."""
    first = max((unit.number for unit in own), default=0) + 1
    numbers = {
        key: first + place
        for place, key in enumerate(dict.fromkeys(u.finding for u in joint.units if u.finding in added))
    }
    units = []
    for unit in (one for one in joint.units if one.finding in added):
        label = None if unit.label == NOTHING else unit.label
        details = {name: value for name, value in unit.details.items() if name not in OF_READERS}
        placed = replace(unit, number=numbers[unit.finding], label=label, details={**details, ONLY_CHECKS: True})
        found = against.get((unit.question, ""), [])
        units.append(refer(placed, found, rule, {}) if unit.verdict == ACCEPT and found else placed)
    return units


def n_referred(units: Iterable[Unit]) -> int:
    """Return how many units go to a physician."""
    return sum(unit.verdict == REFER for unit in units)


def refer(unit: Unit, found: list[tuple[str, Compared]], rule: str, titled: Mapping[str, str]) -> Unit:
    """Return an accepted unit as referred by checks, with their answers beside the others, in a dispute's words."""
    (_, first), *_ = found
    more = [replace(read, reader=reader) for reader, one in found for read in one.reads if read not in unit.reads]
    beside = tuple(
        read for read in more if (read.reader, read.mark) not in {(one.reader, one.mark) for one in unit.reads}
    )
    votes = dict(unit.consensus.votes)
    for read in beside:
        answer = str(read.label.get("code", read.label.get("level", "")))
        if votes and answer:
            votes[answer] = votes.get(answer, 0) + 1
    said = first.explanation
    if votes and unit.reads and sum(votes.values()) > sum(unit.consensus.votes.values()):
        said = tally({titled.get(answer, answer): count for answer, count in votes.items()})
    evidence = {**first.evidence, "votes": votes}
    return replace(
        unit,
        verdict=REFER,
        rule=rule,
        cause=first.cause,
        explanation=said,
        evidence=evidence,
        reads=(*unit.reads, *beside),
    )
