"""Specific agreement: for each answer, how often another reader gives it when one does."""

from qc.agreement._bootstrap import Plan
from qc.agreement._specific import specific_agreements
from qc.agreement.base import Estimate, Statistic
from qc.readings.pattern_table import PatternTable


def specific_agreement(
    reading: PatternTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return Σ n_ik (n_ik − 1) / Σ n_ik (n_i − 1) for each declared category k.

    For two raters and two categories these are positive and negative agreement, 2a / (2a + b + c) and
    2d / (2d + b + c); of binary masks, positive agreement is Dice.

    Parameters
    ----------
    reading : PatternTable
        Any number of raters, missing ratings allowed; units with fewer than two ratings are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    dict of str to Estimate
        By code. Undefined with ``no_overlap`` where nobody used the category on a pairable unit. A category used
        on fewer than ten units raises ``rare_category_ci_unreliable`` and, with two ratings a unit, has exact
        binomial bounds.

    References
    ----------
    Cicchetti DV, Feinstein AR. High agreement but low kappa: II. Resolving the paradoxes.
    J Clin Epidemiol 43:551-558, 1990. doi:10.1016/0895-4356(90)90159-M

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [0, 1], [1, 1]], raters=["ada", "ben"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> specific_agreement(table)["yes"].value
    0.8
    """
    codes = reading.scale.codes
    found = specific_agreements(reading, range(len(codes)), Plan(level, seed, replicates))
    return dict(zip(codes, found, strict=True))


SPEC = Statistic(
    title="Specific agreement",
    function=specific_agreement,
    accepts=PatternTable,
    scales=frozenset({"nominal", "ordinal"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Cicchetti & Feinstein 1990, doi:10.1016/0895-4356(90)90159-M",
    says=(
        "When one reader gives this answer, how often another gives it too; it keeps a rare finding apart from the "
        "common answer that hides it, and does not subtract chance."
    ),
    parts=True,
)
