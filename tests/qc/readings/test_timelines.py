import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.agreement.interval_overlap import interval_overlap
from qc.readings.base import ReadingError
from qc.readings.timelines import joined_ms, shared_ms, timeline_table

spans = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 8)).map(lambda s: (s[0] / 1000, (s[0] + s[1]) / 1000)))


def marked(given_spans):
    return {ms for start, end in given_spans for ms in range(round(start * 1000), round(end * 1000))}


@given(spans, spans)
def test_lengths_by_counting_milliseconds(first, second):
    joined = {"a": joined_ms(first), "b": joined_ms(second)}
    assert int((joined["a"][:, 1] - joined["a"][:, 0]).sum()) == len(marked(first))
    assert shared_ms(joined, "a", "b") == shared_ms(joined, "b", "a") == len(marked(first) & marked(second))


def test_overlap_of_marked_time():
    seizures = {"ada": [(10.0, 20.0), (15.0, 30.0)], "ben": [(20.0, 40.0)], "cleo": []}
    found = interval_overlap(timeline_table([seizures, {"ada": [], "ben": []}]))
    assert found.value == pytest.approx((10 / 30 + 0 + 0) / 3)
    assert "one_empty" in found.warnings
    assert (found.n_units, found.n_dropped) == (1, 1)
    assert found.dropped_why == "1 units in which all timelines are empty"


@pytest.mark.parametrize("span", [(2.0, 1.0), (0.0, float("nan")), (float("-inf"), 0.0)])
def test_what_is_no_span_is_refused(span):
    with pytest.raises(ReadingError):
        joined_ms([span])
