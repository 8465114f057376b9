"""Detection agreement: F1 of the marks of two readers, with no reader as the reference."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimates, ratio
from qc.agreement._pair_table import mean_of_units
from qc.agreement._rows import facts_of, incidence_of, used_units
from qc.agreement.base import BOTH_EMPTY, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.instances import MatchTable


def object_f1(
    reading: MatchTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> Mapping[str, Estimate]:
    """Return 2 TP / (n_A + n_B), averaged over pairs and images and pooled over all counts.

    Parameters
    ----------
    reading : MatchTable
        Marks of pairs of readers, matched one to one.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    mapping from str to Estimate
        ``mean``: over images of the mean over pairs; an image in which neither of two readers marked anything
        counts 1 and raises the warning ``both_empty``. ``pooled``: 2 Σ TP / Σ (n_A + n_B), in which such images
        have no weight; undefined with ``both_empty`` when nobody marked anything. Both are undefined with
        ``no_overlap`` when no image was read by two.

    References
    ----------
    Hripcsak G, Rothschild AS. Agreement, the F-measure, and reliability in information retrieval.
    J Am Med Inform Assoc 12:296-298, 2005. doi:10.1197/jamia.M1733
    """
    plan = Plan(level, seed, replicates)
    marks = (reading.n_first + reading.n_second).astype(np.float64)
    scores = np.ones(len(marks))
    np.divide(2.0 * reading.matched, marks, out=scores, where=marks > 0)
    mean = mean_of_units(reading.measured(scores), "value", plan)
    empty = (BOTH_EMPTY,) if (marks == 0).any() else ()
    units = used_units(reading)
    sums = [np.bincount(reading.unit, weights=column, minlength=1)[units] for column in (2.0 * reading.matched, marks)]
    sample = gather(np.column_stack(sums), np.ones(len(units), dtype=np.int64), incidence_of(reading))
    facts = facts_of(reading, "fewer than two readers")
    (pooled,) = estimates(sample, _pooled, facts, plan, [BOTH_EMPTY])
    return {"mean": replace(mean, warnings=mean.warnings + empty), "pooled": pooled}


def _pooled(sums: FloatArray) -> FloatArray:
    return ratio(sums[:, 0], sums[:, 1])[:, None]


SPEC = Statistic(
    title="Detection agreement (F1)",
    function=object_f1,
    accepts=MatchTable,
    scales=frozenset({"none"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Hripcsak and Rothschild 2005, doi:10.1197/jamia.M1733",
    says=(
        "How many of the things that either reader marked both marked; it is what kappa tends to where nobody can "
        "count the things that are not there."
    ),
    parts=True,
)
