"""A mean over units with bounds over patients, who stay whole in every resample."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import Facts, estimate, ratio
from qc.agreement.base import TOO_FEW, Estimate
from qc.readings.incidence import numbered
from qc.settling.measure import LEVEL, SEED

REPLICATES = 2000


def mean_over_patients(values: Sequence[float], subjects: Sequence[str], *, unit: str = "") -> Estimate:
    """Return the mean of the units with BCa bounds from resampled patients.

    Parameters
    ----------
    values : sequence of float (units,)
        Finite.
    subjects : sequence of str (units,)
        The patient of each unit.
    unit : str
        Physical unit of the values.

    Returns
    -------
    Estimate
        Undefined with ``too_few_items`` where there is no unit; without bounds where there is one patient.
    """
    names, place = numbered(list(subjects))
    array = np.array(values, dtype=np.float64)
    sums = np.column_stack([np.bincount(place, array, len(names)), np.bincount(place, minlength=len(names))])
    sample = gather(sums.astype(np.float64), np.ones(len(names), dtype=np.int64), None)
    if not len(array):
        return Estimate(None, None, None, LEVEL, "BCa bootstrap", 0, 1, undefined=TOO_FEW, unit=unit)
    facts = Facts(len(array), 1, 0, "", (), unit)
    plan = Plan(LEVEL, SEED, REPLICATES)
    return estimate(
        replace(sample, is_clustered=True), lambda found: ratio(found[:, 0], found[:, 1]), facts, plan, TOO_FEW
    )
