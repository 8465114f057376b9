"""What every statistic of the catalogue must obey; a new line in the catalogue is enrolled by itself."""

import json
import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from qc.readings.masks import PairCount
from qc.readings.overlap_table import OverlapTable
from qc.readings.pair_table import PairTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.registry import STATISTICS
from tests.properties import made, spatial_made

NAMES = list(STATISTICS)
# A search for variance components where cells are missing: their laws are drawn less often, at the end.
SEARCHED = ["icc_agreement", "icc_consistency"]
QUICK = [name for name in NAMES if name not in SEARCHED]
MAKERS = made.MAKERS | spatial_made.MAKERS
PATTERN = [name for name in NAMES if STATISTICS[name].accepts is PatternTable]
FEW = 60
TOLERANCE = 1e-9
# A search ends within this of where it ends for the same data in another order.
SEARCH_TOLERANCE = 1e-6
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


def pair_table(ratings, clusters):
    """Return every measure of pairs of masks whose sizes the ratings give: 0 is an empty mask, −1 none."""
    overlaps = overlap_table(ratings, clusters)
    sizes = zip(overlaps.size_first.tolist(), overlaps.size_second.tolist(), strict=True)
    flags = ["" if a and b else "one_empty" if a or b else "both_empty" for a, b in sizes]
    gaps = np.abs(overlaps.size_first - overlaps.size_second) / 4
    columns = {
        name: [None if flag and spec.is_distance else value for value, flag in zip(values.tolist(), flags, strict=True)]
        for name, spec in STATISTICS.items()
        if spec.pair is not None
        for values in [gaps if spec.is_distance else 1 - gaps / 2]
    }
    return PairTable(
        overlaps.n_units, overlaps.unit, overlaps.first, overlaps.second, flags, columns, overlaps.clusters
    )


def reading_of(spec, ratings, clusters):
    if spec.accepts is PairTable:
        return pair_table(ratings, clusters)
    if spec.accepts in MAKERS:
        return MAKERS[spec.accepts](ratings, clusters)
    return pattern_table(spec, ratings, clusters) if spec.accepts is PatternTable else overlap_table(ratings, clusters)


def values_of(spec, reading):
    return {part: found.value for part, found in spec.compute(reading, replicates=1).items()}


def same(first, second, tolerance=TOLERANCE):
    return first == second or (
        first is not None and second is not None and abs(first - second) < tolerance * max(1, abs(first))
    )


def all_same(first, second, tolerance=TOLERANCE):
    return first.keys() == second.keys() and all(same(first[part], second[part], tolerance) for part in first)


@pytest.mark.parametrize("name", QUICK)
@quick
@given(data=st.data())
def test_estimate_is_whole(name, data):
    spec = STATISTICS[name]
    ratings, clusters = data.draw(matrices(spec))
    parts = spec.compute(reading_of(spec, ratings, clusters), level=0.9, seed=3, replicates=FEW)
    assert ("" not in parts) == spec.parts
    for found in parts.values():
        check_whole(spec, found, len(ratings))


def check_whole(spec, found, n_units):
    numbers = [getattr(found, field.name) for field in fields(found)]
    assert not any(isinstance(number, float) and not math.isfinite(number) for number in numbers)
    assert (found.value is None) == (found.undefined is not None)
    assert (found.low is None) == (found.high is None)
    assert (found.low is None) == (found.undefined is not None or found.interval_undefined is not None)
    assert found.n_units + found.n_dropped == n_units
    assert (found.n_dropped == 0) or found.dropped_why
    # Only resampled bounds have a seed.
    assert found.level == 0.9
    assert found.seed in (3, None)
    assert found.seed == 3 or "bootstrap" not in found.method
    assert found.standard_error is None or found.standard_error >= 0
    if found.value is not None:
        assert spec.range[0] - TOLERANCE <= found.value <= spec.range[1] + TOLERANCE
    if found.low is not None:
        assert found.low <= found.value + TOLERANCE
        assert found.value <= found.high + TOLERANCE
    json.dumps(found.as_dict(), allow_nan=False)


@pytest.mark.parametrize("name", QUICK)
@quick
@given(data=st.data())
def test_order_of_raters_and_units_never_matters(name, data):
    spec = STATISTICS[name]
    ratings, _ = data.draw(matrices(spec))
    rows = data.draw(st.permutations(range(len(ratings))))
    columns = data.draw(st.permutations(range(ratings.shape[1])))
    moved = ratings[list(rows)]
    if not spec.directed:
        moved = moved[:, list(columns)]
    tolerance = SEARCH_TOLERANCE if name in SEARCHED else TOLERANCE
    before, after = (values_of(spec, reading_of(spec, some, None)) for some in (ratings, moved))
    assert all_same(before, after, tolerance)


@pytest.mark.parametrize("name", [name for name in PATTERN if "nominal" in STATISTICS[name].scales])
@quick
@given(data=st.data())
def test_names_of_nominal_categories_never_matter(name, data):
    spec = STATISTICS[name]
    ratings, _ = data.draw(matrices(spec))
    order = data.draw(st.permutations(range(3)))
    renamed = np.array([*order, -1])[ratings]
    before = values_of(spec, reading_of(spec, ratings, None))
    after = values_of(spec, reading_of(spec, renamed, None))
    codes = declared(spec).codes
    if set(before) == set(codes):
        before = {codes[order[codes.index(code)]]: value for code, value in before.items()}
    assert all_same(before, after)


@pytest.mark.parametrize("name", QUICK)
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
    together = spec.compute(reading_of(spec, ratings, clusters), replicates=FEW)
    merged = spec.compute(parts[1].merge(parts[0]), replicates=FEW)
    assert together.keys() == merged.keys()
    for part, whole in together.items():
        assert same(whole.value, merged[part].value)
        assert whole.interval_undefined == merged[part].interval_undefined
        assert same(whole.low, merged[part].low)
        assert same(whole.high, merged[part].high)


@pytest.mark.parametrize("name", QUICK)
@quick
@given(data=st.data())
def test_arguments_stay_as_they_were(name, data):
    spec = STATISTICS[name]
    reading = reading_of(spec, *data.draw(matrices(spec)))
    before = json.dumps(reading.as_dict())
    spec.function(reading, replicates=FEW)
    assert json.dumps(reading.as_dict()) == before


@pytest.mark.parametrize("name", SEARCHED)
@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(data=st.data())
def test_the_laws_hold_with_missing_cells(name, data):
    for law in (
        test_estimate_is_whole,
        test_order_of_raters_and_units_never_matters,
        test_merged_shards_give_the_whole,
        test_arguments_stay_as_they_were,
    ):
        law.hypothesis.inner_test(name, data)


@pytest.mark.parametrize("name", [name for name in NAMES if not STATISTICS[name].describes])
def test_perfect_agreement_is_the_greatest_value(name):
    spec = STATISTICS[name]
    width = min(spec.max_raters or 3, 3)
    varied = spec.accepts is PatternTable or spec.accepts in MAKERS
    ratings = np.repeat([[0], [1], [2], [1], [2]] * 6, width, axis=1) if varied else np.full((30, width), 2)
    perfect = spec.range[0] if spec.is_distance else 1.0
    for value in values_of(spec, reading_of(spec, ratings, None)).values():
        assert value == pytest.approx(perfect, abs=TOLERANCE)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_reading_has_a_reason(name):
    spec = STATISTICS[name]
    for found in spec.compute(reading_of(spec, np.zeros((0, spec.min_raters), dtype=int), None)).values():
        assert (found.value, found.n_units) == (None, 0)
        assert found.undefined


@pytest.mark.parametrize("name", PATTERN)
def test_a_reading_without_raters_has_a_reason(name):
    spec = STATISTICS[name]
    for found in spec.compute(PatternTable.from_rows([], scale=declared(spec), clusters=[])).values():
        assert (found.value, found.n_units) == (None, 0)
        assert found.undefined


@pytest.mark.parametrize("name", NAMES)
def test_the_entry_says_what_it_is(name):
    spec = STATISTICS[name]
    assert "doi:10." in spec.reference
    assert spec.says.endswith(".")
    assert spec.scales <= {"nominal", "ordinal", "interval", "ratio", "sets", "ranks", "none"}
    assert spec.range[0] < spec.range[1]
    assert spec.min_raters >= 2
