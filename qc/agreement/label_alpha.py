"""Krippendorff's alpha of each label of a set: given or not given."""

import numpy as np

from qc.agreement._alpha import with_distance
from qc.agreement._bootstrap import Plan
from qc.agreement._kernel import estimate, pairable_facts
from qc.agreement.base import NO_VARIATION, Estimate, Statistic
from qc.readings.set_table import SetTable


def label_alpha(
    reading: SetTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return the nominal alpha of each declared label, taken as given or not given.

    Parameters
    ----------
    reading : SetTable
        Any number of raters, taken as exchangeable; units with fewer than two sets are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    dict of str to Estimate
        By label. Undefined with ``no_overlap`` when no unit has two sets, with ``undefined_single_category`` where the
        label was never or always given. Perfect agreement has no bounds (``zero_variance``).

    References
    ----------
    Hayes AF, Krippendorff K. Answering the call for a standard reliability measure for coding data.
    Commun Methods Meas 1:77-89, 2007. doi:10.1080/19312450709336664

    Examples
    --------
    >>> rows = [{"ada": ["a"], "ben": ["a"]}, {"ada": ["a", "b"], "ben": ["b"]}, {"ada": [], "ben": []}]
    >>> label_alpha(SetTable.from_rows(rows, labels=["a", "b"]))["b"].value
    1.0
    """
    found = {}
    for label in reading.labels:
        table = reading.label(label)
        used = table.rated(2)
        sample, finish = with_distance(used.anonymous(), 1 - np.eye(2))
        facts = pairable_facts(table, used, "fewer than two sets")
        found[label] = estimate(sample, finish, facts, Plan(level, seed, replicates), NO_VARIATION)
    return found


SPEC = Statistic(
    title="Krippendorff's alpha of each label",
    function=label_alpha,
    accepts=SetTable,
    scales=frozenset({"sets"}),
    min_raters=2,
    max_raters=None,
    range=(-1.0, 1.0),
    reference="Hayes & Krippendorff 2007, doi:10.1080/19312450709336664",
    says=(
        "On which labels readers agree beyond chance whether they are present; a rare label has a low and uncertain "
        "value, so read it beside its specific agreement."
    ),
    parts=True,
)
