"""A reader beside a label that is known: right where the protocol, asked of the two, would refer nothing."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from qc.registry import METHODS
from qc.settling.base import ACCEPT, REFER, CaseReads, QuestionSpec, Read, Unit
from qc.settling.case import settle_case
from qc.settling.codes import CLOSEST, SPREAD

KNOWN, READER = "known", "reader"
# Rules that send to a physician what readers agree on.
NO_TEST = frozenset({"by_design", "arbitrate_concordant"})
CANNOT_ASSESS = "cannot_assess"
NOTHING_FOUND = "nothing_found"
# What two answers of a kind are compared by, where the protocol's own method wants more of them than two.
TWO_READ_METHODS = {
    "category": "majority",
    "grade": "majority",
    "measurement": "median",
    "multilabel": "set_vote",
    "ranking": "rank_aggregation",
    "mask": "majority_mask",
    "polygon": "majority_mask",
    "box": "box_median",
    "landmarks": "landmark_mean",
    "interval": "interval_vote",
}


@dataclass(frozen=True, slots=True)
class KnownCase:
    """What is known of a case.

    Parameters
    ----------
    labels : tuple of Read
        Known labels as answers; ``mark`` is the key of the finding. Their reader is not looked at.
    partial : frozenset of str
        Questions with marks of which not every finding is settled: a further mark there is neither right nor wrong.
    """

    labels: tuple[Read, ...]
    partial: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Compared:
    """One unit of a reader against what is known.

    Parameters
    ----------
    question, mark : str
        Question and the known finding; empty for the case, and for a finding that is not known.
    is_right : bool
        The protocol's limits accept the two as one answer.
    cause, explanation : str
        Why not, as for a dispute.
    evidence : mapping
        The numbers behind the sentence.
    reads : tuple of Read
        What the reader answered there.
    """

    question: str
    mark: str
    is_right: bool
    cause: str = ""
    explanation: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[Read, ...] = ()


def against_known(
    known: KnownCase, answers: Iterable[Read], case: CaseReads, document: Mapping[str, Any]
) -> tuple[Compared, ...]:
    """Compare a reader's answers with the known labels of a case, by the limits of the protocol.

    Parameters
    ----------
    known : KnownCase
        Labels that stand.
    answers : iterable of Read
        One reader's standing answers.
    case : CaseReads
        Questions, grid and slice thickness; its own reads are not looked at.
    document : mapping
        The protocol, whose limits are the tolerance.

    Returns
    -------
    tuple of Compared
        One for each unit that can be compared. None for a question that the reader could not assess or did not
        answer, that nobody settled, or whose protocol states no limit for numbers.
    """
    given = tuple(answers)
    questions = tuple(comparable(known, given, case.questions, document))
    codes = {question.code for question in questions}
    reads = tuple(
        replace(read, reader=name)
        for name, side in ((KNOWN, known.labels), (READER, given))
        for read in side
        if read.question in codes
    )
    both = replace(case, questions=questions, readers=(KNOWN, READER), reads=reads, block=None, decided={}, checks=())
    units = settle_case(both, for_two(document, questions)).units
    return tuple(compared for unit in units for compared in judged(unit, known, questions))


def known_of(
    settled: Iterable[tuple[str, str, Mapping[str, Any] | None]], questions: Iterable[QuestionSpec]
) -> KnownCase:
    """Return what is known of a case from its units.

    Parameters
    ----------
    settled : iterable of (str, str, mapping or None)
        Question, finding and label of each unit; no label where the unit is not settled.
    questions : iterable of QuestionSpec
        The schema.
    """
    units = list(settled)
    takes_marks = {question.code for question in questions if question.takes_marks}
    marked = {question for question, _, label in units if label is not None and label["kind"] != NOTHING_FOUND}
    labels, partial = [], set()
    for question, finding, label in units:
        if label is None:
            partial.add(question)
        elif question not in takes_marks or label["kind"] != NOTHING_FOUND:
            labels.append(Read("", question, finding, label, 0, ""))
        elif question not in marked:
            # That a mark of one reader is nothing says so of the whole case only where nothing else is there.
            marked.add(question)
            labels.append(Read("", question, "", label, 0, ""))
    return KnownCase(tuple(labels), frozenset(partial & takes_marks))


def comparable(
    known: KnownCase, given: tuple[Read, ...], questions: tuple[QuestionSpec, ...], document: Mapping[str, Any]
) -> Iterator[QuestionSpec]:
    """Yield the questions that both sides answered and for which there is a limit."""
    settled = {read.question for read in known.labels}
    assessed = {read.question for read in given if read.label["kind"] != CANNOT_ASSESS}
    for question in questions:
        if question.kind == "measurement" and not has_spread(document["questions"][question.code]):
            continue
        if question.about or {question.code} <= settled & assessed:
            yield question


def judged(unit: Unit, known: KnownCase, questions: tuple[QuestionSpec, ...]) -> Iterator[Compared]:
    """Yield a unit as right or wrong; nothing where one side is silent and need not speak."""
    sides = {read.reader for read in unit.reads}
    takes_marks = {question.code for question in questions if question.takes_marks}
    if unit.verdict not in {ACCEPT, REFER} or not (unit.question in takes_marks or sides == {KNOWN, READER}):
        return
    if unit.question in known.partial and KNOWN not in sides:
        return
    mark = next((read.mark for read in unit.reads if read.reader == KNOWN), "")
    is_right = unit.verdict == ACCEPT
    # A reader's answers are known by their mark again; who gave them, the caller knows.
    own = tuple(read for read in unit.reads if read.reader == READER)
    yield Compared(unit.question, mark, is_right, unit.cause, unit.explanation, unit.evidence, own)


def for_two(document: Mapping[str, Any], questions: Iterable[QuestionSpec]) -> dict[str, Any]:
    """Return the document as it applies to two answers: its limits, and methods that two can satisfy."""
    policies = {question.code: policy_for_two(question, document["questions"][question.code]) for question in questions}
    kept = {name: value for name, value in document.items() if name in {"protocol", "matching"}}
    return {**kept, "seats": 2, "questions": policies}


def policy_for_two(question: QuestionSpec, policy: Mapping[str, Any]) -> dict[str, Any]:
    """Return the policy of one question for two answers."""
    own, method = policy["method"], TWO_READ_METHODS[question.kind]
    if question.kind == "grade" and METHODS[own].takes == "numbers" and has_spread(policy):
        # The protocol lets levels lie apart, and takes the one in the middle.
        method = "median"
    rules = {name: limits for name, limits in policy.get("rules", {}).items() if name not in NO_TEST}
    kept = {name: policy[name] for name in ("existence", "match_iou", "tolerance_mm") if name in policy}
    made = {**kept, "method": method, "split": "lower", "rules": rules}
    parameters = {name: value for name, value in policy.get("method_parameters", {}).items() if name != "minimum"}
    return {**made, "method_parameters": parameters} if own == method and parameters else made


def has_spread(policy: Mapping[str, Any]) -> bool:
    """Say whether the policy states how far numbers or levels may lie apart."""
    return any(limits.get("statistic") in (SPREAD, CLOSEST) for limits in policy.get("rules", {}).values())
