"""Krippendorff's alpha: one minus observed over expected disagreement, on the scale of the question."""

import numpy as np

from qc.agreement._bootstrap import Finish, Plan, gather
from qc.agreement._kernel import estimate, pairable_facts, ratio
from qc.agreement.base import NO_VARIATION, Estimate, Statistic
from qc.readings.base import FloatArray
from qc.readings.count_table import CountTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale


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
    table = used.anonymous()
    scale = reading.scale
    features, finish = _ordinal(table) if scale.kind == "ordinal" else _with_distance(table, squared_distance(scale))
    sample = gather(features, table.counts, table.incidence)
    facts = pairable_facts(reading, used, "fewer than two ratings")
    return estimate(sample, finish, facts, Plan(level, seed, replicates), NO_VARIATION)


def squared_distance(scale: Scale) -> FloatArray:
    """Return δ² between the codes of a nominal, interval or ratio scale (categories, categories).

    Ratio: ((c − k) / (c + k))², with 0 between 0 and 0.
    """
    if scale.kind == "nominal":
        return 1 - np.eye(len(scale.codes))
    values = scale.values
    difference = values[:, None] - values[None, :]
    if scale.kind == "interval":
        return np.asarray(difference**2)
    total = values[:, None] + values[None, :]
    relative = np.zeros_like(difference)
    np.divide(difference, total, out=relative, where=total > 0)
    return np.asarray(relative**2)


def _with_distance(table: CountTable, distance: FloatArray) -> tuple[FloatArray, Finish]:
    """Return features [disagreement of the unit, values of each category] and alpha from their sums."""
    vectors = table.vectors.astype(np.float64)
    disagreement = (vectors * (vectors @ distance)).sum(axis=1) / (table.ratings - 1)

    def finish(sums: FloatArray) -> FloatArray:
        margins = sums[:, 1:]
        expected = (margins * (margins @ distance)).sum(axis=1)
        return _alpha(sums[:, 0], expected, margins)

    return np.column_stack([disagreement, vectors]), finish


def _ordinal(table: CountTable) -> tuple[FloatArray, Finish]:
    """Return features [values of each category, coincidences of pairs c < k] and alpha from their sums.

    The ordinal distance Σ_{g=c..k} n_g − (n_c + n_k) / 2 is the difference of the mid-ranks of c and k, so it
    changes with every resample and the coincidences must be kept apart.
    """
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
        return _alpha(observed, expected, margins)

    return np.hstack([vectors, coincidence]), finish


def _alpha(observed: FloatArray, expected: FloatArray, margins: FloatArray) -> FloatArray:
    """Return 1 − (n − 1) · observed / expected; undefined where fewer than two categories occur."""
    n = margins.sum(axis=1)
    varies = (margins > 0).sum(axis=1) > 1
    return 1 - ratio((n - 1) * observed, np.where(varies, expected, 0.0))


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
