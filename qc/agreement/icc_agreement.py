"""ICC(A,1) and ICC(A,k): absolute agreement of known raters, who may be any like them."""

import math
from dataclasses import replace

import numpy as np
from scipy import stats

from qc.agreement._anova import MeanSquares
from qc.agreement._bootstrap import Bounds, Plan
from qc.agreement._icc import two_way
from qc.agreement._kernel import ratio
from qc.agreement._reml import Components
from qc.agreement.base import DEGENERATE, FEW_RATERS, ZERO_VARIANCE, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.number_table import NumberTable

# With fewer raters than this their spread is hardly known, and with it the bounds.
FEWEST_RATERS = 5


def icc_agreement(
    reading: NumberTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return ICC(A,1) = ICC(2,1) of one rater and ICC(A,k) = ICC(2,k) of the mean of all k.

    (MSR − MSE) / (MSR + (k − 1) MSE + k (MSC − MSE) / n) and (MSR − MSE) / (MSR + (MSC − MSE) / n) from the mean
    squares of units, raters and residual; with missing cells σ²_s / (σ²_s + σ²_r + σ²_e) from REML.

    Parameters
    ----------
    reading : NumberTable
        The same raters throughout; units with fewer than two measurements are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients, used where cells are missing or patients have several units; otherwise the bounds are
        of the F distribution with Satterthwaite's degrees of freedom.

    Returns
    -------
    dict of str to Estimate
        ``single`` and ``mean``; negative values stand as they are. Missing cells raise ``missing_cells_reml``, fewer
        than five raters ``few_raters_ci``.
        Undefined with ``no_overlap``, ``too_few_items`` (one unit), ``undefined_single_category`` (one value
        throughout) or ``not_converged`` (REML). No bounds without residual (``zero_variance``).

    References
    ----------
    Shrout PE, Fleiss JL. Intraclass correlations: uses in assessing rater reliability. Psychol Bull 86:420-428, 1979.
    doi:10.1037/0033-2909.86.2.420

    McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. Psychol Methods 1:30-46,
    1996. doi:10.1037/1082-989X.1.1.30

    Examples
    --------
    >>> table = NumberTable.from_values([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
    ...     [6, 2, 4, 7]], raters=["a", "b", "c", "d"])
    >>> round(icc_agreement(table)["single"].value, 2)
    0.29
    """
    found = two_way(reading, _of_squares, _of_components, _bounds, Plan(level, seed, replicates))
    return {part: _cautioned(one) for part, one in found.items()}


def _cautioned(found: Estimate) -> Estimate:
    """Return the estimate with the caution that a spread among few raters is hardly known (benchmarks/coverage.py)."""
    if found.low is None or found.n_raters >= FEWEST_RATERS:
        return found
    return replace(found, warnings=(*found.warnings, FEW_RATERS))


def _of_squares(found: MeanSquares) -> FloatArray:
    gain = found.units - found.residual
    shift = (found.raters - found.residual) / np.maximum(found.n, 1.0)
    single = ratio(gain, found.units + (found.k - 1) * found.residual + found.k * shift)
    return np.column_stack([single, ratio(gain, found.units + shift)])


def _of_components(found: Components, k: int) -> FloatArray:
    error = found.rater + found.residual
    return np.column_stack(
        [ratio(found.subject, found.subject + error), ratio(found.subject, found.subject + error / k)]
    )


def _bounds(found: MeanSquares, level: float) -> tuple[Bounds, Bounds]:
    """Return bounds of both with Satterthwaite's degrees of freedom."""
    msr, msc, mse = (float(part[0]) for part in (found.units, found.raters, found.residual))
    n, k = float(found.n[0]), found.k
    if mse == 0 and msc == 0:
        return Bounds(None, None, ZERO_VARIANCE), Bounds(None, None, ZERO_VARIANCE)
    rho = float(_of_squares(found)[0, 0])
    a = k * rho / (n * (1 - rho))
    b = 1 + k * rho * (n - 1) / (n * (1 - rho))
    spread = (a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1))
    error = k * msc + (k * n - k - n) * mse
    if spread == 0 or error + msr == 0:
        return Bounds(None, None, DEGENERATE), Bounds(None, None, DEGENERATE)
    freedom = (a * msc + b * mse) ** 2 / spread
    tail = (1 + level) / 2
    below, above = float(stats.f.ppf(tail, n - 1, freedom)), float(stats.f.ppf(tail, freedom, n - 1))
    low = n * (msr - below * mse) / (below * error + n * msr)
    high = n * (above * msr - mse) / (error + n * above * msr)
    if not low <= rho <= high or 1 + (k - 1) * low <= 0:
        return Bounds(None, None, DEGENERATE), Bounds(None, None, DEGENERATE)
    return Bounds(low, high, None), Bounds(_stepped(low, k), _stepped(high, k), None)


def _stepped(reliability: float, k: int) -> float:
    """Return the reliability of the mean of k raters (Spearman–Brown)."""
    return k * reliability / (1 + (k - 1) * reliability)


SPEC = Statistic(
    title="ICC(A,1) and ICC(A,k), absolute agreement",
    function=icc_agreement,
    accepts=NumberTable,
    scales=frozenset({"interval", "ratio"}),
    min_raters=2,
    max_raters=None,
    range=(-math.inf, 1.0),
    reference="McGraw & Wong 1996, doi:10.1037/1082-989X.1.1.30",
    says=(
        "The share of the spread of measurements that lies between cases when systematic differences between readers "
        "count as error; it is high in a varied sample and low in a uniform one for the same error in mm."
    ),
    parts=True,
    fixed_panel=True,
)
