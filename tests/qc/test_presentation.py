import pytest

from annotations import intake
from annotations.models import Image
from qc import adjudication, drawing, presentation
from qc.models import Dispute
from tests.factories import (
    DIAMETER,
    EFFUSION,
    GRADE,
    NODULE,
    SUSPICION,
    code,
    level,
    millimetres,
    read,
    square,
    study,
    work,
)
from tests.personas import ADA, BEN, CODES

CANNOT = {"kind": "cannot_assess", "reason": "motion"}


def disputed(cast, questions, ada, ben, **given):
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, questions=questions, n_cases=1)
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    read(project, cast.ada, "case-1", **ada)
    read(project, cast.ben, "case-1", **ben)
    work()
    return adjudication.claim_dispute(actor=cast.chen, dispute=Dispute.objects.get(**given))


def summaries(cast, dispute):
    view = presentation.dispute_view(dispute, cast.chen)
    letters = presentation.letters_of(dispute)
    by_letter = {read.letter: read.summary for read in view.reads}
    return [by_letter[letters[CODES[name]]] for name in (ADA, BEN)]


@pytest.mark.parametrize(
    ("question", "ada", "ben", "words"),
    [
        (EFFUSION, code("yes"), code("no"), ["Present", "Absent"]),
        (GRADE, level(1), level(4), ["1 · Level 1", "4 · Level 4"]),
        (DIAMETER, millimetres(12.5), millimetres(30), ["12.5 mm", "30 mm"]),
        (EFFUSION, CANNOT, CANNOT, ["Cannot assess: motion"] * 2),
    ],
)
def test_a_read_in_a_few_words(cast, question, ada, ben, words):
    dispute = disputed(cast, [question], {question.code: ada}, {question.code: ben})
    assert summaries(cast, dispute) == words


def test_a_detail_shows_the_outlines_that_it_speaks_of(cast):
    dispute = disputed(
        cast,
        [NODULE, SUSPICION],
        {"nodule__1": square(1, 2, 2, 6), "suspicion__1": level(2)},
        {"nodule__1": square(1, 2, 2, 6), "suspicion__1": level(4)},
    )
    assert dispute.question.code == "suspicion"
    view = presentation.dispute_view(dispute, cast.chen, {"decision_url": "/sign"})
    assert view.finding_label == "Finding 1 · slice 2"
    assert [choice["code"] for choice in view.choices] == ["1", "2", "3", "4"]
    assert [read.summary for read in view.reads] in (
        [f"{a} · Level {a}", f"{b} · Level {b}"] for a, b in ((2, 4), (4, 2))
    )
    data = view.case_data
    assert [item["letter"] for item in data["reads"]] == ["A", "B"]
    assert data["reads"][0]["kind"] == "polygon"
    assert data["reads"][0]["rings"][0]["slice"] == data["start_slice"] == 1
    assert data["image"] is None
    assert data["canvas"] == {"width": 16, "height": 16, "slices": 4}
    assert data["consensus"]["kind"] == "mask"
    assert data["consensus"]["box"] == [1, 2, 2, 8, 2, 8]
    assert data["decision_url"] == "/sign"
    assert view.consensus_label is None


def test_only_the_reader_who_marked_is_drawn_and_letters_stay_those_of_the_case(cast):
    dispute = disputed(
        cast,
        [NODULE, SUSPICION],
        {"nodule__1": square(1, 2, 2, 6), "suspicion__1": level(2)},
        {"nodule": {"kind": "nothing_found"}},
    )
    data = presentation.dispute_view(dispute, cast.chen).case_data
    (drawn,) = data["reads"]
    assert drawn["letter"] == presentation.letters_of(dispute)[CODES[ADA]]
    assert set(presentation.letters_of(dispute)) == set(CODES.values())


def test_without_an_image_the_canvas_holds_what_is_drawn(cast):
    dispute = disputed(
        cast,
        [NODULE, SUSPICION],
        {"nodule__1": square(2, 2, 2, 6), "suspicion__1": level(2)},
        {"nodule__1": square(2, 2, 2, 6), "suspicion__1": level(4)},
    )
    Image.objects.all().delete()
    assert presentation.viewer_data(dispute, cast.chen)["canvas"] == {"width": 9, "height": 9, "slices": 3}


def test_the_digest_of_what_is_shown_moves_with_everything_that_is_shown(cast):
    dispute = disputed(cast, [EFFUSION], {"effusion": code("yes")}, {"effusion": code("no")})
    before = presentation.shown_digest(dispute)
    assert presentation.shown_digest(Dispute.objects.get(pk=dispute.pk)) == before
    for name, value in (("round", 2), ("explanation", "Another sentence.")):
        changed = Dispute.objects.get(pk=dispute.pk)
        setattr(changed, name, value)
        assert presentation.shown_digest(changed) != before
    changed = Dispute.objects.select_related("result").get(pk=dispute.pk)
    changed.result.inputs = [[reader, ref, "0" * 64] for reader, ref, _ in changed.result.inputs]
    assert presentation.shown_digest(changed) != before


def test_a_forged_or_foreign_name_of_a_mask_stands_for_nothing(cast):
    dispute = disputed(cast, [EFFUSION], {"effusion": code("yes")}, {"effusion": code("no")})
    name = drawing.token(dispute, cast.chen, "A", 0)
    assert drawing.read_token(name) == (cast.chen.pk, str(dispute.public_id), 1, "A", 0)
    assert drawing.read_token(name[:-1] + ("a" if name[-1] != "a" else "b")) is None
    assert drawing.read_token("") is None
    assert CODES[ADA] not in name
