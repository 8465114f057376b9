import pytest

from reports.subgroups import attributes_of, sentence_of, subgroup_sheet


class Row:
    attribute = "site"

    def __init__(self, group, value, low, high, p_holm=None, undefined=None):
        self.group, self.n_units, self.mean = group, 30, 0.7
        self.gap = {"value": value, "low": low, "high": high, "undefined": undefined, "method": "BCa"}
        self.test = {
            "p": p_holm and p_holm / 2,
            "undefined": undefined or (None if p_holm else "groups_share_patients"),
        }
        self.test["details"] = {"p_holm": p_holm} if p_holm else {}


def test_what_differs_is_said_with_its_correction():
    [one] = attributes_of([Row("north", -0.3, -0.4, -0.2, 0.01), Row("south", 0.05, -0.1, 0.2, 0.6)])
    assert one.title == "Site"
    assert one.sentence.startswith("Readers agree less in “north”, after Holm's correction")
    assert "<svg" in one.chart.svg
    assert [line.is_different for line in one.lines] == [True, False]


def test_where_no_test_can_be_made_the_intervals_speak_and_that_is_said():
    [one] = attributes_of([Row("small", -0.2, -0.3, -0.1), Row("large", 0.2, 0.1, 0.3)])
    assert "less in “small” and more in “large”" in one.sentence
    assert "not corrected" in one.sentence


def test_too_few_is_no_difference():
    [one] = attributes_of([Row("tiny", None, None, None, undefined="too_few_patients")])
    assert one.lines[0].why == "too few patients"
    assert "No group differs" in one.sentence
    assert "no proof" in sentence_of("Site", one.lines)


def test_the_sheet_has_every_number():
    row = Row("north", -0.3, -0.4, -0.2, 0.01)
    [cells] = subgroup_sheet([row])
    assert cells[:9] == ("site", "north", 30, 0.7, -0.3, -0.4, -0.2, pytest.approx(0.005), 0.01)
