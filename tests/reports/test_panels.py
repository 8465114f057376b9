import pytest

from qc.agreement.base import Estimate
from reports import panels, units


def estimate(value, undefined=None):
    bounds = {"low": None, "high": None, "level": 0.95, "method": "none"}
    return Estimate(value, n_units=90, n_raters=4, undefined=undefined, **bounds).as_dict()


def test_a_remark_says_where_the_share_of_equal_answers_and_alpha_part():
    figures = {"percent": estimate(0.99), "krippendorff_alpha": estimate(0.18), "prevalence:1": estimate(0.98)}
    words = panels.remark_on(figures, {"1": "Soft tissue"})
    assert "99 % of pairs agree" in words
    assert "0.18" in words
    assert "98 % of the answers are “Soft tissue”" in words


@pytest.mark.parametrize(("percent", "alpha"), [(0.97, 0.9), (0.5, 0.1), (None, 0.1)])
def test_no_remark_where_they_do_not_part(percent, alpha):
    undefined = "too_few_items" if percent is None else None
    figures = {"percent": estimate(percent, undefined), "krippendorff_alpha": estimate(alpha)}
    assert panels.remark_on(figures, {}) == ""


def test_no_remark_without_both_figures():
    assert panels.remark_on({"percent": estimate(0.97)}, {}) == ""


def test_a_part_of_a_statistic_is_a_row_of_its_own_under_the_answer_s_title():
    rows = [
        row
        for _, row in panels.panel_rows(
            {"specific_agreement:2": estimate(0.4), "percent": estimate(0.9)}, {"2": "Fluid"}
        )
    ]
    assert rows[0].title == "Percent agreement"
    assert rows[1].title.endswith(": Fluid")


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
    assert units.agreement_of(CODES, one, panels.titles_of(CODES)) == (share, words)


def test_the_agreement_of_outlines_is_their_dice_with_the_sizes_in_words():
    one = {"details": {"voxels": {"a": 2000, "b": 1000}, "voxel_mm3": 1.0}, "values": {"dice": 0.5}}
    assert units.agreement_of(Asked("mask"), one, {}) == (0.5, "2.00 mL · 1.00 mL")
    bare = {"details": {"voxels": {"a": 2000}, "voxel_mm3": None}, "values": {}}
    assert units.agreement_of(Asked("mask"), bare, {}) == (None, "2,000 voxels")


def test_the_agreement_of_numbers_falls_with_their_distance():
    one = {"details": {"numbers": {"a": 10.0, "b": 8.0}}, "values": {}}
    assert units.agreement_of(Asked("measurement", {"unit": "mm"}), one, {}) == (0.8, "8 · 10 mm")


def test_numbers_that_are_all_zero_agree():
    one = {"details": {"numbers": {"a": 0.0, "b": 0.0}}, "values": {}}
    assert units.agreement_of(Asked("measurement"), one, {})[0] == 1.0


def test_a_finding_that_nobody_outlined_twice_says_who_marked_it():
    one = {"details": {"evidence": {"votes": {"present": 2, "absent": 2}}}, "values": {}}
    assert units.agreement_of(Asked("polygon"), one, {}) == (None, "2 of 4 marked it")


def test_each_caution_is_said_once():
    rare = {**estimate(0.5), "warnings": ["rare_category_ci_unreliable"]}
    assert len(panels.cautions_of({"percent": rare, "gwet_ac": rare})) == 1


class Known:
    knows_readers = True


def honest(scale, figures, *, knows=True, with_bands=False):
    project, asked = Known(), Asked("category", {"codes": [{"code": "1", "title": "One"}, {"code": "2"}]}, scale)
    project.knows_readers = knows
    asked.code = "q"
    results = {("q", population): figures for population in ("all", "complete")}
    design = panels.design_of(project, asked, results, "all")
    return panels.honest_panel(asked, figures, design, with_bands=with_bands)


def figures(*names):
    bounds = {"low": 0.5, "high": 0.9, "level": 0.95, "method": "BCa", "standard_error": 0.1}
    one = Estimate(0.75, n_units=90, n_raters=4, **bounds).as_dict()
    return dict.fromkeys(names, one)


def test_the_scale_and_who_read_choose_what_stands_first():
    names = ("percent", "krippendorff_alpha", "fleiss_kappa", "conger_kappa", "gwet_ac", "weighted_kappa", "within_one")
    panel = honest("nominal", figures(*names))
    assert [row.title for row in panel.rows][:2] == ["Percent agreement", "Conger's kappa"]
    assert "The same readers read every case" in panel.why
    panel = honest("nominal", figures(*names), knows=False)
    assert "Fleiss' kappa" in [row.title for row in panel.rows]
    assert len(panel.rows) + len(panel.others) == len(names)
    panel = honest("ordinal", figures(*names))
    assert "Krippendorff's alpha" in [row.title for row in panel.rows]


def test_bands_are_given_only_when_asked_for_and_with_certainty():
    assert {row.band for row in honest("nominal", figures("conger_kappa")).rows} == {""}
    [row] = honest("nominal", figures("conger_kappa"), with_bands=True).rows
    # 0.75 with a standard error of 0.1: substantial by its value, moderate with 95 % certainty.
    assert row.band.startswith("moderate (Landis & Koch 1977")
