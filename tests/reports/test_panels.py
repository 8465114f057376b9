import pytest

from reports import panels

RARE = {"value": 0.97, "undefined": None}


def estimate(value, **more):
    return {"value": value, "low": None, "high": None, "n_units": 9, "undefined": None, "warnings": [], **more}


def test_a_remark_says_where_the_share_of_equal_answers_and_alpha_part():
    words = panels.remark_on({"percent": estimate(0.97), "krippendorff_alpha": estimate(0.2)})
    assert "97 %" in words
    assert "0.20" in words


@pytest.mark.parametrize(("percent", "alpha"), [(0.97, 0.4), (0.89, 0.1), (None, 0.1)])
def test_no_remark_where_they_do_not_part(percent, alpha):
    assert panels.remark_on({"percent": estimate(percent), "krippendorff_alpha": estimate(alpha)}) == ""


def test_no_remark_without_both_figures():
    assert panels.remark_on({"percent": estimate(0.97)}) == ""


def test_readings_that_are_all_equal_are_said_to_be():
    undefined = estimate(None, undefined="undefined_single_category")
    assert "every reading is the same" in panels.remark_on({"percent": estimate(1.0), "krippendorff_alpha": undefined})


class Asked:
    def __init__(self, kind, definition=None, scale="nominal"):
        self.kind, self.definition, self.scale = kind, definition or {}, scale


CODES = Asked("category", {"codes": [{"code": "y", "title": "Yes"}, {"code": "n", "title": "No"}]})


@pytest.mark.parametrize(
    ("codes", "share", "words"),
    [
        ({"a": "y", "b": "y", "c": "n"}, 1 / 3, "Yes 2 · No 1"),
        ({"a": "y", "b": "y"}, 1.0, "Yes 2"),
        ({"a": "y", "b": "n"}, 0.0, "Yes 1 · No 1"),
        ({"a": "y"}, None, "Yes 1"),
    ],
)
def test_the_agreement_of_answers_is_the_share_of_equal_pairs(codes, share, words):
    one = {"details": {"codes": codes}, "values": {}}
    assert panels.agreement_of(CODES, one, panels.titles_of(CODES)) == (share, words)


def test_the_agreement_of_outlines_is_their_dice_with_the_sizes_in_words():
    one = {"details": {"voxels": {"a": 2000, "b": 1000}, "voxel_mm3": 1.0}, "values": {"dice": 0.5}}
    assert panels.agreement_of(Asked("mask"), one, {}) == (0.5, "2.00 mL · 1.00 mL")
    bare = {"details": {"voxels": {"a": 2000}, "voxel_mm3": None}, "values": {}}
    assert panels.agreement_of(Asked("mask"), bare, {}) == (None, "2,000 voxels")


def test_the_agreement_of_numbers_falls_with_their_distance():
    one = {"details": {"numbers": {"a": 10.0, "b": 8.0}}, "values": {}}
    assert panels.agreement_of(Asked("measurement", {"unit": "mm"}), one, {}) == (0.8, "8 · 10 mm")


def test_numbers_that_are_all_zero_agree():
    one = {"details": {"numbers": {"a": 0.0, "b": 0.0}}, "values": {}}
    assert panels.agreement_of(Asked("measurement"), one, {})[0] == 1.0


def test_a_finding_that_nobody_outlined_twice_says_who_marked_it():
    one = {"details": {"evidence": {"votes": {"present": 2, "absent": 2}}}, "values": {}}
    assert panels.agreement_of(Asked("polygon"), one, {}) == (None, "2 of 4 marked it")


def test_each_caution_is_said_once():
    rare = estimate(0.5, warnings=["rare_category_ci_unreliable"])
    assert len(panels.cautions_of({"percent": rare, "gwet_ac": rare})) == 1
