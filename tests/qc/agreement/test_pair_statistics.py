"""From measures of pairs to one estimate over units: medians, means, and what is left out."""

from itertools import product

import numpy as np
import pytest

from qc.agreement._bootstrap import Plan
from qc.agreement._median import median_bounds, median_of
from qc.agreement.hd95 import hd95
from qc.agreement.surface_dice import surface_dice
from qc.agreement.volume_difference import volume_difference
from qc.readings.pair_table import PairMeasures, PairTable


def pair(value, flag="", column="hd95", first="ada", second="ben"):
    return PairMeasures(first, second, flag, {column: value})


def table(*units, clusters=None):
    return PairTable.from_units(units, clusters=clusters)


def test_median_over_units_of_the_median_over_pairs():
    three = [pair(1.0), pair(2.0, second="cleo"), pair(9.0, first="ben", second="cleo")]
    found = hd95(table(three, [pair(4.0)], [pair(5.0)]))
    assert (found.value, found.unit, found.n_units, found.n_raters) == (4.0, "mm", 3, 3)
    assert found.method == "bias-corrected bootstrap of the median over units, B = 2000"
    assert hd95(table(three, [pair(4.0)])).value == 3.0


def test_an_empty_mask_is_far_and_never_dropped():
    missed = [pair(None, "one_empty")]
    found = hd95(table([pair(1.0)], [pair(2.0)], missed))
    assert (found.value, found.n_units, found.n_dropped) == (2.0, 3, 0)
    assert "one_empty" in found.warnings
    assert found.interval_undefined == "one_empty"
    most = hd95(table([pair(1.0)], missed, missed))
    assert (most.value, most.undefined) == (None, "one_empty")


def test_pairs_of_empty_masks_are_left_out_and_counted():
    found = hd95(table([pair(0.0, "both_empty")], [pair(3.0)], []))
    assert (found.value, found.n_units, found.n_dropped) == (3.0, 1, 2)
    assert found.dropped_why == "1 units with fewer than two outlines; 1 units in which all outlines are empty"
    assert hd95(table([pair(0.0, "both_empty")])).undefined == "both_empty"
    assert hd95(table([pair(None, "no_spacing")])).undefined == "no_spacing"
    assert hd95(table([])).undefined == "no_overlap"


def test_units_that_were_not_measured_are_counted():
    found = surface_dice(table([pair(0.5, column="surface_dice")], [pair(1.0)]))
    assert (found.value, found.n_units, found.n_dropped) == (0.5, 1, 1)
    assert found.dropped_why == "1 units in which it was not measured"


def test_mean_over_units_counts_an_empty_mask_as_nothing_shared():
    one = [pair(0.0, "one_empty", "surface_dice")]
    found = surface_dice(table([pair(1.0, column="surface_dice")], one))
    assert (found.value, found.unit) == (0.5, "")
    assert "one_empty" in found.warnings


def test_a_volume_differs_also_from_nothing():
    missed = [pair(7.0, "one_empty", "volume_difference")]
    assert volume_difference(table(missed, [pair(1.0, column="volume_difference")])).value == 4.0


def test_median_bounds_against_all_resamples():
    values, clusters = np.array([1.0, 2.0, 4.0, 7.0, 11.0]), ["p", "p", "q", "r", "s"]
    groups = {name: [v for v, c in zip(values, clusters, strict=True) if c == name] for name in "pqrs"}
    drawn = [median_of(np.array([v for name in names for v in groups[name]])) for names in product("pqrs", repeat=4)]
    bounds = median_bounds(values, clusters, Plan(0.9, 5, 40_000))
    # The share of resamples below the value corrects the bias; both ends lie on a value that resampling can give.
    assert {bounds.low, bounds.high} <= set(drawn)
    assert bounds.low <= 4.0 <= bounds.high
    naive = np.quantile(drawn, [0.05, 0.95], method="inverted_cdf")
    assert naive[0] <= bounds.high
    assert bounds.low <= naive[1]


def test_bounds_follow_patients_not_units():
    generator = np.random.Generator(np.random.PCG64(4))
    patients = generator.normal(5, 1, 40)
    values = np.repeat(patients, 25) + generator.normal(0, 0.05, 1000)
    names = [str(number) for number in np.repeat(np.arange(40), 25)]
    wide, narrow = (median_bounds(values, clusters, Plan(0.95, 1, 2000)) for clusters in (names, None))
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


@pytest.mark.parametrize(
    ("values", "clusters", "reason"),
    [
        ([1.0, 2.0], ["p", "p"], "too_few_items"),
        ([2.0, 2.0, 2.0], None, "zero_variance"),
        ([1.0, np.inf, np.inf], None, "one_empty"),
    ],
)
def test_bounds_that_do_not_exist_have_a_reason(values, clusters, reason):
    bounds = median_bounds(np.array(values), clusters, Plan(0.95, 0, 500))
    assert (bounds.low, bounds.high, bounds.undefined) == (None, None, reason)


def test_the_median_bounds_cover_as_often_as_they_say():
    generator = np.random.Generator(np.random.PCG64(8))
    hits = 0
    for run in range(300):
        bounds = median_bounds(generator.exponential(1.0, 60), None, Plan(0.95, run, 400))
        hits += bounds.low <= np.log(2) <= bounds.high
    assert 0.92 <= hits / 300 <= 0.985
