"""Gwet's way of linearising a coefficient where some units have a single rating.

References
----------
Gwet KL. Handbook of Inter-Rater Reliability, 4th edition, 2014, chapter 5. ISBN 978-0-9708062-8-4

Gwet KL. Computing inter-rater reliability and its variance in the presence of high agreement.
Br J Math Stat Psychol 61:29-48, 2008. doi:10.1348/000711006X126600
"""

from qc.agreement._bootstrap import Finish, FinishParts
from qc.agreement._kernel import ratio
from qc.readings.base import FloatArray


def linear_form(total: FloatArray, chance: Finish) -> FinishParts:
    """Return the coefficient with the share of pairable units held fixed: its influences are Gwet's κ*_i − κ.

    Parameters
    ----------
    total : float64 array (1, features)
        Sums over everything: [units with pairs, agreement, units, …].
    chance : callable
        Sums (replicates, features) → p_e (replicates,), NaN where undefined.
    """
    scale = float(total[0, 2]) / max(float(total[0, 0]), 1.0)

    def finish(sums: FloatArray) -> FloatArray:
        p_e = chance(sums)
        agreement = scale * ratio(sums[:, 1], sums[:, 2])
        pairable = scale * ratio(sums[:, 0], sums[:, 2])
        return ratio(agreement - p_e * pairable, 1 - p_e)[:, None]

    return finish
