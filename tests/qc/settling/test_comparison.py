"""Two sides compared: the published shape of a study with and without a hint, and groups of cases."""

import numpy as np
import pytest

from qc.agreement.cohen_kappa import cohen_kappa
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.settling.comparison import Side, compare_groups, compare_readings, quantity_of

SCALE = Scale("nominal", ("no", "yes"))


def side(rows, *, names=None, subjects=None):
    """Return a side from pairs of answers."""
    units = [(name, 0) for name in (names or [f"case-{n}" for n in range(len(rows))])]
    codes = {unit: {"ada": first, "ben": second} for unit, (first, second) in zip(units, rows, strict=True)}
    same = {unit: float(first == second) for unit, (first, second) in zip(units, rows, strict=True)}
    return Side(codes, same, dict(zip(units, subjects or [name for name, _ in units], strict=True)))


def rows_of(n_same, n_apart):
    """Return answers of two readers, half of them yes on either side."""
    return [("yes", "yes"), ("no", "no")] * (n_same // 2) + [("yes", "no"), ("no", "yes")] * (n_apart // 2)


def test_a_hint_raises_kappa_from_65_to_74_with_an_interval_on_the_difference():
    generator = np.random.default_rng(7)
    order = generator.permutation(400)
    before, after = rows_of(330, 70), rows_of(348, 52)
    names = [f"case-{n}" for n in range(400)]
    found = compare_readings(side(before, names=names), side([after[n] for n in order], names=names), SCALE).estimates
    assert found["kappa_before"].value == pytest.approx(0.65)
    assert found["kappa_after"].value == pytest.approx(0.74)
    gap = found["kappa_difference"]
    assert gap.value == pytest.approx(0.09)
    # Independent kappas would have √(0.038² + 0.0336²); the bounds of the pairs lie close to it here.
    assert gap.low == pytest.approx(0.09 - 1.96 * 0.0507, abs=0.012)
    assert gap.high == pytest.approx(0.09 + 1.96 * 0.0507, abs=0.012)
    assert found["mean_difference"].value == pytest.approx(18 / 400)


def test_only_cases_of_both_sides_count():
    before = side(rows_of(8, 2))
    after = side(rows_of(8, 2), names=[f"case-{n}" for n in range(5, 15)])
    found = compare_readings(before, after, SCALE)
    assert (found.n_before, found.n_after, found.n_both) == (10, 10, 5)
    assert found.estimates["mean_difference"].n_units == 5


def test_nothing_in_common_has_a_reason():
    found = compare_readings(side(rows_of(4, 0)), side(rows_of(4, 0), names=list("abcd")), SCALE)
    assert found.n_both == 0
    assert found.estimates["kappa_difference"].undefined == "no_overlap"
    assert found.estimates["mean_difference"].undefined == "too_few_items"


def test_two_sites_have_the_kappas_that_each_has_alone():
    north, south = rows_of(36, 4), rows_of(24, 16)
    found = compare_groups(side(north), side(south, names=[f"other-{n}" for n in range(40)]), SCALE)
    alone = [
        cohen_kappa(PatternTable.from_rows([{"a": a, "b": b} for a, b in rows], scale=SCALE)).value
        for rows in (north, south)
    ]
    assert found.estimates["kappa_before"].value == pytest.approx(alone[0])
    assert found.estimates["kappa_after"].value == pytest.approx(alone[1])
    gap = found.estimates["kappa_difference"]
    assert gap.high < 0
    assert gap.value == pytest.approx(alone[1] - alone[0])
    assert found.estimates["mean_difference"].value == pytest.approx(-0.3)
    assert found.test.p < 0.01


def test_patients_stay_whole_in_two_groups():
    north, south = rows_of(36, 4), rows_of(24, 16)
    names = [f"other-{n}" for n in range(40)]
    loose = compare_groups(side(north), side(south, names=names), SCALE).estimates["kappa_difference"]
    tied = compare_groups(
        side(north, subjects=[f"p{n // 4}" for n in range(40)]),
        side(south, names=names, subjects=[f"q{n // 4}" for n in range(40)]),
        SCALE,
    ).estimates["kappa_difference"]
    assert (tied.n_clusters, loose.n_clusters) == (20, 80)
    assert tied.value == pytest.approx(loose.value)


def test_groups_that_nobody_read_have_a_reason():
    empty = Side({}, {}, {})
    found = compare_groups(empty, side(rows_of(4, 0)), SCALE).estimates
    assert found["kappa_difference"].undefined == "no_overlap"
    assert found["mean_difference"].undefined == "too_few_items"


def test_a_part_names_its_measure_and_side():
    assert quantity_of("kappa_difference") == ("kappa", "difference")
