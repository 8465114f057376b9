import pytest

from reports.exporters.imrmc import Score, imrmc

TRUTH = {"b": False, "a": True, "c,1": False}
SCORES = [Score("ben", "b", "ai", 2), Score("ada", "a", "none", 4.5), Score("ada", "z", "none", 1)]


def test_truth_stands_first_with_reader_minus_one_and_everything_in_order():
    lines = imrmc(TRUTH, SCORES, note="A note.").decode().splitlines()
    assert lines == [
        "A note.",
        "1 scores of cases without a truth are left out.",
        "N0: 2",
        "N1: 1",
        "NR: 2",
        "NM: 2",
        "BEGIN DATA:",
        "-1,a,0,1",
        "-1,b,0,0",
        "-1,c 1,0,0",
        "ben,b,ai,2",
        "ada,a,none,4.5",
    ]


def test_the_order_of_what_comes_in_has_no_effect():
    turned = dict(reversed(list(TRUTH.items())))
    assert imrmc(TRUTH, SCORES, note="") == imrmc(turned, SCORES[::-1], note="")


def test_two_scores_of_one_case_are_refused():
    with pytest.raises(ValueError, match="two scores"):
        imrmc(TRUTH, [*SCORES, Score("ben", "b", "ai", 3)], note="")


def test_names_that_become_the_same_are_refused():
    with pytest.raises(ValueError, match="two scores"):
        imrmc({"a,b": True, "a b": False}, [], note="")
