"""Krippendorff's alpha of sets of labels with the Jaccard distance."""

from qc.agreement._bootstrap import Plan
from qc.agreement._sets import jaccard_distance, set_alpha
from qc.agreement.base import Estimate, Statistic
from qc.readings.set_table import SetTable


def jaccard_alpha(reading: SetTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return Krippendorff's alpha with the distance 1 − |A ∩ B| / |A ∪ B| between two sets.

    Parameters
    ----------
    reading : SetTable
        Any number of raters, taken as exchangeable; units with fewer than two sets are dropped. An empty set is an
        answer; two empty sets have the distance 0.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    Estimate
        Undefined with ``no_overlap`` when no unit has two sets, with ``undefined_single_category`` when all sets are
        one. Perfect agreement has no bounds (``zero_variance``).

    References
    ----------
    Passonneau RJ. Measuring agreement on set-valued items (MASI) for semantic and pragmatic annotation. Proc LREC
    2006, 831-836.

    Hayes AF, Krippendorff K. Commun Methods Meas 1:77-89, 2007. doi:10.1080/19312450709336664

    Examples
    --------
    >>> rows = [{"ada": ["a"], "ben": ["a"]}, {"ada": ["a", "b"], "ben": ["b"]}, {"ada": [], "ben": []}]
    >>> round(jaccard_alpha(SetTable.from_rows(rows, labels=["a", "b"])).value, 4)
    0.7826
    """
    return set_alpha(reading, jaccard_distance, Plan(level, seed, replicates))


SPEC = Statistic(
    title="Alpha of sets, Jaccard distance",
    function=jaccard_alpha,
    accepts=SetTable,
    scales=frozenset({"sets"}),
    min_raters=2,
    max_raters=None,
    range=(-1.0, 1.0),
    reference="Hayes & Krippendorff 2007, doi:10.1080/19312450709336664; Passonneau 2006",
    says=(
        "How far readers who may give several labels agree beyond chance, shared labels counting in part; it mixes all "
        "labels, so read it beside the figures of each label."
    ),
)
