"""p of several tests, adjusted for their number.

References
----------
Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat 6:65-70, 1979.
https://www.jstor.org/stable/4615733

Benjamini Y, Hochberg Y. Controlling the false discovery rate. J R Stat Soc B 57:289-300, 1995.
doi:10.1111/j.2517-6161.1995.tb02031.x

Hochberg Y. A sharper Bonferroni procedure for multiple tests of significance. Biometrika 75:800-802, 1988.
doi:10.1093/biomet/75.4.800

Benjamini Y, Yekutieli D. Ann Stat 29:1165-1188, 2001. doi:10.1214/aos/1013699998
"""

from collections.abc import Sequence

import numpy as np

from qc.readings.base import FloatArray


def holm(p: Sequence[float]) -> FloatArray:
    """Return p adjusted step by step from the smallest: no false rejection with the level's probability. For gates."""
    sizes = np.arange(len(p), 0, -1, dtype=np.float64)
    return _down(p, sizes)


def bonferroni(p: Sequence[float]) -> FloatArray:
    """Return p times the number of tests."""
    return np.minimum(np.asarray(p, dtype=np.float64) * len(p), 1.0)


def hochberg(p: Sequence[float]) -> FloatArray:
    """Return p adjusted step by step from the greatest; for tests that are independent or positively dependent."""
    return _up(p, np.arange(len(p), 0, -1, dtype=np.float64))


def benjamini_hochberg(p: Sequence[float]) -> FloatArray:
    """Return p adjusted for the expected share of false among all rejections. For exploration."""
    n = len(p)
    return _up(p, n / np.arange(1, n + 1, dtype=np.float64))


def benjamini_yekutieli(p: Sequence[float]) -> FloatArray:
    """Return p adjusted for the share of false rejections under any dependence of the tests."""
    n = len(p)
    ranks = np.arange(1, n + 1, dtype=np.float64)
    return _up(p, n / ranks * float((1 / ranks).sum()))


def _down(p: Sequence[float], factors: FloatArray) -> FloatArray:
    """Return p times factors in ascending order of p, never falling."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted


def _up(p: Sequence[float], factors: FloatArray) -> FloatArray:
    """Return p times factors in ascending order of p, no value above a later one."""
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    adjusted = np.empty(len(values))
    adjusted[order] = np.minimum(np.minimum.accumulate((values[order] * factors)[::-1])[::-1], 1.0)
    return adjusted
