"""The standard errors of Fleiss' kappas if raters agreed by chance only.

References
----------
Fleiss JL, Nee JCM, Landis JR. Large sample variance of kappa in the case of different sets of raters. Psychol Bull
86:974-977, 1979. doi:10.1037/0033-2909.86.5.974
"""

import math

from qc.readings.pattern_table import PatternTable


def null_errors(reading: PatternTable) -> tuple[float | None, float | None]:
    """Return the null standard error of Fleiss' kappa and the one that all its categories share.

    Parameters
    ----------
    reading : PatternTable
        Any raters. Units with fewer than two ratings are left out.

    Returns
    -------
    overall, per_category : float or None
        None where units have unequal numbers of ratings (the formula is of balanced designs), where there
        is no unit, or where one category was used throughout.
    """
    table = reading.rated(2).anonymous()
    sizes = set(table.ratings.tolist())
    if len(sizes) != 1:
        return None, None
    m, n = sizes.pop(), table.n_units
    p = (table.counts @ table.vectors) / (n * m)
    q = 1 - p
    spread = float(p @ q)
    if spread <= 0:
        return None, None
    root = math.sqrt(n * m * (m - 1))
    inner = max(spread**2 - float((p * q) @ (q - p)), 0.0)
    return math.sqrt(2 * inner) / (spread * root), math.sqrt(2) / root
