"""What every method that learns from a whole project must obey; a new line in the catalogue is enrolled by itself."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.agreement.base import NO_OVERLAP, NO_VARIATION, TOO_FEW
from qc.consensus._em import Search
from qc.consensus._family import CONSTANT_CLASS, SINGLE_READER, UNRATED
from qc.consensus._soft import leader
from qc.consensus.base import PROJECT_SCOPE, SETTLED, TIE
from qc.registry import METHODS
from tests.qc.consensus import crowd

CODES = [name for name, spec in METHODS.items() if spec.scope == PROJECT_SCOPE and spec.takes == "codes"]
PRIOR = [name for name in CODES if name != "glad"]
KINDS = {"ordinal_dawid_skene": "ordinal"}
quick = settings(max_examples=15, deadline=None)


def fit(name, ratings, n_codes=3, clusters=None, **parameters):
    table = crowd.table_of(ratings, n_codes, clusters, KINDS.get(name, "nominal"))
    return table, METHODS[name].function(table, **parameters)


def numbers_in(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for part in value for number in numbers_in(part)]
    return [value] if isinstance(value, float) else []


def check_whole(found):
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert all(math.isfinite(number) for number in numbers_in(json.loads(text)))
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(len(found.posterior)))
    if found.undefined is None:
        assert found.prevalence.sum() == pytest.approx(1)
        assert all(matrix.sum(axis=1) == pytest.approx(np.ones(len(matrix))) for matrix in found.confusion.values())


@pytest.mark.parametrize("name", CODES)
@quick
@given(rows=st.lists(st.lists(st.integers(-1, 2), min_size=3, max_size=3), min_size=1, max_size=12))
def test_any_input_gives_whole_numbers_or_a_reason(name, rows):
    # GLAD searches abilities and difficulties anew in every step.
    _, found = fit(name, rows, search=Search(max_iterations=5 if name == "glad" else 60))
    check_whole(found)
    assert (found.undefined == TOO_FEW) == (np.array(rows).max() < 0)


@pytest.mark.parametrize("name", PRIOR)
@quick
@given(rows=st.lists(st.lists(st.integers(-1, 2), min_size=3, max_size=3), min_size=1, max_size=12))
def test_maximum_likelihood_too(name, rows):
    _, found = fit(name, rows, prior=(0.0, 0.0, 0.0), search=Search(max_iterations=60))
    check_whole(found)


@pytest.mark.parametrize("name", CODES)
def test_the_order_of_readers_never_matters(name):
    ratings, _ = crowd.simulated(crowd.even([0.9, 0.8, 0.6], 3), [0.5, 0.3, 0.2], 60, 8)
    table, found = fit(name, ratings)
    order = [2, 0, 1]
    other_table, other = fit(name, ratings[:, order])
    first = crowd.per_unit(table, found.posterior, ratings)
    assert crowd.per_unit(other_table, other.posterior, ratings[:, order]) == pytest.approx(first, abs=1e-5)


@pytest.mark.parametrize("name", CODES)
def test_the_same_twice_and_the_argument_unchanged(name):
    ratings, _ = crowd.simulated(crowd.even([0.9, 0.8, 0.6], 3), [0.5, 0.3, 0.2], 60, 8)
    table, found = fit(name, ratings)
    before = table.as_dict()
    again = METHODS[name].function(table)
    assert json.dumps(found.as_dict()) == json.dumps(again.as_dict())
    assert table.as_dict() == before


@pytest.mark.parametrize("name", CODES)
def test_unanimous_readers_are_believed(name):
    ratings = np.repeat(np.arange(3), 10)[:, None].repeat(4, axis=1)
    table, found = fit(name, ratings)
    assert crowd.per_unit(table, found.posterior, ratings).argmax(axis=1).tolist() == ratings[:, 0].tolist()
    assert found.posterior.max(axis=1).min() > 0.9
    assert found.converged


@pytest.mark.parametrize("name", CODES)
def test_two_who_always_differ_leave_a_tie(name):
    _, found = fit(name, [[0, 1], [1, 0]] * 15, 2)
    assert [leader(shares)[0] for shares in found.posterior] == [TIE, TIE]
    check_whole(found)


@pytest.mark.parametrize("name", CODES)
def test_a_tie_in_every_unit_stays_one(name):
    rows = [[0, 0, 1, 1], [1, 1, 0, 0], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 1, 0], [1, 0, 0, 1]] * 5
    _, found = fit(name, rows, 2)
    assert all(leader(shares)[0] == TIE for shares in found.posterior)


@pytest.mark.parametrize("name", CODES)
def test_a_constant_class_is_said(name):
    _, found = fit(name, [[1, 1, 1]] * 12, 2)
    assert CONSTANT_CLASS in found.flags
    assert leader(found.posterior[0]) == (SETTLED, 1)
    check_whole(found)


@pytest.mark.parametrize("name", CODES)
def test_one_reader_is_said(name):
    _, found = fit(name, [[0], [1], [1], [0]], 2)
    assert {SINGLE_READER, NO_OVERLAP} <= set(found.flags)
    check_whole(found)


@pytest.mark.parametrize("name", CODES)
def test_nobody_teaches_nothing(name):
    for rows in ([[-1, -1]], np.zeros((0, 2), dtype=int)):
        _, found = fit(name, rows, 2)
        assert found.undefined == TOO_FEW
        assert len(found.posterior) == 0
        check_whole(found)


@pytest.mark.parametrize("name", CODES)
def test_a_scale_of_one_code_has_nothing_to_learn(name):
    assert fit(name, [[0, 0]], 1)[1].undefined == NO_VARIATION


@pytest.mark.parametrize("name", CODES)
def test_an_unrated_unit_has_the_prevalence_and_moves_nothing(name):
    ratings, _ = crowd.simulated(crowd.even([0.9, 0.8, 0.7], 2), [0.7, 0.3], 60, 6)
    table, found = fit(name, np.vstack([ratings, [[-1, -1, -1]] * 5]), 2)
    _, alone = fit(name, ratings, 2)
    assert UNRATED in found.flags
    assert found.prevalence == pytest.approx(alone.prevalence)
    blank = found.posterior[table.patterns.tolist().index([-1, -1, -1])]
    # GLAD holds classes equally likely beforehand.
    assert blank == pytest.approx([0.5, 0.5] if name == "glad" else found.prevalence)


@pytest.mark.parametrize("name", CODES)
def test_a_class_that_a_reader_never_met_is_not_reported(name):
    rows = [[0, 0, -1]] * 10 + [[1, 1, 1]] * 10
    _, found = fit(name, rows, 3)
    assert found.rows("r2")[2] is None or found.support["r2"][2] > 0
    blank = [
        row
        for rater in found.raters
        for row, met in zip(found.rows(rater), found.support[rater], strict=True)
        if met <= 1e-9
    ]
    assert all(row is None for row in blank)


@pytest.mark.parametrize("name", CODES)
def test_good_readers_are_told_from_a_random_one(name):
    """Four readers of known skill and one who clicks at random, sixty units of three classes."""
    ratings, truth = crowd.simulated(crowd.even([0.9, 0.85, 0.8, 0.75, 1 / 3], 3), [1 / 3] * 3, 60, 12)
    table, found = fit(name, ratings)
    accuracies = {rater: found.accuracy(rater) for rater in found.raters}
    assert min(accuracies, key=accuracies.get) == "r4"
    right = crowd.per_unit(table, found.posterior, ratings).argmax(axis=1) == truth
    assert right.mean() >= 0.9
