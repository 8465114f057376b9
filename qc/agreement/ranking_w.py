"""Kendall's W of the orders that raters give, averaged over units."""

import numpy as np

from qc.agreement._bootstrap import Plan
from qc.agreement._ranked import mean_over_units
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.rankings import Rankings


def ranking_w(reading: Rankings, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of Kendall's W = 12 S / (m² (n³ − n) − m Σ T) of the m orders of n options.

    Parameters
    ----------
    reading : Rankings
        Any number of raters; units with fewer than two orders are dropped, and so are units in which all orders tie
        all options.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit has two orders, with ``undefined_single_category`` when no unit
        has a coefficient. No bounds when all units have one value (``zero_variance``).

    References
    ----------
    Kendall MG, Babington Smith B. The problem of m rankings. Ann Math Stat 10:275-287, 1939.
    doi:10.1214/aoms/1177732186

    Examples
    --------
    >>> orders = [{"ada": [["a"], ["b"], ["c"]], "ben": [["b"], ["a"], ["c"]]}]
    >>> round(ranking_w(Rankings.from_orders(orders, options="abc")).value, 4)
    0.75
    """
    return mean_over_units(reading, _of_unit, Plan(level, seed, replicates))


def _of_unit(ranks: FloatArray) -> float | None:
    """Return W of the orders (raters, options), corrected for ties; None where all options are tied by all."""
    m, n = ranks.shape
    spread = float(((ranks.sum(axis=0) - m * (n + 1) / 2) ** 2).sum())
    ties = sum(float(count**3 - count) for row in ranks for count in np.unique(row, return_counts=True)[1].tolist())
    room = m**2 * (n**3 - n) - m * ties
    return 12 * spread / room if room > 0 else None


SPEC = Statistic(
    title="Kendall's W of orders",
    function=ranking_w,
    accepts=Rankings,
    scales=frozenset({"ranks"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Kendall & Babington Smith 1939, doi:10.1214/aoms/1177732186",
    says=(
        "How far the readers of a case share one order of the options, averaged over cases; with two readers it is at "
        "least one half for unrelated orders, so read it beside tau."
    ),
)
