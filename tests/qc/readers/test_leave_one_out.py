import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.agreement.base import TOO_FEW
from qc.consensus._leave_out import leave_one_out as fitted_without
from qc.consensus.dawid_skene import dawid_skene
from qc.readers._others import against_posterior, against_the_others, measured_without, truth_without
from qc.readers.leave_one_out import leave_one_out
from qc.readings.base import ReadingError
from qc.readings.number_table import NumberTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from tests.qc.readers.scored import YES_NO

THREE = Scale("nominal", ("a", "b", "c"))


def table(rows, scale=YES_NO, clusters=None):
    rows = np.asarray(rows)
    return PatternTable.from_codes(rows, raters="abcd"[: rows.shape[1]], scale=scale, clusters=clusters)


# Eight cases, three readers who stand alone twice, once and three times.
EIGHT = [[0, 0, 0], [1, 1, 1], [1, 0, 0], [0, 1, 1], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 1, 0]]


def test_without_the_own_vote_agreement_is_lower():
    reading = table(EIGHT)
    majority = (np.array(EIGHT).sum(axis=1) >= 2).astype(int)
    assert (np.array(EIGHT) == majority[:, None]).mean(axis=0).tolist() == [0.75, 0.875, 0.625]
    found = leave_one_out(reading)
    assert [round(found[name].value, 3) for name in "abc"] == [0.5, 0.667, 0.4]
    assert [found[name].n_units for name in "abc"] == [4, 3, 5]
    assert [found[name].n_dropped for name in "abc"] == [4, 5, 3]
    assert found["a"].dropped_why == "4 without a reference"


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_readers_vote_never_moves_the_truth_he_is_scored_against(data):
    width = data.draw(st.integers(2, 4))
    row = np.array([data.draw(st.lists(st.integers(-1, 2), min_size=width, max_size=width))])
    place = data.draw(st.integers(0, width - 1))
    reader = "abcd"[place]
    truths = set()
    for vote in (-1, 0, 1, 2):
        flipped = row.copy()
        flipped[0, place] = vote
        truths.update(truth_without(table(flipped, THREE), reader).tolist())
    assert len(truths) == 1
    others = np.delete(row[0], place)
    others = others[others >= 0]
    votes = np.bincount(others, minlength=3)
    expected = int(votes.argmax()) if len(others) >= 2 and 2 * votes.max() > len(others) else -1
    assert truths == {expected}


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_read_is_right_wrong_or_undetermined(data):
    rows = np.array(data.draw(st.lists(st.lists(st.integers(-1, 2), min_size=4, max_size=4), min_size=1, max_size=9)))
    patients = data.draw(st.lists(st.sampled_from("pqr"), min_size=len(rows), max_size=len(rows)))
    reading = table(rows, THREE, patients)
    for place, reader in enumerate(reading.raters):
        scored = against_the_others(reading, reader)
        assert scored.n_read == (rows[:, place] >= 0).sum()
        assert scored.incidence is not None
        assert scored.incidence.count.sum() == scored.n_units


def test_of_two_reads_neither_is_right():
    for found in leave_one_out(table([[0, 1], [1, 1]])).values():
        assert (found.value, found.undefined, found.n_dropped) == (None, TOO_FEW, 2)
    with pytest.raises(ValueError, match="At least 2"):
        leave_one_out(table([[0, 1]]), minimum=1)
    with pytest.raises(ReadingError):
        against_the_others(table([[0, 1]]), "nobody")


def test_a_model_fitted_without_the_reader_is_a_truth_as_well():
    generator = np.random.Generator(np.random.PCG64(8))
    truth = generator.integers(0, 2, 200)
    wrong = generator.random((200, 4)) < [0.05, 0.1, 0.1, 0.3]
    reading = table(np.where(wrong, 1 - truth[:, None], truth[:, None]))
    fits = fitted_without(dawid_skene, reading)
    shares = {}
    for reader in reading.raters:
        scored = against_posterior(reading, reader, fits[reader].posterior)
        assert scored.n_read == 200
        shares[reader] = np.trace(scored.confusion) / scored.n_units
    assert min(shares, key=shares.get) == "d"
    assert shares["a"] > 0.85 > shares["d"]
    flipped = table(np.where(wrong, 1 - truth[:, None], truth[:, None]) ^ np.array([0, 0, 0, 1]))
    again = against_posterior(flipped, "d", fitted_without(dawid_skene, flipped)["d"].posterior)
    assert np.trace(again.confusion) / again.n_units == pytest.approx(1 - shares["d"])


def test_one_half_decides_nothing():
    reading = table([[0, 1], [1, 1]])
    even = np.full((2, 2), 0.5)
    assert against_posterior(reading, "a", even).n_undetermined == 2
    alone = table([[1, -1]])
    assert against_posterior(alone, "a", np.array([[0.1, 0.9]])).n_undetermined == 1
    for posterior, above in ((even[:1], 0.5), (even, 0.4)):
        with pytest.raises(ReadingError):
            against_posterior(reading, "a", posterior, above=above)


def test_measurements_stand_beside_the_median_of_the_others():
    values = [[1.0, 2, 3, 8], [5, 5, np.nan, np.nan], [np.nan, 1, 2, 3]]
    numbers = NumberTable.from_values(values, raters="abcd", unit="mm", clusters="pqr")
    scored, lost = measured_without(numbers, "a")
    assert (scored.measured.tolist(), scored.reference.tolist(), scored.clusters, lost) == ([1.0], [3.0], ("p",), 1)
    moved = NumberTable.from_values([[99.0, 2, 3, 8]], raters="abcd")
    assert measured_without(moved, "a")[0].reference.tolist() == [3.0]
    assert measured_without(numbers.select("b"), "b")[0].n_units == 0
    with pytest.raises(ReadingError):
        measured_without(numbers, "nobody")
