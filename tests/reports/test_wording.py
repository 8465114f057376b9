import pytest

from reports import wording


class Asked:
    def __init__(self, code, title, definition=None):
        self.code, self.title, self.definition = code, title, definition or {}


DICE = {"low_agreement": {"statistic": "dice", "minimum": 0.6}, "no_majority": {}}


@pytest.mark.parametrize(
    ("policy", "definition", "expected"),
    [
        (
            {"method": "majority_mask", "rules": DICE},
            {},
            "Settled by every voxel that more than half of the readers marked. To a physician when the mean overlap "
            "of two outlines (Dice) is below 0.6 or the readers tie or no answer has a majority.",
        ),
        (
            {"method": "median", "rules": {"low_agreement": {"statistic": "spread", "maximum": 1}}},
            {},
            "Settled by the middle answer. To a physician when two answers are more than 1 level apart.",
        ),
        (
            {"method": "median", "rules": {"low_agreement": {"statistic": "spread", "maximum": 3}}},
            {"unit": "mm"},
            "Settled by the middle answer. To a physician when two answers are more than 3 mm apart.",
        ),
        ({"method": "majority"}, {}, "Settled by the answer of more than half of the readers."),
    ],
)
def test_a_policy_is_said_in_a_sentence(policy, definition, expected):
    assert wording.policy_words(policy, Asked("q", "Q", definition)) == expected


def test_a_document_is_said_without_json_and_groups_what_is_alike():
    document = {
        "protocol": "majority_panel",
        "seats": 4,
        "questions": {code: {"method": "majority"} for code in "abc"},
        "matching": {"method": "outline_distance", "tolerance_mm": "slice_thickness"},
    }
    lines = dict(wording.protocol_lines(document, [Asked(code, code.upper()) for code in "abc"]))
    assert lines["Readers a case"] == "4, each blind to the others. A tie goes to a physician."
    assert "one slice thickness" in lines["One finding"]
    assert "A · and 2 like it" in lines
