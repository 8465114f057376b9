"""Weighted kappa: agreement of two raters beyond chance where near misses count in part."""

from qc.agreement._bootstrap import BCA, Plan
from qc.agreement._two_raters import two_rater_kappa
from qc.agreement._weights import QUADRATIC, Weights, resolved
from qc.agreement.base import Estimate, Statistic
from qc.readings.pattern_table import PatternTable


def weighted_kappa(
    reading: PatternTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    weights: Weights = QUADRATIC,
    interval: str = BCA,
) -> Estimate:
    """Return (p_o − p_e) / (1 − p_e) with p_o = Σ w_ij p_ij and p_e = Σ w_ij p_i· p_·j.

    Parameters
    ----------
    reading : PatternTable
        Two raters; units that only one of them rated are dropped. The weights run over the declared
        levels, used or not.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).
    weights : str or float array (categories, categories)
        ``quadratic``, ``linear``, or a matrix of agreement: symmetric, from 0 to 1, 1 on the diagonal.
    interval : str
        ``bca``, or ``fleiss_cohen_everitt`` for the large-sample bounds with the non-null standard error,
        which take units for independent.

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit was rated by both, with ``undefined_single_category``
        when both used one and the same level only. Perfect agreement has no bounds (``zero_variance``).

    References
    ----------
    Cohen J. Weighted kappa: nominal scale agreement with provision for scaled disagreement or partial credit.
    Psychol Bull 70:213-220, 1968. doi:10.1037/h0026256

    Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa.
    Psychol Bull 72:323-327, 1969. doi:10.1037/h0028106

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 2], [2, 2], [1, 0]], raters=["ada", "ben"], scale=Scale("ordinal", ("low", "mid", "high"))
    ... )
    >>> round(weighted_kappa(table).value, 4)
    0.6667
    """
    return two_rater_kappa(reading, resolved(weights, reading.scale), Plan(level, seed, replicates), interval)


SPEC = Statistic(
    title="Weighted kappa (quadratic)",
    function=weighted_kappa,
    accepts=PatternTable,
    scales=frozenset({"ordinal"}),
    min_raters=2,
    max_raters=2,
    # Custom weights can make chance agreement so high that one deviation goes below −1.
    range=(-1.0, 1.0),
    reference="Cohen 1968, doi:10.1037/h0026256",
    says=(
        "How far two readers agree beyond chance on ordered levels, large differences weighing more; it depends on how "
        "many levels are in use, so read it beside the shares of equal and of neighbouring answers."
    ),
    fixed_panel=True,
)
