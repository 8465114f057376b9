"""Krippendorff's alpha: one minus observed over expected disagreement, on the scale of the question."""

import numpy as np

from qc.agreement._alpha import alpha, with_distance
from qc.agreement._bootstrap import Finish, Plan, Sample, gather
from qc.agreement._kernel import estimate, pairable_facts
from qc.agreement.base import NO_VARIATION, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.pattern_table import MISSING, PatternTable

_ROUNDING = 1e-12


def krippendorff_alpha(
    reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> Estimate:
    """Return 1 − D_o / D_e from the coincidences of pairable values.

    Parameters
    ----------
    reading : PatternTable
        Any number of raters, taken as exchangeable; missing ratings allowed. Its scale gives the distance:
        nominal, ordinal (from the ranks of the pairable values), interval or ratio. Units with fewer than
        two ratings are dropped before the margins are taken.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known): the ordinary bootstrap, not
        Krippendorff's own, whose coverage is poor (Zapf et al. 2016).

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit has two ratings, with ``undefined_single_category`` when
        all pairable values are one. Perfect agreement has no bounds (``zero_variance``). Exactly 0 with a
        single deviating value, and negative below chance: neither is a fault.

    References
    ----------
    Hayes AF, Krippendorff K. Answering the call for a standard reliability measure for coding data.
    Commun Methods Meas 1:77-89, 2007. doi:10.1080/19312450709336664

    Zapf A, Castell S, Morawietz L, Karch A. Measuring inter-rater reliability for nominal data.
    BMC Med Res Methodol 16:93, 2016. doi:10.1186/s12874-016-0200-9

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [2, 2], [0, 1]], raters=["ada", "ben"], scale=Scale("ordinal", ("low", "mid", "high"))
    ... )
    >>> round(krippendorff_alpha(table).value, 4)
    0.79
    """
    used = reading.rated(2)
    sample, finish = _SUMS[reading.scale.kind](used)
    facts = pairable_facts(reading, used, "fewer than two ratings")
    return estimate(sample, finish, facts, Plan(level, seed, replicates), NO_VARIATION)


def ratio_distance(values: FloatArray) -> FloatArray:
    """Return δ² = ((c − k) / (c + k))² between the values of a ratio scale, 0 between 0 and 0.

    Parameters
    ----------
    values : float64 array (categories,)
        None negative.
    """
    total = values[:, None] + values[None, :]
    relative = np.zeros_like(total)
    np.divide(values[:, None] - values[None, :], total, out=relative, where=total > 0)
    return np.asarray(relative**2)


def _nominal(used: PatternTable) -> tuple[Sample, Finish]:
    return with_distance(used.anonymous(), 1 - np.eye(len(used.scale.codes)))


def _ratio(used: PatternTable) -> tuple[Sample, Finish]:
    return with_distance(used.anonymous(), ratio_distance(used.scale.values))


def _interval(used: PatternTable) -> tuple[Sample, Finish]:
    """Return sums of [disagreement of the unit, values, Σx, Σx²] and alpha from them.

    Squared differences need moments only, so that the cost does not grow with the number of distinct values.
    """
    given = used.patterns != MISSING
    values = np.where(given, used.scale.values[used.patterns], 0.0)
    ratings = used.ratings.astype(np.float64)
    mean = (used.counts @ values.sum(axis=1)) / max(float(used.counts @ ratings), 1.0)
    centred = np.where(given, values - mean, 0.0)
    of_unit = centred.sum(axis=1) / ratings
    spread = (np.where(given, centred - of_unit[:, None], 0.0) ** 2).sum(axis=1)
    disagreement = 2 * ratings * spread / (ratings - 1)
    features = np.column_stack([disagreement, ratings, centred.sum(axis=1), (centred**2).sum(axis=1)])

    def finish(sums: FloatArray) -> FloatArray:
        n, squares = sums[:, 1], sums[:, 1] * sums[:, 3]
        expected = 2 * (squares - sums[:, 2] ** 2)
        # One value throughout leaves the rounding error of equal squares.
        return alpha(sums[:, 0], np.where(expected > _ROUNDING * squares, expected, 0.0), n)

    return gather(features, used.counts, used.incidence), finish


def _ordinal(used: PatternTable) -> tuple[Sample, Finish]:
    """Return sums of [values of each category, coincidences of pairs c < k] and alpha from them.

    The ordinal distance Σ_{g=c..k} n_g − (n_c + n_k) / 2 is the difference of the mid-ranks of c and k, so it
    changes with every resample and the coincidences must be kept apart.
    """
    table = used.anonymous()
    vectors = table.vectors.astype(np.float64)
    categories = vectors.shape[1]
    lower, upper = np.triu_indices(categories, k=1)
    occurs = (vectors.T @ vectors)[lower, upper] > 0
    lower, upper = lower[occurs], upper[occurs]
    coincidence = vectors[:, lower] * vectors[:, upper] / (table.ratings - 1)[:, None]

    def finish(sums: FloatArray) -> FloatArray:
        margins = sums[:, :categories]
        n = margins.sum(axis=1)
        mid_rank = np.cumsum(margins, axis=1) - margins / 2
        observed = 2 * (sums[:, categories:] * (mid_rank[:, lower] - mid_rank[:, upper]) ** 2).sum(axis=1)
        # The mean mid-rank is n / 2; centred, no digits are lost.
        expected = 2 * n * (margins * (mid_rank - n[:, None] / 2) ** 2).sum(axis=1)
        varies = (margins > 0).sum(axis=1) > 1
        return alpha(observed, np.where(varies, expected, 0.0), n)

    return gather(np.hstack([vectors, coincidence]), table.counts, table.incidence), finish


_SUMS = {"nominal": _nominal, "ordinal": _ordinal, "interval": _interval, "ratio": _ratio}


SPEC = Statistic(
    title="Krippendorff's alpha",
    function=krippendorff_alpha,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal", "interval", "ratio"}),
    min_raters=2,
    max_raters=None,
    range=(-1.0, 1.0),
    reference="Hayes & Krippendorff 2007, doi:10.1080/19312450709336664",
    says=(
        "How far readers agree beyond chance on the scale of the question, with missing readings allowed; on ordered "
        "scales large differences weigh more, and a rare answer lowers it even if the readers hardly differ."
    ),
)
