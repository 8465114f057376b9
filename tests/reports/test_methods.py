import pytest

from reports.methods import notes_of, warning_of


def test_a_gain_over_the_vote_is_said_and_so_is_none():
    [sentence] = notes_of({"expected": {"model": 0.97, "vote": 0.92}})
    assert sentence == "If its model holds, it is right in 97.0 % of the units and the vote in 92.0 %."
    [sentence] = notes_of({"expected": {"model": 0.92, "vote": 0.92}})
    assert sentence.endswith("nothing is gained over the vote.")


def test_regions_are_said_by_their_overlap():
    [sentence] = notes_of({"dice": [0.9, None, 0.8, 1.0]})
    assert sentence == "Dice with the protocol's region: median 0.900, least 0.800, n 3."


@pytest.mark.parametrize(
    ("learned", "words"),
    [
        ({}, ""),
        ({"converged": True, "iterations": 9, "flags": []}, ""),
        ({"converged": False, "iterations": 500}, "stopped at 500 iterations without converging"),
        ({"undefined": "too_few_items"}, "nothing could be learned: too few items"),
        ({"n_not_converged": 2}, "2 units stopped without converging"),
        ({"flags": ["label_switching"]}, "label switching"),
    ],
)
def test_what_must_not_be_trusted_says_why(learned, words):
    assert warning_of(learned) == words
