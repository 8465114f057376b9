"""Krippendorff's alpha for any distance between two answers.

References
----------
Krippendorff K. Content Analysis: An Introduction to Its Methodology, 2nd edition, 2004, chapter 11.
ISBN 978-0-7619-1545-4
"""

import numpy as np

from qc.agreement._bootstrap import Finish, Sample, gather
from qc.agreement._kernel import ratio
from qc.readings.base import FloatArray
from qc.readings.count_table import CountTable


def with_distance(table: CountTable, distance: FloatArray) -> tuple[Sample, Finish]:
    """Return sums of [disagreement of the unit, values of each category] and alpha from them."""
    vectors = table.vectors.astype(np.float64)
    disagreement = (vectors * (vectors @ distance)).sum(axis=1) / (table.ratings - 1)

    def finish(sums: FloatArray) -> FloatArray:
        margins = sums[:, 1:]
        expected = (margins * (margins @ distance)).sum(axis=1)
        varies = (margins > 0).sum(axis=1) > 1
        return alpha(sums[:, 0], np.where(varies, expected, 0.0), margins.sum(axis=1))

    return gather(np.column_stack([disagreement, vectors]), table.counts, table.incidence), finish


def alpha(observed: FloatArray, expected: FloatArray, n: FloatArray) -> FloatArray:
    """Return 1 − (n − 1) · observed / expected, for n pairable values; undefined where nothing is expected."""
    return 1 - ratio((n - 1) * observed, expected)
