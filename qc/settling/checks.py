"""Audits and controls: blind reads of what is settled. They give no label, and one that differs is looked at."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.labels._codes import titles
from qc.settling.base import ACCEPT, REFER, CaseOutcome, CaseReads, Check, QuestionSpec, Unit
from qc.settling.case import NOTHING, settle_case
from qc.settling.known import Compared, KnownCase, against_known, known_of

AUDIT, CONTROL = "audit", "control"
RULES = {AUDIT: "audit", CONTROL: "contested"}
CHECKED = "checked"
# A control is there to judge readers. Only when several contradict it is the label in doubt, and not they.
MOST_CONTRADICTIONS = 2
MOST_SHARE = 0.3
LEAST_READS_FOR_SHARE = 10


@dataclass(slots=True)
class Tally:
    """What the checks of one kind say of one question of a case."""

    n: int = 0
    against: list[tuple[Check, Compared]] = field(default_factory=list)

    def opens(self, purpose: str) -> bool:
        """Say whether so much contradiction opens the question again."""
        return bool(self.against) if purpose == AUDIT else is_contested(self.n, len(self.against))


def is_contested(n: int, n_against: int) -> bool:
    """Say whether a control is contradicted by so many of its readers that the control is in doubt.

    Parameters
    ----------
    n, n_against : int
        Readers who were given it, and those who contradict it.
    """
    return n_against > MOST_CONTRADICTIONS or (n >= LEAST_READS_FOR_SHARE and n_against > MOST_SHARE * n)


def settle_and_check(reads: CaseReads, document: Mapping[str, Any]) -> CaseOutcome:
    """Settle a case by its readers, then look at what audits and controls say of what was accepted.

    A question that is contradicted is settled once more with whoever contradicts as a further reader; whatever of
    it is accepted all the same, though the check differs, is referred. Every other question stays as its readers
    left it. Agreement is measured on the readers alone.

    Parameters
    ----------
    reads : CaseReads
        Reads, and in ``checks`` the finished audits and controls.
    document : mapping
        The protocol.
    """
    outcome = settle_case(reads, document)
    if not reads.checks:
        return outcome
    tallies = {purpose: tally_of(purpose, outcome, reads, document) for purpose in (AUDIT, CONTROL)}
    units: list[Unit] = []
    findings = list(outcome.findings)
    for question in (one for one in reads.questions if not one.about):
        codes = {question.code, *(one.code for one in reads.questions if one.about == question.code)}
        said = {purpose: tally.get(question.code, Tally()) for purpose, tally in tallies.items()}
        own = [unit for unit in outcome.units if unit.question in codes]
        purpose = next((name for name, tally in said.items() if tally.opens(name)), None)
        if purpose is not None:
            again = with_checkers(reads, codes, said[purpose])
            joint = settle_case(again, document)
            gone = {unit.finding for unit in own}
            findings = [one for one in findings if one.key not in gone] + list(joint.findings)
            hidden = n_referred(joint.units) <= n_referred(own)
            own = list(referred(joint.units, again, said[purpose], (RULES[purpose], hidden), document))
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
            wrong = next((one for one in units if not one.is_right), None)
            if wrong is not None:
                tally.against.append((check, wrong))
    return tallies


def accepted_labels(units: Iterable[Unit], questions: tuple[QuestionSpec, ...]) -> KnownCase:
    """Return what the rules accepted as known labels; what they referred is not settled."""
    shown = (unit for unit in units if unit.verdict in {ACCEPT, REFER})
    return known_of(
        ((unit.question, unit.finding, unit.label if unit.verdict == ACCEPT else None) for unit in shown), questions
    )


def with_checkers(reads: CaseReads, codes: set[str], tally: Tally) -> CaseReads:
    """Return the reads of one question with those who contradict it as further readers."""
    more = {check.reader: check for check, _ in tally.against}
    block = frozenset(reads.readers) if reads.block is None else reads.block
    return replace(
        reads,
        questions=tuple(question for question in reads.questions if question.code in codes),
        readers=tuple(sorted({*reads.readers, *more})),
        reads=(
            *(read for read in reads.reads if read.question in codes),
            *(read for check in more.values() for read in check.reads if read.question in codes),
        ),
        block=block,
        checks=(),
    )


def n_referred(units: Iterable[Unit]) -> int:
    """Return how many units go to a physician."""
    return sum(unit.verdict == REFER for unit in units)


def referred(
    units: tuple[Unit, ...], reads: CaseReads, tally: Tally, by: tuple[str, bool], document: Mapping[str, Any]
) -> Iterator[Unit]:
    """Yield the units with what the checks contradict referred; the first of them where matching hides which it is.

    ``by`` is the rule's name, and whether nothing new is referred yet.
    """
    rule, is_hidden = by
    titled = {question.code: titles(question.definition) for question in reads.questions}
    known = accepted_labels(units, reads.questions)
    wrong: dict[tuple[str, str], Compared] = {}
    for check, _ in tally.against:
        for compared in against_known(known, check.reads, reads, document):
            if not compared.is_right:
                wrong.setdefault((compared.question, compared.mark), compared)
    is_hidden = is_hidden and not wrong
    checkers = {check.reader for check, _ in tally.against}
    for unit in units:
        found = wrong.get((unit.question, unit.finding))
        if unit.label == NOTHING and checkers & {read.reader for read in unit.reads if read.mark}:
            # Most say that nothing is there, and so it has no known mark by which it could be found.
            found = found or wrong.get((unit.question, ""))
        if is_hidden and unit.verdict == ACCEPT:
            found, is_hidden = tally.against[0][1], False
        yield unit if unit.verdict != ACCEPT or found is None else refer(unit, found, rule, titled[unit.question])


def refer(unit: Unit, found: Compared, rule: str, titled: Mapping[str, str]) -> Unit:
    """Return an accepted unit as referred by a check, in the words that any dispute has."""
    votes = {titled.get(answer, answer): count for answer, count in unit.consensus.votes.items()}
    said = found.explanation
    if votes:
        ranked = sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))
        words = ", ".join(f"{answer} {count}" for answer, count in ranked)
        said = f"{words[:1].upper()}{words[1:]} of {sum(votes.values())} readers."
    evidence = {**found.evidence, "votes": votes}
    return replace(unit, verdict=REFER, rule=rule, cause=found.cause, explanation=said, evidence=evidence)
