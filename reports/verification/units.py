"""Settle every case again from its reads, and compare each unit with the record of the release."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from annotations.labels.base import LabelError
from annotations.registry import parse_label
from qc.protocols.base import Evaluate, History, Seat
from qc.registry import PROTOCOLS
from qc.settling.base import ACCEPT, NOT_APPLICABLE, REFER, WAIT, CaseOutcome, CaseReads, Read
from qc.settling.base import Unit as SettledUnit
from qc.settling.checks import settle_and_check
from qc.settling.combining import WAYS, combined
from qc.settling.measure import Comparable
from qc.settling.second import ACCEPTED_BY
from reports.exporters.dissent import soft_label
from reports.verification.base import Item, compared, written
from reports.verification.content import CaseContent, Content, Json, Reference, Unit

BY_RULE = "rule"
BY_PERSON = "adjudication"
# What settling a malformed case may raise; the case is then named as a difference.
SETTLING_FAULTS = (KeyError, ValueError, TypeError, IndexError, AttributeError, ArithmeticError)
# Shares are written as the shortest text that gives the number back, so only the last digits may move.
RELATIVE = 1e-9


@dataclass(slots=True)
class Settled:
    """Every unit computed again, what agreement is measured on, and the cases that could not be settled."""

    units: dict[Unit, SettledUnit] = field(default_factory=dict)
    comparable: dict[str, list[Comparable]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def settle_all(content: Content) -> Settled:
    """Settle every case that the protocol evaluates, in the order of the package."""
    settled = Settled(comparable={question.code: [] for question in content.questions})
    for key in sorted(content.cases):
        case = content.cases[key]
        try:
            check_labels(content, case)
            outcome = outcome_of(content, case)
        except LabelError as error:
            settled.faults.append(f"{key}: a label is none of its question's kind ({error})")
            continue
        except SETTLING_FAULTS as error:
            settled.faults.append(f"{key}: the case cannot be settled ({error!r})")
            continue
        for unit in outcome.units if outcome is not None else ():
            settled.units[key, unit.question, unit.finding] = unit
            if unit.reads and not case.excluded:
                one = Comparable(unit.rule, unit.details, case.subject, (key, unit.number))
                settled.comparable[unit.question].append(one)
    return settled


def check_labels(content: Content, case: CaseContent) -> None:
    """Refuse a counted answer that is no label of its question; LabelError says what is wrong."""
    questions = {question.code: question for question in content.questions}
    for read in [*case.reads, *(read for reads in case.checkers.values() for read in reads)]:
        question = questions[read.question]
        parse_label(read.label, question.kind, question.definition, case.geometry)


def outcome_of(content: Content, case: CaseContent) -> CaseOutcome | None:
    """Return what the protocol makes of a case; None while it still waits for readers."""
    document = content.protocol["document"]
    protocol = PROTOCOLS[content.protocol["name"]]
    second = case.second()
    history = History(tuple(Seat(*seat) for seat in case.asked), None, has_model_read=second is not None)
    if not isinstance(protocol.next_step(history, document), Evaluate):
        # A further reader who was asked and has not finished does not undo what the others said.
        done = replace(history, seats=tuple(seat for seat in history.seats if seat.is_finished or seat.round == 1))
        if not isinstance(protocol.next_step(done, document), Evaluate):
            return None
    reads = CaseReads(
        questions=content.questions,
        readers=case.finished(),
        reads=tuple(case.reads),
        geometry=case.geometry,
        slice_thickness_mm=case.slice_thickness_mm,
        decided=case.decided,
        block=frozenset(seat.reader for seat in history.seats if seat.round == 1),
        checks=case.checks(),
        second=second,
    )
    return settle_and_check(reads, document)


def check_rule_labels(content: Content, settled: Settled) -> Item:
    """Compare every record with the unit computed again: none missing, none added, nothing different."""
    n_labels = sum(record["provenance"]["by"] == BY_RULE for record in content.records.values())
    detail = f"{len(content.records)} units settled again, {n_labels} of them with a label by rule"
    return compared("labels by rule", rule_differences(content, settled), detail)


def rule_differences(content: Content, settled: Settled) -> Iterator[str]:
    """Yield each unit that comes out otherwise, by case, question and finding."""
    yield from settled.faults
    for unit in sorted(settled.units.keys() - content.records.keys()):
        yield f"{written(unit)}: follows from the reads and is in neither gold.jsonl nor open.jsonl"
    for unit, record in sorted(content.records.items()):
        again = settled.units.get(unit)
        if again is None:
            yield f"{written(unit)}: does not follow from the reads"
            continue
        if record["disposition"] not in dispositions_of(unit, again, content):
            yield f"{written(unit)}: {record['disposition']}, but the rules say {again.verdict}"
        for member in differing_members(record, again, content.references):
            yield f"{written(unit)}: {member} is {shown(record, member)}, computed again it is not"


def differing_members(record: Json, again: SettledUnit, references: list[Reference]) -> Iterator[str]:
    """Yield the members of a record that come out otherwise."""
    provenance = record["provenance"]
    if provenance["by"] == BY_RULE and record["label"] != again.label:
        yield "label"
    if provenance["by"] == BY_RULE and provenance.get(ACCEPTED_BY) != again.details.get(ACCEPTED_BY):
        yield "provenance"
    consensus = again.consensus
    expected = {
        "verdict": again.verdict,
        "outcome": consensus.outcome,
        "method": again.method,
        "number": again.number,
        "referred_by": again.rule,
        "votes": dict(consensus.votes),
        "inputs": inputs_of(again.reads, references),
    }
    yield from (member for member, value in expected.items() if record[member] != value)
    measured = {"support": consensus.support, "values": dict(again.values), "soft": soft_of(again)}
    yield from (member for member, value in measured.items() if not alike(record[member], value))


def soft_of(again: SettledUnit) -> dict[str, float]:
    """Return the share of the readers behind each code."""
    return soft_label(again.details, again.consensus.votes)


def dispositions_of(unit: Unit, again: SettledUnit, content: Content) -> set[str]:
    """Return the dispositions that a unit may have, by the rules and the signed decisions."""
    if content.cases[unit[0]].excluded:
        return {"excluded"}
    if again.verdict == WAIT:
        return {"collecting"}
    decision = content.cases[unit[0]].decided.get(unit[1:])
    by_verdict = {ACCEPT: {"auto_accepted"}, REFER: {"in_dispute", "collecting"}, NOT_APPLICABLE: {"excluded"}}
    found = by_verdict[again.verdict]
    if decision is None:
        return found
    # Reads that came after a decision may have opened the unit again, or made the decision pointless.
    closed_as = {"exclude": "excluded", "no_consensus": "excluded", "panel": "panel"}
    return found | {closed_as.get(decision, "adjudicated")}


def inputs_of(reads: tuple[Read, ...], references: list[Reference]) -> list[Json]:
    """Return the reads of a unit as a record names them."""
    found = []
    for read in reads:
        reader, mark, revision, digest = references[read.ref]
        found.append({"reader": reader, "mark": mark, "revision": revision, "digest": digest})
    return sorted(found, key=lambda one: (one["reader"], one["mark"]))


def alike(first: Any, second: Any) -> bool:
    """Say whether two JSON values are equal, numbers up to the last digits."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(alike(first[name], second[name]) for name in first)
    if isinstance(first, float) and isinstance(second, float):
        return abs(first - second) <= RELATIVE * max(1.0, abs(first), abs(second))
    return bool(first == second)


def shown(record: Json, member: str) -> str:
    """Return what a record says, short enough to be read."""
    text = repr(record[member])
    return text if len(text) <= 60 else text[:57] + "…"


def check_decided_labels(content: Content, settled: Settled) -> Item:
    """Trace every label by a person to a signed decision on that unit, and the decision to what it took."""
    decided = {unit: record for unit, record in content.records.items() if record["provenance"]["by"] == BY_PERSON}
    lines = {
        (line["case"], line["question"], line["finding"]): line for line in content.adjudications if line["in_force"]
    }
    differences = [
        f"{written(unit)}: {fault}"
        for unit, record in sorted(decided.items())
        for fault in decision_faults(unit, record, lines.get(unit), content, settled)
    ]
    detail = f"{len(decided)} units traced to {len(content.adjudications)} signed decisions"
    return compared("labels by a person", differences, detail)


def decision_faults(unit: Unit, record: Json, line: Json | None, content: Content, settled: Settled) -> Iterator[str]:
    """Yield what is wrong with the provenance of one label by a person."""
    if line is None:
        yield "no signed decision in force stands in adjudications.jsonl"
        return
    provenance = record["provenance"]
    for member in ("signature", "decision", "adjudicator", "rationale", "cause"):
        if provenance[member] != line[member]:
            yield f"the record's {member} is not that of the signed decision"
    if record["label"] is not None and record["label"] != line["label"]:
        yield "the label is not the one that was signed"
    if line["decision"] == "panel" and not is_carried(line):
        yield "the votes of the panel have no majority for this label"
    taken = taken_label(unit, line, content, settled)
    if taken is not None and line["label"] != taken:
        yield f"the signed label is not the {line['decision']} that it says it took"


def is_carried(line: Json) -> bool:
    """Say whether more than half of a panel's last votes were for the label that it gave."""
    last = max((vote["turn"] for vote in line["votes"]), default=0)
    votes = [vote["label"] for vote in line["votes"] if vote["turn"] == last]
    return bool(2 * sum(label == line["label"] for label in votes) > len(votes))


def taken_label(unit: Unit, line: Json, content: Content, settled: Settled) -> Mapping[str, Any] | None:
    """Return the label that a decision says it took; None where it gave its own or none."""
    if line["decision"] == "nothing":
        return {"kind": "nothing_found"}
    if line["decision"] == "consensus":
        again = settled.units.get(unit)
        return again.label if again is not None else None
    if line["decision"] in WAYS:
        return combined_again(unit, line, content)
    if line["decision"] != "reader" or line["source"] is None:
        return None
    source = line["source"]
    wanted = (source["reader"], source["mark"], source["revision"], source["digest"])
    case = content.cases[unit[0]]
    for read in [*case.reads, *(read for reads in case.checkers.values() for read in reads)]:
        if read.question == unit[1] and content.references[read.ref] == wanted:
            return read.label
    return {}


def combined_again(unit: Unit, line: Json, content: Content) -> Mapping[str, Any]:
    """Return the union or intersection of the reads that were shown, made again from them."""
    case = content.cases[unit[0]]
    shown = {(one["reader"], one["mark"], one["revision"], one["digest"]) for one in line["shown"]}
    reads = [read for read in case.reads if read.question == unit[1] and content.references[read.ref] in shown]
    if len(reads) != len(shown):
        return {}
    return combined([(read.reader, read.label) for read in reads], line["decision"], case.geometry) or {}
