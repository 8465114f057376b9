"""What every statistic of the catalogue must obey; a new line in the catalogue is enrolled by itself."""

import json
import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.readings.masks import PairCount
from qc.readings.overlap_table import OverlapTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.registry import STATISTICS

NAMES = list(STATISTICS)
PATTERN = [name for name in NAMES if STATISTICS[name].accepts is PatternTable]
FEW = 60
TOLERANCE = 1e-9
quick = settings(max_examples=25, deadline=None)


def declared(spec, categories=3):
    kind = min(spec.scales, key=["nominal", "ordinal", "interval", "ratio"].index)
    return Scale(kind, tuple(str(code) for code in range(1, categories + 1)))


@st.composite
def matrices(draw, spec):
    """Return ratings (units, raters) with missing entries, and clusters or None."""
    width = draw(st.integers(spec.min_raters, min(spec.max_raters or 4, 4)))
    row = st.lists(st.integers(-1, 2), min_size=width, max_size=width)
    ratings = np.array(draw(st.lists(row, min_size=1, max_size=14)))
    clusters = draw(st.none() | st.lists(st.sampled_from("pqrst"), min_size=len(ratings), max_size=len(ratings)))
    return ratings, clusters


def pattern_table(spec, ratings, clusters, raters="abcd"):
    return PatternTable.from_codes(
        ratings, raters=list(raters[: ratings.shape[1]]), scale=declared(spec), clusters=clusters
    )


def overlap_table(ratings, clusters):
    """Return the overlaps of masks whose sizes the ratings give: 0 is an empty mask, −1 none."""
    units = []
    for row in ratings:
        drawn = [(name, 4 * int(size)) for name, size in zip("abcd", row, strict=False) if size >= 0]
        units.append(
            [
                PairCount(first, second, size, other, min(size, other) // 2 if size != other else size)
                for number, (first, size) in enumerate(drawn)
                for second, other in drawn[number + 1 :]
            ]
        )
    return OverlapTable.from_units(units, clusters=clusters)


def reading_of(spec, ratings, clusters):
    return pattern_table(spec, ratings, clusters) if spec.accepts is PatternTable else overlap_table(ratings, clusters)


def value_of(spec, reading):
    return spec.function(reading, replicates=1).value


def same(first, second):
    return first == second or (first is not None and second is not None and abs(first - second) < TOLERANCE)


@pytest.mark.parametrize("name", NAMES)
@quick
@given(data=st.data())
def test_estimate_is_whole(name, data):
    spec = STATISTICS[name]
    ratings, clusters = data.draw(matrices(spec))
    found = spec.function(reading_of(spec, ratings, clusters), level=0.9, seed=3, replicates=FEW)
    numbers = [getattr(found, field.name) for field in fields(found)]
    assert not any(isinstance(number, float) and not math.isfinite(number) for number in numbers)
    assert (found.value is None) == (found.undefined is not None)
    assert (found.low is None) == (found.high is None)
    assert (found.low is None) == (found.undefined is not None or found.interval_undefined is not None)
    assert found.n_units + found.n_dropped == len(ratings)
    assert (found.n_dropped == 0) or found.dropped_why
    assert (found.level, found.seed) == (0.9, 3)
    if found.value is not None:
        assert spec.range[0] - TOLERANCE <= found.value <= spec.range[1] + TOLERANCE
    if found.low is not None:
        assert found.low <= found.value <= found.high
    json.dumps(found.as_dict(), allow_nan=False)


@pytest.mark.parametrize("name", NAMES)
@quick
@given(data=st.data())
def test_order_of_raters_and_units_never_matters(name, data):
    spec = STATISTICS[name]
    ratings, _ = data.draw(matrices(spec))
    rows = data.draw(st.permutations(range(len(ratings))))
    columns = data.draw(st.permutations(range(ratings.shape[1])))
    moved = ratings[list(rows)][:, list(columns)]
    assert same(value_of(spec, reading_of(spec, ratings, None)), value_of(spec, reading_of(spec, moved, None)))


@pytest.mark.parametrize("name", [name for name in PATTERN if "nominal" in STATISTICS[name].scales])
@quick
@given(data=st.data())
def test_names_of_nominal_categories_never_matter(name, data):
    spec = STATISTICS[name]
    ratings, _ = data.draw(matrices(spec))
    renamed = np.array([*data.draw(st.permutations(range(3))), -1])[ratings]
    assert same(value_of(spec, reading_of(spec, ratings, None)), value_of(spec, reading_of(spec, renamed, None)))


@pytest.mark.parametrize("name", NAMES)
@quick
@given(data=st.data())
def test_merged_shards_give_the_whole(name, data):
    spec = STATISTICS[name]
    ratings, clusters = data.draw(matrices(spec))
    cut = data.draw(st.integers(0, len(ratings)))
    parts = [
        reading_of(spec, ratings[part], None if clusters is None else clusters[part])
        for part in (slice(None, cut), slice(cut, None))
    ]
    whole = spec.function(reading_of(spec, ratings, clusters), replicates=FEW)
    merged = spec.function(parts[1].merge(parts[0]), replicates=FEW)
    assert same(whole.value, merged.value)
    assert whole.interval_undefined == merged.interval_undefined
    assert same(whole.low, merged.low)
    assert same(whole.high, merged.high)


@pytest.mark.parametrize("name", NAMES)
@quick
@given(data=st.data())
def test_arguments_stay_as_they_were(name, data):
    spec = STATISTICS[name]
    reading = reading_of(spec, *data.draw(matrices(spec)))
    before = json.dumps(reading.as_dict())
    spec.function(reading, replicates=FEW)
    assert json.dumps(reading.as_dict()) == before


@pytest.mark.parametrize("name", NAMES)
def test_perfect_agreement_is_the_greatest_value(name):
    spec = STATISTICS[name]
    width = min(spec.max_raters or 3, 3)
    ratings = np.repeat([[0], [1], [2], [1], [2]] * 6, width, axis=1) if spec.accepts is PatternTable else None
    reading = reading_of(spec, np.full((30, width), 2) if ratings is None else ratings, None)
    assert value_of(spec, reading) == pytest.approx(spec.range[1], abs=TOLERANCE)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_reading_has_a_reason(name):
    spec = STATISTICS[name]
    width = spec.min_raters
    found = spec.function(reading_of(spec, np.zeros((0, width), dtype=int), None))
    assert (found.value, found.n_units) == (None, 0)
    assert found.undefined


@pytest.mark.parametrize("name", PATTERN)
def test_a_reading_without_raters_has_a_reason(name):
    spec = STATISTICS[name]
    found = spec.function(PatternTable.from_rows([], scale=declared(spec), clusters=[]))
    assert (found.value, found.n_units) == (None, 0)
    assert found.undefined


@pytest.mark.parametrize("name", NAMES)
def test_the_entry_says_what_it_is(name):
    spec = STATISTICS[name]
    assert "doi:10." in spec.reference
    assert spec.says.endswith(".")
    assert spec.scales <= {"nominal", "ordinal", "interval", "ratio", "none"}
    assert spec.range[0] < spec.range[1]
    assert spec.min_raters >= 2
