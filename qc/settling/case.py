"""Settle one case: every question, every finding, by the protocol's document; pure, so that anybody can repeat it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from annotations.labels._codes import titles
from annotations.labels.base import Geometry
from qc.consensus.base import SETTLED, Consensus
from qc.registry import METHODS
from qc.routing.base import Facts, Refer
from qc.settling.base import (
    ABSENT,
    ACCEPT,
    NOT_APPLICABLE,
    PRESENT,
    REFER,
    WAIT,
    CaseOutcome,
    CaseReads,
    Finding,
    QuestionSpec,
    Read,
    Unit,
)
from qc.settling.boxes import settle_boxes
from qc.settling.codes import Settled, settle_codes
from qc.settling.detection import MARKS
from qc.settling.findings import match_findings
from qc.settling.orders import settle_orders
from qc.settling.points import settle_points
from qc.settling.rules import by_protocol, first_referral
from qc.settling.sets import settle_sets
from qc.settling.spans import settle_spans
from qc.settling.spatial import settle_masks

EXISTENCE = "existence"
NOTHING = {"kind": "nothing_found"}
NO_CONSENSUS = Consensus(outcome="not_applicable", value=None, support=None, votes={}, raters=())
TECHNICAL_LIMIT = 2
BLOCK = "block"

Settle = Callable[[QuestionSpec, tuple[Read, ...], Mapping[str, Any], Geometry | None], Settled]
# How the answers of one unit are settled and compared, by kind of question.
SETTLE: Mapping[str, Settle] = {
    "category": settle_codes,
    "grade": settle_codes,
    "measurement": settle_codes,
    "multilabel": settle_sets,
    "ranking": settle_orders,
    "mask": settle_masks,
    "polygon": settle_masks,
    "box": settle_boxes,
    "landmarks": settle_points,
    "interval": settle_spans,
}


def settle_case(reads: CaseReads, document: Mapping[str, Any]) -> CaseOutcome:
    """Return the units of a case under a protocol document.

    Parameters
    ----------
    reads : CaseReads
        Finished readers, their standing answers, the grid, and what has been decided already.
    document : mapping
        A checked protocol document.

    Returns
    -------
    CaseOutcome
        One unit for each question of the case, and for each finding one for the marks and one for each
        question about them; every question has at least one unit, so that the ledger closes.
    """
    units: list[Unit] = []
    findings: list[Finding] = []
    for question in reads.questions:
        if question.about:
            continue
        if question.takes_marks:
            matched = match_findings(reads, question, document)
            findings.extend(matched)
            units.extend(settle_marks(reads, question, matched, document))
        else:
            units.append(settle_question(reads, question, document))
    return CaseOutcome(units=tuple(units), findings=tuple(findings))


def settle_question(reads: CaseReads, question: QuestionSpec, document: Mapping[str, Any]) -> Unit:
    """Settle a question that each reader answers once."""
    answers = reads.of(question.code)
    refused = technical(reads, question, answers)
    if refused is not None:
        return refused
    usable = tuple(read for read in answers if read.label["kind"] != "cannot_assess")
    return settle_answers(reads, question, usable, ("", 0), document)


def technical(reads: CaseReads, question: QuestionSpec, answers: tuple[Read, ...]) -> Unit | None:
    """Return a referred unit when two or more readers, or all of them, could not assess the case."""
    unable = [read for read in answers if read.label["kind"] == "cannot_assess"]
    if not unable or (len(unable) < TECHNICAL_LIMIT and len(unable) < len(reads.readers)):
        return None
    reasons = sorted({str(read.label["reason"]) for read in unable})
    sentence = f"{len(unable)} of {len(reads.readers)} readers could not assess this: {'; '.join(reasons)}."
    return Unit(
        question=question.code,
        finding="",
        number=0,
        method=EXISTENCE,
        consensus=NO_CONSENSUS,
        label=None,
        verdict=REFER,
        rule="cannot_assess",
        cause="technical",
        explanation=sentence,
        evidence={"n_unable": len(unable), "n_asked": len(reads.readers)},
        reads=answers,
    )


def settle_marks(
    reads: CaseReads, question: QuestionSpec, findings: tuple[Finding, ...], document: Mapping[str, Any]
) -> Iterator[Unit]:
    """Settle a question that takes marks, finding by finding, and the questions about its marks."""
    details = [other for other in reads.questions if other.about == question.code]
    refused = technical(reads, question, tuple(read for read in reads.of(question.code) if not read.mark))
    if refused is not None:
        yield refused
        yield from (empty_unit(detail, ("", 0), WAIT) for detail in details)
        return
    if not findings:
        unit = with_marks(nothing_anywhere(reads, question, document), reads, question, ())
        yield unit
        state = NOT_APPLICABLE if unit.verdict == ACCEPT else WAIT
        yield from (empty_unit(detail, ("", 0), state) for detail in details)
        return
    for finding in findings:
        unit = with_marks(settle_finding(reads, question, finding, document), reads, question, finding.reads)
        yield unit
        yield from settle_details(reads, details, finding, unit, document)


def with_marks(unit: Unit, reads: CaseReads, question: QuestionSpec, marks: tuple[Read, ...]) -> Unit:
    """Return the unit with how many marks each reader who answered the question has in it."""
    answered = sorted({read.reader for read in reads.of(question.code) if read.label["kind"] != "cannot_assess"})
    due = [reader for reader in answered if reads.block is None or reader in reads.block]
    counts = {reader: sum(mark.reader == reader for mark in marks) for reader in due}
    return replace(unit, details={**unit.details, MARKS: counts})


def nothing_anywhere(reads: CaseReads, question: QuestionSpec, document: Mapping[str, Any]) -> Unit:
    """Settle a case in which nobody marked anything: agreed where at least two said so in words."""
    said = tuple(read for read in reads.of(question.code) if read.label["kind"] == "nothing_found")
    votes = {read.reader: ABSENT for read in said}
    consensus = METHODS["majority"].function(votes)
    facts = Facts(question.kind, consensus, {}, {}, len(reads.readers), len(said))
    referral = first_referral(facts, by_protocol(document))
    label = NOTHING if consensus.outcome == SETTLED else None
    return judged(accepted(question, ("", 0), EXISTENCE, consensus, label, said), referral)


def settle_finding(reads: CaseReads, question: QuestionSpec, finding: Finding, document: Mapping[str, Any]) -> Unit:
    """Settle whether a finding exists, and where it does, its shape."""
    place = (finding.key, finding.number)
    votes = existence_votes(reads, question, finding)
    consensus = METHODS["majority"].function(votes)
    if finding.is_split:
        return split_unit(question, finding, consensus)
    facts = Facts(question.kind, consensus, {}, {}, len(reads.readers), len(votes))
    referral = first_referral(facts, {})
    if referral is not None:
        unit = judged(accepted(question, place, EXISTENCE, consensus, None, finding.reads), referral)
        return compared(unit, reads, question, finding.reads, document)
    if consensus.value == ABSENT:
        unit = accepted(question, place, EXISTENCE, consensus, NOTHING, finding.reads)
        unit = judged(unit, first_referral(facts, by_protocol(document)))
        return compared(unit, reads, question, finding.reads, document)
    unit = settle_answers(reads, question, finding.reads, place, document)
    merged = {**unit.details, "existence": dict(consensus.votes)}
    return replace(unit, details=merged)


def existence_votes(reads: CaseReads, question: QuestionSpec, finding: Finding) -> dict[str, str]:
    """Return present or absent for every reader who answered the question; the unanswered have no vote."""
    answered = {read.reader for read in reads.of(question.code) if read.label["kind"] != "cannot_assess"}
    marked = {read.reader for read in finding.reads}
    return {reader: PRESENT if reader in marked else ABSENT for reader in sorted(answered)}


def split_unit(question: QuestionSpec, finding: Finding, consensus: Consensus) -> Unit:
    """Refer a finding in which a reader has several marks."""
    n_readers = len({read.reader for read in finding.reads})
    sentence = (
        f"{len(finding.reads)} outlines by {n_readers} readers touch one another: "
        "one reader's single finding is another's several."
    )
    refer = Refer("split-merge", sentence, {"n_marks": len(finding.reads), "n_readers": n_readers})
    place = (finding.key, finding.number)
    return judged(accepted(question, place, EXISTENCE, consensus, None, finding.reads), ("split_merge", refer))


def settle_details(
    reads: CaseReads, details: list[QuestionSpec], finding: Finding, parent: Unit, document: Mapping[str, Any]
) -> Iterator[Unit]:
    """Settle the questions about one finding, as far as the finding itself is settled."""
    place = (finding.key, finding.number)
    state = detail_state(reads, parent)
    single = {(read.reader, read.mark) for read in finding.reads if is_single(finding, read)}
    for detail in details:
        answers = tuple(read for read in reads.of(detail.code) if (read.reader, read.mark) in single)
        usable = tuple(read for read in answers if read.label["kind"] != "cannot_assess")
        if state is not None:
            yield compared(empty_unit(detail, place, state), reads, detail, usable, document)
        else:
            yield settle_answers(reads, detail, usable, place, document)


def is_single(finding: Finding, mark: Read) -> bool:
    """Say whether the mark is its reader's only one in the finding."""
    return sum(read.reader == mark.reader for read in finding.reads) == 1


def detail_state(reads: CaseReads, parent: Unit) -> str | None:
    """Return why details of a finding are not settled now; None when they are."""
    decision = reads.decided.get((parent.question, parent.finding))
    if decision in {"nothing", "exclude", "no_consensus"}:
        return NOT_APPLICABLE
    if decision is not None:
        return None
    if parent.verdict == REFER:
        return WAIT if parent.method == EXISTENCE else None
    return NOT_APPLICABLE if parent.label == NOTHING else None


def settle_answers(
    reads: CaseReads,
    question: QuestionSpec,
    answers: tuple[Read, ...],
    place: tuple[str, int],
    document: Mapping[str, Any],
) -> Unit:
    """Settle the answers of one unit by the method and rules that the document names for the question."""
    policy = policy_of(question, document)
    result = SETTLE[question.kind](question, answers, policy, reads.geometry)
    consensus = titled(question, result.consensus)
    facts = Facts(question.kind, consensus, result.numbers, result.undefined, len(reads.readers), len(answers))
    # What the readers differ on is said first: a round by design never stands for a disagreement.
    referral = first_referral(facts, policy.get("rules", {})) or first_referral(facts, by_protocol(document))
    values = {**result.numbers, "undefined": dict(result.undefined)}
    unit = judged(accepted(question, place, policy["method"], result.consensus, result.label, answers), referral)
    return replace(unit, details={**result.details, **block_of(reads, question, answers, policy)}, values=values)


def compared(
    unit: Unit, reads: CaseReads, question: QuestionSpec, answers: tuple[Read, ...], document: Mapping[str, Any]
) -> Unit:
    """Return a unit that is not settled by its answers with what they say of agreement.

    Agreement is measured on every finding that two readers marked. To leave out those whose existence is in
    dispute would keep the clear ones only and flatter every figure.
    """
    if not answers:
        return unit
    policy = policy_of(question, document)
    result = SETTLE[question.kind](question, answers, policy, reads.geometry)
    values = {**result.numbers, "undefined": dict(result.undefined)}
    details = {**unit.details, **result.details, **block_of(reads, question, answers, policy)}
    return replace(unit, details=details, values=values, reads=answers)


def block_of(
    reads: CaseReads, question: QuestionSpec, answers: tuple[Read, ...], policy: Mapping[str, Any]
) -> dict[str, Any]:
    """Return, under ``block``, what agreement is measured on where readers were added because of the answers."""
    guaranteed = reads.guaranteed(answers)
    if len(guaranteed) == len(answers):
        return {}
    return {BLOCK: dict(SETTLE[question.kind](question, guaranteed, policy, reads.geometry).details)}


def titled(question: QuestionSpec, consensus: Consensus) -> Consensus:
    """Return the consensus with the titles of codes and levels in its votes, for sentences that people read."""
    words = titles(question.definition)
    return replace(consensus, votes={words.get(code, code): count for code, count in consensus.votes.items()})


def policy_of(question: QuestionSpec, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the document's policy for a question, with its least number of reads where a vote or median settles."""
    policy = document["questions"][question.code]
    if "minimum" not in document or METHODS[policy["method"]].takes == "masks":
        return cast(Mapping[str, Any], policy)
    return {**policy, "method_parameters": {"minimum": document["minimum"], **policy.get("method_parameters", {})}}


def accepted(
    question: QuestionSpec,
    place: tuple[str, int],
    method: str,
    consensus: Consensus,
    label: Mapping[str, Any] | None,
    reads: tuple[Read, ...],
) -> Unit:
    """Return a unit that no rule has looked at yet."""
    return Unit(
        question=question.code,
        finding=place[0],
        number=place[1],
        method=method,
        consensus=consensus,
        label=label,
        verdict=ACCEPT,
        reads=reads,
    )


def judged(unit: Unit, referral: tuple[str, Refer] | None) -> Unit:
    """Return the unit as a rule left it: as it is, or referred."""
    if referral is None:
        return unit
    rule, refer = referral
    return replace(
        unit,
        verdict=REFER,
        rule=rule,
        cause=refer.cause,
        explanation=refer.explanation,
        evidence=refer.evidence,
    )


def empty_unit(question: QuestionSpec, place: tuple[str, int], verdict: str) -> Unit:
    """Return a unit that waits for its finding, or that does not apply to it."""
    return Unit(
        question=question.code,
        finding=place[0],
        number=place[1],
        method="",
        consensus=NO_CONSENSUS,
        label=None,
        verdict=verdict,
    )
