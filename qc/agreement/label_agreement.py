"""Specific agreement of each label of a set: how often another rater gives it when one does."""

from qc.agreement._bootstrap import Plan
from qc.agreement._specific import specific_agreements
from qc.agreement.base import Estimate, Statistic
from qc.readings.set_table import SetTable

_GIVEN = 1


def label_agreement(
    reading: SetTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return Σ n_i (n_i − 1) / Σ n_i (m_i − 1), n_i of the m_i raters of a unit having given the label.

    Parameters
    ----------
    reading : SetTable
        Any number of raters; units with fewer than two sets are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    dict of str to Estimate
        By label. Undefined with ``no_overlap`` where nobody gave the label. A label given on fewer than ten units
        raises ``rare_category_ci_unreliable`` and, with two sets a unit, has exact binomial bounds.

    References
    ----------
    Cicchetti DV, Feinstein AR. High agreement but low kappa: II. Resolving the paradoxes.
    J Clin Epidemiol 43:551-558, 1990. doi:10.1016/0895-4356(90)90159-M

    Examples
    --------
    >>> rows = [{"ada": ["a"], "ben": ["a"]}, {"ada": ["a", "b"], "ben": ["b"]}, {"ada": [], "ben": []}]
    >>> round(label_agreement(SetTable.from_rows(rows, labels=["a", "b"]))["a"].value, 4)
    0.6667
    """
    plan = Plan(level, seed, replicates)
    return {label: specific_agreements(reading.label(label), [_GIVEN], plan)[0] for label in reading.labels}


SPEC = Statistic(
    title="Specific agreement of each label",
    function=label_agreement,
    accepts=SetTable,
    scales=frozenset({"sets"}),
    min_raters=2,
    max_raters=None,
    range=(0.0, 1.0),
    reference="Cicchetti & Feinstein 1990, doi:10.1016/0895-4356(90)90159-M",
    says=(
        "When one reader gives this label, how often another gives it too; it does not subtract what they would share "
        "by chance."
    ),
    parts=True,
)
