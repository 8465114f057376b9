"""Known labels as a yardstick, and what audits and controls may open again."""

import pytest

from annotations.labels.base import Geometry
from qc.settling.base import ACCEPT, REFER, CaseReads, Check, QuestionSpec, Read
from qc.settling.case import settle_case
from qc.settling.checks import is_contested, settle_and_check
from qc.settling.known import KnownCase, against_known
from qc.settling.measure import Comparable, material_of
from tests.factories import (
    DIAMETER,
    EFFUSION,
    GRADE,
    HEART,
    LESION,
    NODULE,
    ORDER,
    SHAPE,
    SIGNS,
    SPINDLES,
    SUSPICION,
    VALVE,
    box,
    box_mask,
    code,
    document,
    level,
    millimetres,
    order,
    points,
    signs,
    spans,
    square,
)

GRID = Geometry(SHAPE, (2.0, 1.0, 1.0))
NOTHING = {"kind": "nothing_found"}
UNABLE = {"kind": "cannot_assess", "reason": "motion"}


def spec(question):
    return QuestionSpec(question.code, question.kind, question.scale, question.definition, question.about)


def said(reader, **values):
    """Return answers of a reader; ``question__mark`` for one of several findings."""
    split = [(name.partition("__"), label) for name, label in values.items()]
    return tuple(
        Read(reader, question, mark, label, 0, f"{reader}{mark}{label}") for (question, _, mark), label in split
    )


def case(questions, reads=(), checks=(), **more):
    readers = tuple(sorted({read.reader for read in reads}))
    return CaseReads(tuple(map(spec, questions)), readers, tuple(reads), GRID, checks=tuple(checks), **more)


def compared(question, known, given):
    found = against_known(
        KnownCase(said("x", **{question.code: known})),
        said("r", **{question.code: given}),
        case([question]),
        document([question], 3),
    )
    return [one.is_right for one in found]


@pytest.mark.parametrize(
    ("question", "known", "right", "wrong"),
    [
        (EFFUSION, code("yes"), code("yes"), code("no")),
        (GRADE, level(2), level(3), level(4)),
        (DIAMETER, millimetres(20), millimetres(23), millimetres(24)),
        (LESION, box_mask(0, 2, 2, 12, 2, 12), box_mask(0, 2, 2, 12, 2, 11), box_mask(0, 2, 2, 12, 2, 6)),
        (SIGNS, signs("edema", "mass"), signs("mass", "edema"), signs("scar")),
        (ORDER, order("a", "b", "c"), order("a", "b", "c"), order("c", "b", "a")),
        (SPINDLES, spans([1, 5]), spans([1.2, 5]), spans([20, 25])),
        (HEART, box(0, 2, 2, 1, 12, 12), box(0, 2, 2, 1, 12, 11), box(0, 2, 2, 1, 12, 4)),
        (VALVE, points(apex=(1, 5, 5), base=(1, 8, 8)), points(apex=(1, 5, 6), base=(1, 8, 8)),
         points(apex=(1, 5, 14), base=(1, 8, 8))),
    ],
)  # fmt: skip
def test_the_limits_of_the_protocol_are_the_tolerance(question, known, right, wrong):
    assert compared(question, known, known) == [True]
    assert compared(question, known, right) == [True]
    assert compared(question, known, wrong) == [False]
    assert compared(question, known, UNABLE) == []


def test_a_number_without_a_limit_is_neither_right_nor_wrong():
    policy = document([DIAMETER], 3)
    policy["questions"]["diameter"]["rules"] = {"no_majority": {}}
    known, given = KnownCase(said("x", diameter=millimetres(20))), said("r", diameter=millimetres(90))
    assert against_known(known, given, case([DIAMETER]), policy) == ()


def test_findings_are_found_missed_and_added():
    questions = [NODULE, SUSPICION]
    known = KnownCase(said("x", nodule__a=square(1, 2, 2, 5), suspicion__a=level(3)))
    policy = document(questions, 3)

    def outcome(**values):
        found = against_known(known, said("r", **values), case(questions), policy)
        return sorted((one.question, one.mark, one.is_right) for one in found)

    same = {"nodule__1": square(1, 2, 2, 5)}
    assert outcome(**same, suspicion__1=level(3)) == [("nodule", "a", True), ("suspicion", "a", True)]
    assert outcome(**same, suspicion__1=level(1)) == [("nodule", "a", True), ("suspicion", "a", False)]
    assert outcome(nodule=NOTHING) == [("nodule", "a", False)]
    more = {"nodule__2": square(3, 10, 10, 4), "suspicion__2": level(1)}
    assert outcome(**same, suspicion__1=level(3), **more) == [
        ("nodule", "", False), ("nodule", "a", True), ("suspicion", "a", True),
    ]  # fmt: skip


def test_a_further_mark_counts_for_nothing_where_findings_are_not_all_settled():
    known = KnownCase(said("x", nodule__a=square(1, 2, 2, 5)), frozenset({"nodule"}))
    given = said("r", nodule__1=square(1, 2, 2, 5), nodule__2=square(3, 10, 10, 4))
    found = against_known(known, given, case([NODULE]), document([NODULE], 3))
    assert [(one.mark, one.is_right) for one in found] == [("a", True)]


THREE = [EFFUSION, GRADE, LESION]
AGREED = {"effusion": code("yes"), "grade": level(2), "lesion": box_mask(0, 2, 2, 12, 2, 12)}
READS = sum((said(reader, **AGREED) for reader in "abc"), ())


def settled(*checks, questions=THREE, reads=READS):
    outcome = settle_and_check(case(questions, reads, checks), document(questions, 3))
    return {(unit.question, unit.finding): unit for unit in outcome.units}


def check(purpose, reader, **values):
    return Check(purpose, reader, said(reader, **values))


def test_without_checks_nothing_is_added():
    plain = settle_case(case(THREE, READS), document(THREE, 3))
    assert [(u.label, u.details, u.reads) for u in settled().values()] == [
        (u.label, u.details, u.reads) for u in plain.units
    ]


def test_an_audit_that_agrees_leaves_every_label_and_is_counted():
    plain, audited = settled(), settled(check("audit", "d", **AGREED))
    assert {key: (u.verdict, u.label, u.reads) for key, u in audited.items()} == {
        key: (u.verdict, u.label, u.reads) for key, u in plain.items()
    }
    assert {u.details["checked"]["audit"][0] for u in audited.values()} == {1}
    assert {u.details["checked"]["audit"][1] for u in audited.values()} == {0}


def test_an_audit_that_differs_opens_its_question_alone_and_shows_every_read():
    found = settled(check("audit", "d", **{**AGREED, "effusion": code("no")}))
    unit = found["effusion", ""]
    assert (unit.verdict, unit.rule, unit.cause) == (REFER, "audit", "class")
    assert unit.explanation == "Present 3, Absent 1 of 4 readers."
    assert [read.reader for read in unit.reads] == ["a", "b", "c", "d"]
    assert unit.details["checked"] == {"audit": [1, 1]}
    # Agreement is measured on those who were due in any case.
    assert unit.details["codes"] == {"a": "yes", "b": "yes", "c": "yes"}
    assert {found[name, ""].verdict for name in ("grade", "lesion")} == {ACCEPT}
    assert len(found["lesion", ""].reads) == 3


def test_an_audit_of_an_outline_says_by_how_much_it_differs():
    unit = settled(check("audit", "d", lesion=box_mask(0, 2, 2, 12, 2, 7)))["lesion", ""]
    assert (unit.verdict, unit.cause) == (REFER, "boundary")
    assert "Dice is 0.67; at least 0.80 is needed" in unit.explanation


def test_what_one_more_reader_saw_becomes_a_finding_in_dispute():
    reads = sum((said(reader, nodule__1=square(1, 2, 2, 5)) for reader in "abc"), ())
    more = check("audit", "d", nodule__1=square(1, 2, 2, 5), nodule__2=square(3, 10, 10, 4))
    found = settled(more, questions=[NODULE], reads=reads)
    assert sorted(unit.verdict for unit in found.values()) == [ACCEPT, REFER]
    (unit,) = [unit for unit in found.values() if unit.verdict == REFER]
    assert [read.reader for read in unit.reads] == ["d"]
    assert (unit.rule, unit.label, unit.number) == ("audit", None, 2)
    # Nobody who was due marked it, so that it says nothing of their agreement.
    assert material_of([Comparable(unit.rule, unit.details, "p", ("c", 2))]).n_single == 0


def test_a_finding_where_nobody_saw_one_is_looked_at():
    reads = sum((said(reader, nodule=NOTHING) for reader in "abc"), ())
    found = settled(check("audit", "d", nodule__1=square(1, 2, 2, 5)), questions=[NODULE], reads=reads)
    assert [unit.verdict for unit in found.values()] == [REFER]


def test_a_model_that_marks_more_opens_what_it_marks_and_has_no_vote():
    """Two of three readers see the first; the second is the model's alone; the third only one reader's."""
    reads = sum((said(reader, nodule__1=square(1, 2, 2, 5)) for reader in "ab"), ())
    reads += said("c", nodule__1=square(0, 10, 2, 4))
    alone = settled(questions=[NODULE], reads=reads)
    model = check("model", "net", nodule__1=square(1, 2, 2, 5), nodule__2=square(3, 10, 10, 4))
    found = settled(model, questions=[NODULE], reads=reads)
    assert [unit.verdict for unit in alone.values()] == [ACCEPT, ACCEPT]
    for key, unit in alone.items():
        assert (found[key].verdict, found[key].label, found[key].reads) == (unit.verdict, unit.label, unit.reads)
    (new,) = [unit for key, unit in found.items() if key not in alone]
    assert (new.verdict, new.rule) == (REFER, "model_differs")
    # Where the model sides with the one reader, what the majority took for nothing is looked at.
    sides = check("model", "net", nodule__1=square(1, 2, 2, 5), nodule__2=square(0, 10, 2, 4))
    again = settled(sides, questions=[NODULE], reads=reads)
    assert again.keys() == alone.keys()
    (opened,) = [unit for unit in again.values() if unit.verdict == REFER]
    assert {read.reader for read in opened.reads} == {"c", "net"}


def test_what_a_physician_decided_is_not_asked_again():
    """An audit of one finding leaves the key and the reads of another, which is in dispute, as they were."""
    reads = sum((said(reader, nodule__1=square(1, 2, 2, 5)) for reader in "abc"), ())
    reads += sum((said(reader, nodule__2=square(3, 9, 9, 4)) for reader in "a"), ())
    reads += said("b", nodule__2=square(3, 9, 9, 6)) + said("c", nodule__2=square(3, 9, 9, 2))
    before = {key: unit for key, unit in settled(questions=[NODULE], reads=reads).items() if unit.verdict == REFER}
    assert len(before) == 1
    audited = settled(check("audit", "d", nodule__2=square(3, 9, 9, 4)), questions=[NODULE], reads=reads)
    ((key, unit),) = before.items()
    assert audited[key].reads == unit.reads
    assert sum(one.verdict == REFER for one in audited.values()) == 2


def test_two_who_miss_a_control_are_wrong_and_three_put_it_in_doubt():
    wrong = {**AGREED, "effusion": code("no")}
    two = settled(*(check("control", reader, **wrong) for reader in "de"))["effusion", ""]
    assert two.verdict == ACCEPT
    assert two.details["checked"] == {"control": [2, 2]}
    assert settled(*(check("control", reader, **wrong) for reader in "def"))["effusion", ""].verdict == REFER


@pytest.mark.parametrize(
    ("n", "against", "contested"), [(2, 2, False), (3, 3, True), (9, 2, False), (100, 3, True), (10, 0, False)]
)
def test_when_a_control_is_in_doubt(n, against, contested):
    assert is_contested(n, against) is contested


def test_the_order_of_checks_changes_nothing():
    checks = [check("audit", "d", **{**AGREED, "grade": level(4)}), check("control", "e", **AGREED)]
    forwards, backwards = settled(*checks), settled(*reversed(checks))
    assert {key: (u.verdict, u.label, u.details) for key, u in forwards.items()} == {
        key: (u.verdict, u.label, u.details) for key, u in backwards.items()
    }
