"""ICC(C,1) and ICC(C,k): consistency of known raters, systematic differences between them forgiven."""

import math

import numpy as np

from qc.agreement._anova import MeanSquares, f_bounds
from qc.agreement._bootstrap import Bounds, Plan
from qc.agreement._icc import two_way
from qc.agreement._kernel import ratio
from qc.agreement._reml import Components
from qc.agreement.base import DEGENERATE, ZERO_VARIANCE, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.number_table import NumberTable


def icc_consistency(
    reading: NumberTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return ICC(C,1) = ICC(3,1) of one rater and ICC(C,k) = ICC(3,k) of the mean of all k.

    (MSR − MSE) / (MSR + (k − 1) MSE) and (MSR − MSE) / MSR from the mean squares of units and residual; with missing
    cells σ²_s / (σ²_s + σ²_e) from REML.

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
        exact for normal measurements.

    Returns
    -------
    dict of str to Estimate
        ``single`` and ``mean``; negative values stand as they are. Missing cells raise ``missing_cells_reml``.
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
    >>> round(icc_consistency(table)["single"].value, 2)
    0.71
    """
    return two_way(reading, _of_squares, _of_components, _bounds, Plan(level, seed, replicates))


def _of_squares(found: MeanSquares) -> FloatArray:
    gain = found.units - found.residual
    return np.column_stack([ratio(gain, found.units + (found.k - 1) * found.residual), ratio(gain, found.units)])


def _of_components(found: Components, k: int) -> FloatArray:
    single = ratio(found.subject, found.subject + found.residual)
    return np.column_stack([single, ratio(found.subject, found.subject + found.residual / k)])


def _bounds(found: MeanSquares, level: float) -> tuple[Bounds, Bounds]:
    """Return exact bounds of both."""
    msr, mse = float(found.units[0]), float(found.residual[0])
    n, k = float(found.n[0]), found.k
    if mse == 0:
        return Bounds(None, None, ZERO_VARIANCE), Bounds(None, None, ZERO_VARIANCE)
    low, high = f_bounds(msr / mse, (n - 1, (n - 1) * (k - 1)), level)
    single = Bounds((low - 1) / (low + k - 1), (high - 1) / (high + k - 1), None)
    if low == 0:
        # Units do not differ at all: the F distribution has no place for that.
        return Bounds(None, None, DEGENERATE), Bounds(None, None, DEGENERATE)
    return single, Bounds(1 - 1 / low, 1 - 1 / high, None)


SPEC = Statistic(
    title="ICC(C,1) and ICC(C,k), consistency",
    function=icc_consistency,
    accepts=NumberTable,
    scales=frozenset({"interval", "ratio"}),
    min_raters=2,
    max_raters=None,
    range=(-math.inf, 1.0),
    reference="McGraw & Wong 1996, doi:10.1037/1082-989X.1.1.30",
    says=(
        "Whether readers rank cases alike when a reader may measure systematically more than another; where it lies "
        "well above absolute agreement, readers differ by a shift that training can remove."
    ),
    parts=True,
    fixed_panel=True,
)
