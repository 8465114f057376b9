"""Every kind of question from the reads to the report: settled, disputed, measured, judged, released."""

import pytest

from qc.models import AgreementResult, ConsensusResult, Dispute, ReaderResult
from qc.selectors import ledger
from tests.factories import (
    FRACTURE,
    HEART,
    ORDER,
    SIGNS,
    SPINDLES,
    VALVE,
    box,
    order,
    person,
    points,
    read,
    signs,
    spans,
    study,
    work,
)
from tests.personas import ADA, BEN, CODES

CORO = "R-91"
QUESTIONS = [SIGNS, ORDER, SPINDLES, FRACTURE, HEART, VALVE]
APEX = {"apex": (1.5, 4, 4), "base": (1.5, 10, 10)}
ALIKE = {
    "signs": signs("edema", "mass"),
    "order": order("a", "b", "c"),
    "spindles": spans((1, 2), (5, 7)),
    "fracture__1": box(1, 2, 2, 2, 8, 8),
    "heart": box(0, 0, 0, 4, 10, 10),
    "valve": points(**APEX),
}


@pytest.fixture
def project(cast):
    coro = person("coro")
    readers = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben, CORO: coro}
    project = study(cast.mira, readers, questions=QUESTIONS, n_cases=3)
    for user in (cast.ada, cast.ben, coro):
        read(project, user, "case-1", **ALIKE)
    # Case 2: one of three differs a little in everything, and has a fracture more.
    for user in (cast.ada, cast.ben):
        read(project, user, "case-2", **ALIKE)
    read(
        project,
        coro,
        "case-2",
        signs=signs("edema"),
        order=order("a", "c", "b"),
        spindles=spans((1, 2), (5, 8)),
        fracture__1=box(1, 2, 2, 2, 8, 7),
        fracture__2=box(3, 12, 12, 4, 15, 15),
        heart=box(0, 0, 0, 4, 10, 9),
        valve=points(apex=(1.5, 4, 5), base=None),
    )
    # Case 3: they differ beyond every limit.
    read(project, cast.ada, "case-3", **ALIKE)
    read(
        project,
        cast.ben,
        "case-3",
        signs=signs("scar"),
        order=order("b", "c", "a"),
        spindles=spans((20, 25)),
        fracture__1=box(1, 2, 2, 2, 8, 8),
        heart=box(0, 8, 8, 4, 16, 16),
        valve=points(apex=(1.5, 14, 4), base=(1.5, 10, 10)),
    )
    read(
        project,
        coro,
        "case-3",
        signs=signs(),
        order=order("c", "a", "b"),
        spindles=spans(),
        fracture={"kind": "nothing_found"},
        heart=box(0, 0, 0, 4, 4, 4),
        valve=points(apex=None, base=None),
    )
    work()
    return project


def result(case, question, number=0):
    return ConsensusResult.objects.get(case__key=case, question__code=question, number=number)


def test_what_all_say_is_settled_as_they_said_it(project):
    labels = {name.partition("__")[0]: value for name, value in ALIKE.items()}
    for question in QUESTIONS:
        found = result("case-1", question.code, int(question is FRACTURE))
        assert found.verdict == "accept", question.code
        if question is ORDER:
            assert found.label == {"kind": "ranking", "order": [["a"], ["b"], ["c"]]}
        elif question.kind in ("box", "landmarks"):
            # In voxels, however the millimetres rounded on the way.
            assert flat(found.label) == pytest.approx(flat(labels[question.code]))
        else:
            assert found.label == labels[question.code]


def flat(label):
    if label["kind"] == "box":
        return [float(side) for side in (*label["low"], *label["high"])]
    return [float(side) for at in label["points"].values() for side in at]


def test_one_of_three_who_differs_a_little_is_outvoted(project):
    assert result("case-2", "signs").label == signs("edema", "mass")
    assert result("case-2", "order").label["order"] == [["a"], ["b"], ["c"]]
    assert result("case-2", "spindles").label["spans"] == [[1.0, 2.0], [5.0, 7.0]]
    assert result("case-2", "fracture", 1).label == box(1.0, 2.0, 2.0, 2.0, 8.0, 8.0)
    assert result("case-2", "fracture", 2).label == {"kind": "nothing_found"}
    assert result("case-2", "heart").label == box(0.0, 0.0, 0.0, 4.0, 10.0, 10.0)
    valve = result("case-2", "valve")
    assert flat(valve.label) == pytest.approx([1.5, 4, 4, 1.5, 10, 10])
    # Two of three see the base; the mean distance of the apex is (0 + 1 + 1) / 3 mm and that of the base 0.
    assert valve.support == pytest.approx(2 / 3)
    assert valve.values["landmark_distance"] == pytest.approx((0 + 1 + 1 + 0) / 4)


def test_what_lies_beyond_the_limits_is_disputed_with_its_cause(project):
    causes = dict(Dispute.objects.filter(case__key="case-3").values_list("question__code", "cause"))
    assert causes == {
        "signs": "class",
        "order": "class",
        "spindles": "boundary",
        "heart": "boundary",
        "valve": "location",
    }
    assert Dispute.objects.filter(case__key="case-1").count() == 0
    for dispute in Dispute.objects.all():
        assert dispute.explanation.endswith("."), dispute
        assert not set(dispute.explanation.split()) & {CODES[ADA], CODES[BEN], CORO}


def test_the_ledger_closes_over_every_kind(project):
    book = ledger(project)
    assert book.is_closed
    assert book.n_cells == 3 * len(QUESTIONS)


def estimate(project, question, statistic):
    run = project.evaluations.filter(case__isnull=True).latest("pk")
    return AgreementResult.objects.get(
        evaluation=run, question__code=question, statistic=statistic, population="all"
    ).estimate


def test_each_kind_is_measured_by_its_own_statistics(project):
    asked = set(AgreementResult.objects.values_list("question__code", "statistic"))
    for question, statistic in [
        ("signs", "jaccard_alpha"),
        ("signs", "masi_alpha"),
        ("signs", "label_alpha:edema"),
        ("order", "ranking_tau"),
        ("order", "ranking_w"),
        ("spindles", "interval_overlap"),
        ("heart", "box_iou"),
        ("heart", "box_giou"),
        ("valve", "oks"),
        ("valve", "landmark_distance:mean"),
    ]:
        assert (question, statistic) in asked
    # Heart: 1, 1, 1; 1, 0.9, 0.9; 4/160, 16/100 and 0 in case 3, case by case.
    third = (4 / (100 + 64 - 4) + 16 / 100 + 0) / 3
    assert estimate(project, "heart", "box_iou")["value"] == pytest.approx((1 + (1 + 0.9 + 0.9) / 3 + third) / 3)
    assert estimate(project, "valve", "landmark_distance:max")["value"] == pytest.approx(10.0)
    # Spindles of case 3: 3 s and 5 s without overlap, and each against nothing: 0.
    second = (1 + 0.75 + 0.75) / 3
    assert estimate(project, "spindles", "interval_overlap")["value"] == pytest.approx((1 + second + 0) / 3)


def test_each_estimate_has_a_value_or_a_reason(project):
    for row in AgreementResult.objects.all():
        assert (row.estimate["value"] is None) == bool(row.estimate["undefined"]), row


def test_readers_are_judged_by_the_others_in_every_kind_that_has_pairs(project):
    found = set(ReaderResult.objects.values_list("question__code", "statistic", "part"))
    assert {("heart", "box_iou", ""), ("spindles", "interval_overlap", "")} <= found
    assert ("valve", "landmark_distance", "mean") in found
    assert ("signs", "accuracy", "sensitivity:edema") in found
    ben = ReaderResult.objects.get(question__code="heart", statistic="box_iou", reader__code=CODES[BEN])
    assert ben.result["n_units"] == 3


def test_pages_and_tables_show_each_kind_with_its_own_figure(cast, project):
    client = cast.client("mira")
    page = client.get("/p/study/agreement/").content.decode()
    for title in ("α of sets", "Kendall τ", "Overlap of time", "IoU of boxes", "Mean distance, mm"):
        assert title in page
    for question in QUESTIONS:
        page = client.get(f"/p/study/agreement/{question.code}/").content.decode()
        assert "The cases behind it" in page
        assert "case-3" in page
        assert "Answers side by side" not in page or question.kind == "landmarks"
    page = client.get("/p/study/agreement/valve/").content.decode()
    assert page.index("case-3") < page.index("case-2") < page.index("case-1")
    assert "10.0 mm at most" in page
    case = client.get(f"/p/study/cases/{project.cases.get(key='case-2').public_id}/").content.decode()
    for words in ("Edema, mass", "a &gt; b &gt; c", "1–2, 5–7 s (3 s in all)", "10.0 × 10.0 px, slices 1–4"):
        assert words.lower() in case.lower(), words


def test_found_it_and_drew_it_stand_on_the_page_of_a_question_of_marks(cast, project):
    # Case 1: three of three pairs; case 2: 2 of 2 for a and b, 2 of 3 twice; case 3: 2 of 2, and 0 of 1 twice.
    assert estimate(project, "fracture", "object_f1:pooled")["value"] == pytest.approx(
        2 * (3 + 3 + 1) / (6 + 2 + 3 + 3 + 2 + 1 + 1)
    )
    assert estimate(project, "fracture", "object_f1:pooled")["n_units"] == 3
    page = cast.client("mira").get("/p/study/agreement/fracture/").content.decode()
    assert "Found it" in page
    assert "Drew it" in page
