"""Scott's pi: agreement of two raters beyond what their pooled habits would give by chance."""

import numpy as np

from qc.agreement._bootstrap import BCA, Plan, gather
from qc.agreement._kernel import estimate, pairable_facts, ratio
from qc.agreement._two_raters import choices
from qc.agreement.base import NO_VARIATION, Estimate, Statistic
from qc.readings.base import FloatArray, ReadingError
from qc.readings.pattern_table import PatternTable


def scott_pi(
    reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000, interval: str = BCA
) -> Estimate:
    """Return (p_o − p_e) / (1 − p_e) with p_e = Σ ((p_k· + p_·k) / 2)².

    Parameters
    ----------
    reading : PatternTable
        Two raters; units that only one of them rated are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).
    interval : str
        ``bca``, ``linearised`` or ``linearised_arctanh``.

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit was rated by both, with ``undefined_single_category``
        when both used one and the same category only. Perfect agreement has no bounds (``zero_variance``).

    References
    ----------
    Scott WA. Reliability of content analysis: the case of nominal scale coding. Public Opin Q 19:321-325, 1955.
    doi:10.1086/266577

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [0, 1], [1, 1]], raters=["ada", "ben"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> round(scott_pi(table).value, 4)
    0.4667
    """
    if len(reading.raters) > 2:
        raise ReadingError("two-raters", f"Scott's pi compares two raters, not {len(reading.raters)}; select two.")
    used = reading.rated(2)
    first, second = choices(used)
    features = np.hstack([(first * second).sum(axis=1, keepdims=True), first + second])
    sample = gather(features, used.counts, used.incidence)
    facts = pairable_facts(reading, used, "not rated by both")
    return estimate(sample, _pi, facts, Plan(level, seed, replicates, interval), NO_VARIATION)


def _pi(sums: FloatArray) -> FloatArray:
    """Return pi from [agreeing units, ratings of each category]."""
    twice_n = sums[:, 1:].sum(axis=1)
    by_chance = (sums[:, 1:] ** 2).sum(axis=1)
    return ratio(2 * twice_n * sums[:, 0] - by_chance, twice_n**2 - by_chance)


SPEC = Statistic(
    title="Scott's pi",
    function=scott_pi,
    accepts=PatternTable,
    scales=frozenset({"nominal"}),
    min_raters=2,
    max_raters=2,
    range=(-1.0, 1.0),
    reference="Scott 1955, doi:10.1086/266577",
    says=(
        "Agreement of two readers beyond chance, as if both used each answer equally often; a reader who says yes more "
        "often than the other lowers it, and so does a rare answer."
    ),
)
