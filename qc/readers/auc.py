"""Area under the ROC curve of scores, and the difference between two columns of scores on the same cases."""

import math
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

import numpy as np
from scipy import stats

from qc.agreement.base import CLUSTERING_UNKNOWN, TOO_FEW, ZERO_VARIANCE, Estimate, named
from qc.readers.base import ONE_CLASS, ReaderStatistic, Significance, no_test
from qc.readings.base import FloatArray, IntArray
from qc.readings.incidence import numbered
from qc.readings.scores import ScoreTable

AUC, DIFFERENCE, TEST = "auc", "difference", "test"
MINUS = "−"
_ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Areas:
    """The areas of all columns and their covariance.

    Parameters
    ----------
    values : float64 array (columns,)
        Areas, ties counted half.
    covariance : float64 array (columns, columns) or None
        None where a class has fewer than two units or patients.
    n_clusters : int or None
        Patients; None where none is known.
    """

    values: FloatArray
    covariance: FloatArray | None
    n_clusters: int | None


def auc(reading: ScoreTable, *, level: float = 0.95) -> dict[str, Estimate | Significance]:
    """Return the area under each column's ROC curve, the differences of all pairs, and their tests.

    Parameters
    ----------
    reading : ScoreTable
        Every column scored every unit. For scores of several readers in two modalities the mean over readers is the
        usual summary, but its bounds for new readers need a model of readers as well, which this is not.
    level : float
        Confidence level.

    Returns
    -------
    dict of str to Estimate or Significance
        ``auc:name``; ``difference:a−b`` and ``test:a−b`` for each pair in the order of the columns. Variances by
        DeLong's placements; where patients have several units, by sums of placements over patients (Obuchowski 1997).
        Undefined with ``one_class_only`` where a class has no unit; no bounds with ``too_few_items`` where one has a
        single patient, or with ``zero_variance``, as for a perfect curve.

    References
    ----------
    DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver operating
    characteristic curves. Biometrics 44:837-845, 1988. doi:10.2307/2531595

    Obuchowski NA. Nonparametric analysis of clustered ROC curve data. Biometrics 53:567-578, 1997. doi:10.2307/2533958

    Examples
    --------
    >>> table = ScoreTable(("ada",), np.array([False, False, True, True]), np.array([[1.0], [3], [3], [4]]))
    >>> auc(table)["auc:ada"].value
    0.875
    """
    pairs = list(combinations(range(len(reading.names)), 2))
    if reading.truth.all() or not reading.truth.any():
        return _undefined(reading, pairs, level)
    areas = areas_of(reading)
    found: dict[str, Estimate | Significance] = {}
    for place, name in enumerate(reading.names):
        contrast = np.zeros(len(reading.names))
        contrast[place] = 1.0
        found[named(AUC, name)] = _estimate(reading, areas, contrast, level)
    for first, second in pairs:
        contrast = np.zeros(len(reading.names))
        contrast[first], contrast[second] = 1.0, -1.0
        label = f"{reading.names[first]}{MINUS}{reading.names[second]}"
        one = _estimate(reading, areas, contrast, level)
        found[named(DIFFERENCE, label)] = one
        found[named(TEST, label)] = _test(one)
    return found


def areas_of(reading: ScoreTable) -> Areas:
    """Return the areas and their covariance by placements.

    Parameters
    ----------
    reading : ScoreTable
        With units of both classes.
    """
    positive, negative = reading.scores[reading.truth], reading.scores[~reading.truth]
    m, n = len(positive), len(negative)
    ranks = np.apply_along_axis(stats.rankdata, 0, np.vstack([positive, negative]))
    own_positive = np.apply_along_axis(stats.rankdata, 0, positive)
    own_negative = np.apply_along_axis(stats.rankdata, 0, negative)
    above = (ranks[:m] - own_positive) / n
    below = 1 - (ranks[m:] - own_negative) / m
    values = above.mean(axis=0)
    names = list(range(len(reading.scores))) if reading.clusters is None else list(reading.clusters)
    place = numbered(names)[1]
    of_positive, of_negative = place[reading.truth], place[~reading.truth]
    size = int(place.max()) + 1
    first = _summed(above - values, of_positive, size)
    second = _summed(below - values, of_negative, size)
    n_first, n_second = len(set(of_positive.tolist())), len(set(of_negative.tolist()))
    n_clusters = None if reading.clusters is None else size
    if n_first < 2 or n_second < 2:
        return Areas(values, None, n_clusters)
    covariance = n_first / (n_first - 1) * (first.T @ first) / m**2
    covariance += n_second / (n_second - 1) * (second.T @ second) / n**2
    cross = size / (size - 1) * (first.T @ second) / (m * n)
    return Areas(values, covariance + cross + cross.T, n_clusters)


def _summed(values: FloatArray, place: IntArray, size: int) -> FloatArray:
    """Return the sums of rows over clusters (clusters, columns)."""
    total = np.zeros((size, values.shape[1]))
    np.add.at(total, place, values)
    return total


def _estimate(reading: ScoreTable, areas: Areas, contrast: FloatArray, level: float) -> Estimate:
    """Return a contrast of areas with normal bounds."""
    value = float(contrast @ areas.values)
    reason, error = TOO_FEW, None
    if areas.covariance is not None:
        error = math.sqrt(max(float(contrast @ areas.covariance @ contrast), 0.0))
        error = error if error > _ROUNDING else 0.0
        reason = ZERO_VARIANCE
    margin = NormalDist().inv_cdf((1 + level) / 2) * error if error else None
    least = 0.0 if contrast.min() == 0 else -1.0
    return Estimate(
        value=value,
        low=None if margin is None else max(least, value - margin),
        high=None if margin is None else min(1.0, value + margin),
        level=level,
        method="normal, DeLong" if areas.n_clusters is None else "normal, DeLong's placements over patients",
        n_units=reading.n_units,
        n_raters=int(np.count_nonzero(contrast)),
        n_clusters=areas.n_clusters,
        interval_undefined=reason if margin is None else None,
        warnings=(CLUSTERING_UNKNOWN,) if reading.clusters is None else (),
        standard_error=error,
    )


def _test(found: Estimate) -> Significance:
    """Return the z test of a difference against 0."""
    method = "z of the difference, DeLong"
    if found.value is None or not found.standard_error:
        return no_test(method, found.n_units, found.interval_undefined or ZERO_VARIANCE)
    z = found.value / found.standard_error
    return Significance(z, math.erfc(abs(z) / math.sqrt(2)), None, method, found.n_units, warnings=found.warnings)


def _undefined(reading: ScoreTable, pairs: list[tuple[int, int]], level: float) -> dict[str, Estimate | Significance]:
    """Return all parts with the reason that one class is missing."""
    none = Estimate(None, None, None, level, "normal, DeLong", reading.n_units, 0, undefined=ONE_CLASS)
    found: dict[str, Estimate | Significance] = {named(AUC, name): none for name in reading.names}
    for first, second in pairs:
        label = f"{reading.names[first]}{MINUS}{reading.names[second]}"
        found[named(DIFFERENCE, label)] = none
        found[named(TEST, label)] = no_test("z of the difference, DeLong", reading.n_units, ONE_CLASS)
    return found


SPEC = ReaderStatistic(
    title="Area under the ROC curve",
    function=auc,
    accepts=ScoreTable,
    scales=frozenset({"ordinal", "interval", "ratio"}),
    reference="DeLong 1988, doi:10.2307/2531595; Obuchowski 1997, doi:10.2307/2533958",
    says=(
        "How well scores order positive cases above negative ones; bounds are for these readers on new cases, and a "
        "perfect curve has none."
    ),
    parts=True,
)
