import pytest

from reports.exporters._csv import read_csv
from reports.exporters._scenes import (
    album,
    class_names,
    class_questions,
    refuse,
    refuse_details,
    value_of,
    written,
)
from reports.exporters.base import narrowed
from tests.reports.exporters.bundles import bundle, question, record
from tests.reports.exporters.regions import (
    GRID,
    HOSTILE,
    L_SHAPE,
    LESION,
    TYPE,
    about,
    mask_of,
    polygon,
    region,
    release,
)


def test_a_case_with_an_open_region_is_no_scene_and_every_unit_is_accounted_for():
    bundle_ = release()
    made = album(bundle_)
    assert [scene.case for scene in made.scenes] == ["c1", "c2", "deep", HOSTILE]
    assert [(one.case, one.question, one.finding, one.reason) for one in made.left_out] == [
        ("c1", "type", "f2", "in_dispute"),
        ("c3", "lesion", "f1", "the case has open regions"),
        ("c3", "lesion", "f2", "in_dispute"),
    ]
    held = sum(len(scene.findings) + len(scene.attributes) for scene in made.scenes)
    held += sum(len(one.attributes) for scene in made.scenes for one in scene.findings)
    named = sum(one.name != one.question for scene in made.scenes for one in scene.findings)
    nothing = 1
    assert held + named + nothing + len(made.left_out) == len(bundle_.records)


def test_a_finding_has_its_class_and_its_answers():
    first, second = album(release()).scenes[0].findings
    assert (first.name, first.attributes) == ("malignant", {"grade": "4", "size": 4.5})
    assert (second.name, second.attributes) == ("lesion", {})
    assert album(release()).scenes[0].attributes == {"quality": "good"}


def test_a_case_that_one_region_question_has_not_reached_is_left_out():
    both = [LESION, {**LESION, "code": "organ"}]
    made = album(release([region("c1", "f1", polygon())], both))
    assert made.scenes == ()
    assert [one.reason for one in made.left_out] == ["the case has open regions"]


def test_an_outline_without_a_known_size_is_left_out_and_a_mask_brings_its_own():
    made = album(release([region("a", "f", polygon()), region("b", "f", mask_of(L_SHAPE))], [LESION], {}))
    assert [(one.case, one.reason) for one in made.left_out] == [("a", "the size of the image is not known")]
    assert made.scenes[0].shape == GRID.shape
    assert made.scenes[0].grid.spacing_mm is None


def test_answers_alone_need_no_size():
    (scene,) = album(bundle([record("c1", label={"kind": "category", "code": "a"})])).scenes
    assert scene.attributes == {"q": "a"}
    with pytest.raises(ValueError, match="not known"):
        _ = scene.shape


def test_the_detail_of_a_single_region_is_its_own_and_not_the_case_s():
    single = {**question("organ", "mask", "none"), "definition": {}}
    kind = about("kind", "category", target="organ", definition={"codes": [{"code": "liver"}]})
    records = [
        record("c1", "organ", mask_of(L_SHAPE), kind="mask"),
        record("c1", "kind", {"kind": "category", "code": "liver"}),
    ]
    (scene,) = album(release(records, [single, kind])).scenes
    assert scene.findings[0].name == "liver"
    assert scene.attributes == {}


def test_two_categories_about_one_region_are_no_class():
    other = about("margin", "category", definition={"codes": [{"code": "sharp"}]})
    assert class_questions(release(questions=[LESION, TYPE])) == {"lesion": "type"}
    assert class_questions(release(questions=[LESION, TYPE, other])) == {}
    assert refuse_details(TYPE, release(questions=[LESION, TYPE])) == ""
    assert "no place" in refuse_details(TYPE, release(questions=[LESION, TYPE, other]))


def test_class_names_are_unique():
    node = {**LESION, "code": "node"}
    same = about("node_type", "category", target="node", definition={"codes": [{"code": "benign"}]})
    names = class_names(release(questions=[LESION, TYPE, node, same]))
    assert list(names.values()) == ["lesion.benign", "malignant", "lesion", "node.benign", "node"]


def test_answers_without_an_outline_to_belong_to_are_refused():
    assert "not among the questions" in refuse(TYPE, narrowed(release(), ["type"]))
    several = {**question("finding"), "definition": {"many": True}}
    assert "none of them has an outline" in refuse(several, bundle(questions=[several]))
    assert refuse(question(), bundle()) == ""


def test_a_class_that_would_look_like_an_open_one_is_refused():
    same = about("type", "category", definition={"codes": [{"code": "lesion"}, {"code": "cyst"}]})
    assert "taken for lesion of an open class" in refuse(same, release(questions=[LESION, same]))
    assert refuse(TYPE, release()) == ""


def test_what_is_left_out_is_a_table():
    rows = read_csv(album(release()).left_out_csv())
    assert rows[0] == {"case": "c1", "question": "type", "finding": "f2", "reason": "in_dispute"}
    assert len(rows) == 3


def test_values_in_words():
    assert value_of({"kind": "cannot_assess", "reason": "motion"}) is None
    assert [written(value) for value in (None, "a", 4.5)] == ["", "a", "4.5"]
