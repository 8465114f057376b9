"""What every statistic about readers must obey; a new line in the catalogue is enrolled by itself."""

import inspect
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.agreement.base import Estimate
from qc.readers.base import Chart, Significance
from qc.readings.scored import ScoredTable
from qc.registry import READER_STATISTICS
from tests.properties.reader_made import MAKERS

NAMES = list(READER_STATISTICS)
TOLERANCE = 1e-9
quick = settings(max_examples=25, deadline=None)


@st.composite
def matrices(draw):
    """Return ratings (units, 4) with missing entries, and clusters or None."""
    most = draw(st.sampled_from([1, 2]))
    row = st.lists(st.integers(-1, most), min_size=4, max_size=4)
    ratings = np.array(draw(st.lists(row, min_size=1, max_size=14)))
    clusters = draw(st.none() | st.lists(st.sampled_from("pqrst"), min_size=len(ratings), max_size=len(ratings)))
    return ratings, clusters


def computed(spec, reading):
    """Return the parts, with few resamples and with the smallest groups allowed."""
    takes = inspect.signature(spec.function).parameters
    options = {"replicates": 40, "seed": 3, "minimum": 2, "baseline": 4}
    return spec.compute(reading, **{name: value for name, value in options.items() if name in takes})


def made(spec, ratings, clusters):
    return MAKERS[spec.accepts](spec, ratings, clusters)


def headline(found):
    return {Estimate: "value", Significance: "statistic", Chart: "centre"}[type(found)]


def numbers_in(value):
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers_in(item)]
    if isinstance(value, list | tuple):
        return [number for item in value for number in numbers_in(item)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("name", NAMES)
@quick
@given(drawn=matrices())
def test_result_is_whole(name, drawn):
    spec = READER_STATISTICS[name]
    reading = made(spec, *drawn)
    parts = computed(spec, reading)
    assert ("" not in parts) == spec.parts
    for found in parts.values():
        plain = found.as_dict()
        json.dumps(plain, allow_nan=False)
        assert all(math.isfinite(number) for number in numbers_in(plain))
        assert (getattr(found, headline(found)) is None) == (found.undefined is not None)
        {Estimate: check_estimate, Significance: check_test, Chart: check_chart}[type(found)](found)
        if spec.accepts is ScoredTable and isinstance(found, Estimate):
            assert found.n_units + found.n_dropped == reading.n_read


def check_estimate(found):
    assert (found.low is None) == (found.high is None)
    assert (found.low is None) == (found.undefined is not None or found.interval_undefined is not None)
    assert bool(found.n_dropped) == bool(found.dropped_why)
    if found.low is not None:
        assert found.low - TOLERANCE <= found.value <= found.high + TOLERANCE


def check_test(found):
    assert (found.p is None) == (found.undefined is not None)
    assert found.p is None or 0 <= found.p <= 1
    assert bool(found.n_dropped) == bool(found.dropped_why)


def check_chart(found):
    assert len(found.points) == len(found.lower) == len(found.upper)
    assert (not found.points) == (found.undefined is not None)
    assert all(0 <= place < len(found.points) for place in found.signals)


def same(first, second):
    first, second = ([json.loads(json.dumps(part.as_dict())) for part in found.values()] for found in (first, second))
    return same_plain(first, second)


def same_plain(first, second):
    if isinstance(first, float) and isinstance(second, int | float):
        return abs(first - second) < 1e-7 * max(1.0, abs(first))
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same_plain(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same_plain, first, second))
    return first == second


@pytest.mark.parametrize("name", [name for name in NAMES if not READER_STATISTICS[name].in_order])
@quick
@given(data=st.data())
def test_order_of_units_never_matters(name, data):
    spec = READER_STATISTICS[name]
    ratings, clusters = data.draw(matrices())
    order = data.draw(st.permutations(range(len(ratings))))
    moved = ratings[list(order)], None if clusters is None else [clusters[place] for place in order]
    assert same(computed(spec, made(spec, ratings, clusters)), computed(spec, made(spec, *moved)))


@pytest.mark.parametrize("name", NAMES)
@quick
@given(drawn=matrices())
def test_arguments_stay_as_they_were_and_results_come_again(name, drawn):
    spec = READER_STATISTICS[name]
    reading = made(spec, *drawn)
    before = json.dumps(reading.as_dict())
    first = computed(spec, reading)
    assert json.dumps(reading.as_dict()) == before
    assert same(first, computed(spec, reading))


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_reading_has_a_reason(name):
    spec = READER_STATISTICS[name]
    for found in computed(spec, made(spec, np.zeros((0, 4), dtype=int), None)).values():
        assert (found.n_units, getattr(found, headline(found))) == (0, None)
        assert found.undefined


@pytest.mark.parametrize("name", NAMES)
def test_the_entry_says_what_it_is(name):
    spec = READER_STATISTICS[name]
    assert any(mark in spec.reference for mark in ("doi:10.", "ISBN ", "https://"))
    assert spec.says.endswith(".")
    assert spec.accepts in MAKERS
    assert spec.scales <= {"nominal", "ordinal", "interval", "ratio"}
