"""Cohen's kappa: agreement of two raters beyond what their own habits would give by chance."""

import numpy as np

from qc.agreement._bootstrap import BCA, Plan
from qc.agreement._two_raters import standard_errors, two_rater_kappa
from qc.agreement.base import Estimate, Statistic
from qc.readings.pattern_table import PatternTable


def cohen_kappa(
    reading: PatternTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    interval: str = BCA,
) -> Estimate:
    """Return (p_o − p_e) / (1 − p_e) with p_e from the margins of the two raters.

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
        ``bca``, or ``fleiss_cohen_everitt`` for the large-sample bounds with the non-null standard error,
        which take units for independent.

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit was rated by both, with ``undefined_single_category``
        when both used one and the same category only (p_e = 1). Perfect agreement has no bounds
        (``zero_variance``).

    References
    ----------
    Cohen J. A coefficient of agreement for nominal scales. Educ Psychol Meas 20:37-46, 1960.
    doi:10.1177/001316446002000104

    Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa.
    Psychol Bull 72:323-327, 1969. doi:10.1037/h0028106

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [0, 1], [1, 1]], raters=["ada", "ben"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> cohen_kappa(table).value
    0.5
    """
    identity = np.eye(len(reading.scale.codes))
    return two_rater_kappa(reading, identity, Plan(level, seed, replicates), interval)


def standard_error(reading: PatternTable) -> float:
    """Return the non-null large-sample standard error of Fleiss, Cohen & Everitt 1969.

    Parameters
    ----------
    reading : PatternTable
        Two raters whose kappa is defined.
    """
    return standard_errors(reading, np.eye(len(reading.scale.codes)))[0]


SPEC = Statistic(
    title="Cohen's kappa",
    function=cohen_kappa,
    accepts=PatternTable,
    scales=frozenset({"nominal"}),
    min_raters=2,
    max_raters=2,
    range=(-1.0, 1.0),
    reference="Cohen 1960, doi:10.1177/001316446002000104",
    says=(
        "How far two readers agree beyond chance, given how often each uses each answer; it falls when one answer "
        "is rare even if the readers hardly differ, so read it beside percent agreement and prevalence."
    ),
    fixed_panel=True,
)
