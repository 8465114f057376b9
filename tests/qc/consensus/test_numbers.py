"""Mean, closest two, and the mixed model."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.agreement.base import NO_OVERLAP, TOO_FEW, ZERO_VARIANCE
from qc.consensus.base import INSUFFICIENT, SETTLED, TIE
from qc.consensus.blup import blup
from qc.consensus.closest_two import closest_two
from qc.consensus.mean import mean

# Shrout PE, Fleiss JL. Psychol Bull 86:420-428, 1979, doi:10.1037/0033-2909.86.2.420, table 2.
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def rows_of(table):
    return [{f"r{place}": float(value) for place, value in enumerate(row) if value is not None} for row in table]


def numbered(*values):
    return {f"r{place}": value for place, value in enumerate(values)}


def test_mean_with_its_error():
    found = mean(numbered(4.0, 5.0, 9.0))
    assert found.value == 6.0
    assert found.details["standard_deviation"] == pytest.approx(math.sqrt(7))
    assert found.details["standard_error"] == pytest.approx(math.sqrt(7 / 3))
    assert mean(numbered(4.0), minimum=1).details == {"lowest": 4.0, "highest": 4.0, "spread": 0.0}


@pytest.mark.parametrize("method", [mean, closest_two])
def test_too_few_and_not_finite(method):
    assert method(numbered(1.0)).outcome == INSUFFICIENT
    assert method({}, minimum=1).outcome == INSUFFICIENT
    for bad in ({"minimum": 0}, {}):
        with pytest.raises(ValueError, match=r"at least 1|finite"):
            method(numbered(1.0, math.inf if not bad else 1.0), **bad)


@pytest.mark.parametrize(
    ("values", "outcome", "value"),
    [
        ((4.0, 4.5, 9.0), SETTLED, 4.25),
        ((1.0, 2.0, 3.0), TIE, None),
        ((2.0, 2.0, 2.0), SETTLED, 2.0),
        ((0.1, 0.2, 0.3), TIE, None),
        ((1.0, 9.0), SETTLED, 5.0),
    ],
)
def test_closest_two(values, outcome, value):
    found = closest_two(numbered(*values))
    assert (found.outcome, found.value) == (outcome, pytest.approx(value) if value is not None else None)


def test_the_closest_two_are_a_worse_estimate_than_median_and_mean():
    """Variance 0.64 σ² against 0.45 and 0.33 for three equal normal readers, and the pair looks 2.5 times closer."""
    draws = np.random.Generator(np.random.PCG64(2)).normal(size=(6000, 3))
    settled = [closest_two(numbered(*row)) for row in draws.tolist()]
    assert np.var([found.value for found in settled]) == pytest.approx(0.64, abs=0.04)
    assert np.var(np.median(draws, axis=1)) == pytest.approx(0.45, abs=0.03)
    two = np.abs(draws[:, 0] - draws[:, 1]).mean()
    assert two / np.mean([found.details["distance"] for found in settled]) == pytest.approx(2.5, abs=0.15)
    assert settled[0].details["understates_spread"]


def test_blup_of_shrout_and_fleiss():
    """Balanced data have a closed form: the unit's mean drawn to the grand mean by the reliability."""
    found = blup(rows_of(SHROUT_FLEISS))
    table = np.array(SHROUT_FLEISS, dtype=float)
    mean_unit, mean_error = 11.2416667, 1.0194444
    reliability = (mean_unit - mean_error) / mean_unit
    closed = table.mean() + reliability * (table.mean(axis=1) - table.mean())
    assert found.values == pytest.approx(closed, abs=1e-6)
    assert found.reliability(4) == pytest.approx(0.909, abs=5e-4)
    assert found.var_error == pytest.approx(mean_error, abs=1e-6)
    assert sum(found.bias.values()) == pytest.approx(0, abs=1e-6)
    assert found.converged


def test_blup_and_its_errors_are_those_of_the_whole_covariance():
    """With missing cells: the textbook formula with the full covariance matrix."""
    rows = rows_of([[None, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, None, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]])
    found = blup(rows)
    cells = [(unit, int(rater[1:]), value) for unit, row in enumerate(rows) for rater, value in row.items()]
    units = np.array([[unit == place for place in range(6)] for unit, _, _ in cells], dtype=float)
    raters = np.array([[rater == place for place in range(4)] for _, rater, _ in cells], dtype=float)
    values = np.array([value for _, _, value in cells])
    total = (
        found.var_unit * units @ units.T + found.var_rater * raters @ raters.T + found.var_error * np.eye(len(cells))
    )
    inverse = np.linalg.inv(total)
    ones = np.ones(len(cells))
    spread = 1 / (ones @ inverse @ ones)
    centre = spread * (ones @ inverse @ values)
    share = found.var_unit * units.T @ inverse
    assert found.mean == pytest.approx(centre)
    assert found.values == pytest.approx(centre + share @ (values - centre))
    left = 1 - share @ ones
    variance = found.var_unit - np.einsum("ij,ji->i", share, found.var_unit * units) + left**2 * spread
    assert found.standard_errors == pytest.approx(np.sqrt(variance))


def test_blup_takes_out_the_bias_of_who_happened_to_read():
    generator = np.random.Generator(np.random.PCG64(3))
    truth, bias = generator.normal(50, 5, 80), np.array([-6.0, 0.0, 6.0])
    rows = []
    for value in truth:
        chosen = generator.choice(3, size=2, replace=False)
        rows.append({f"r{reader}": float(value + bias[reader] + generator.normal(0, 1)) for reader in chosen})
    found = blup(rows)
    plain = np.array([np.mean(list(row.values())) for row in rows])
    assert np.std(np.array(found.values) - truth) < np.std(plain - truth) / 2
    assert found.bias["r2"] - found.bias["r0"] == pytest.approx(12, abs=1)
    inside = np.abs(np.array(found.values) - truth) <= 1.96 * np.array(found.standard_errors)
    assert inside.mean() > 0.85


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], TOO_FEW),
        ([{"a": 1.0, "b": 2.0}], TOO_FEW),
        ([{"a": 1.0}, {"a": 2.0}], TOO_FEW),
        ([{"a": 1.0}, {"b": 2.0}], NO_OVERLAP),
        ([{"a": 1.0, "b": 1.0}, {"a": 1.0, "b": 1.0}], ZERO_VARIANCE),
    ],
)
def test_blup_says_why_not(rows, reason):
    found = blup(rows)
    assert found.undefined == reason
    assert found.values == (None,) * len(rows)
    assert found.reliability(2) is None


def test_a_unit_without_numbers_has_none():
    found = blup([*rows_of(SHROUT_FLEISS), {}])
    assert found.values[-1] is None
    assert found.values[:-1] == pytest.approx(blup(rows_of(SHROUT_FLEISS)).values)
    assert "unrated_units" in found.flags


def test_blup_refuses_what_is_not_a_number():
    with pytest.raises(ValueError, match="finite"):
        blup([{"a": math.nan, "b": 1.0}, {"a": 1.0, "b": 1.0}])


NUMBERS = st.dictionaries(st.sampled_from("abc"), st.integers(-20, 20).map(float), max_size=3)


@settings(max_examples=25, deadline=None)
@given(st.lists(NUMBERS, max_size=8))
def test_blup_never_invents_a_number(rows):
    found = blup(rows)
    assert [value is None for value in found.values] == [not row or found.undefined is not None for row in rows]
    assert all(math.isfinite(value) for value in found.values if value is not None)
    assert all(value >= 0 for value in found.standard_errors if value is not None)
    flat = found.as_dict()
    assert flat["undefined"] == found.undefined
