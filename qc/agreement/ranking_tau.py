"""Mean pairwise Kendall tau of the orders that raters give."""

from itertools import combinations

import numpy as np

from qc.agreement._bootstrap import Plan
from qc.agreement._ranked import mean_over_units
from qc.agreement.base import Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.rankings import Rankings


def ranking_tau(reading: Rankings, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return the mean over units of the mean over pairs of raters of Kendall's tau-b.

    Parameters
    ----------
    reading : Rankings
        Any number of raters; units with fewer than two orders are dropped, and so are units in which an order
        of each pair ties all options.
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
    Kendall MG. The treatment of ties in ranking problems. Biometrika 33:239-251, 1945. doi:10.1093/biomet/33.3.239

    Examples
    --------
    >>> orders = [{"ada": [["a"], ["b"], ["c"]], "ben": [["b"], ["a"], ["c"]]}]
    >>> round(ranking_tau(Rankings.from_orders(orders, options="abc")).value, 4)
    0.3333
    """
    return mean_over_units(reading, _of_unit, Plan(level, seed, replicates))


def _of_unit(ranks: FloatArray) -> float | None:
    """Return the mean tau-b over the pairs of orders (raters, options) that both distinguish options."""
    signs = np.sign(ranks[:, :, None] - ranks[:, None, :]).reshape(len(ranks), -1)
    taus = []
    for first, second in combinations(range(len(ranks)), 2):
        size = float(np.sqrt((signs[first] ** 2).sum() * (signs[second] ** 2).sum()))
        if size > 0:
            taus.append(float((signs[first] * signs[second]).sum()) / size)
    return sum(taus) / len(taus) if taus else None


SPEC = Statistic(
    title="Mean pairwise Kendall tau",
    function=ranking_tau,
    accepts=Rankings,
    scales=frozenset({"ranks"}),
    min_raters=2,
    max_raters=None,
    range=(-1.0, 1.0),
    reference="Kendall 1945, doi:10.1093/biomet/33.3.239",
    says=(
        "Of two options, how much more often two readers put them in the same order than in opposite orders, averaged "
        "over cases; 0 is what unrelated orders give."
    ),
)
