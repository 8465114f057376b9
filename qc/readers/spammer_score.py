"""Spammer score: how much a reader's answers tell about the truth, right or systematically wrong."""

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import Facts, estimate, ratio
from qc.agreement.base import CLUSTERING_UNKNOWN, NO_VARIATION, Estimate
from qc.readers.base import ReaderStatistic
from qc.readings.base import FloatArray
from qc.readings.scored import ScoredTable


def spammer_score(reading: ScoredTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000) -> Estimate:
    """Return Σ_{c<c'} Σ_k (A_ck − A_c'k)² / (K(K − 1)) for the rows A of the confusion matrix as shares.

    0 for answers that do not depend on the truth (one answer always, or guessing), 1 for answers that tell it exactly,
    also where they are consistently swapped.

    Parameters
    ----------
    reading : ScoredTable
        One reader beside the reference.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    Estimate
        K counts the references that occurred; undefined with ``undefined_single_category`` when fewer than two did,
        with ``no_overlap`` without units. From few units it is too high: chance differences between rows count as
        knowledge.

    References
    ----------
    Raykar VC, Yu S. Eliminating spammers and ranking annotators for crowdsourced labeling tasks.
    J Mach Learn Res 13:491-518, 2012. https://jmlr.org/papers/v13/raykar12a.html

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = ScoredTable.from_codes([1, 1, 1, 1], [0, 0, 1, 1], scale=Scale("nominal", ("no", "yes")))
    >>> spammer_score(table).value
    0.0
    """
    size = len(reading.scale.codes)
    cells = np.zeros((len(reading.pairs), size * size))
    cells[np.arange(len(cells)), reading.pairs[:, 0] * size + reading.pairs[:, 1]] = 1.0
    sample = gather(cells, reading.counts, reading.incidence)
    lost = reading.n_undetermined
    unknown = (CLUSTERING_UNKNOWN,) if reading.incidence is None else ()
    facts = Facts(reading.n_units, 1 if reading.n_units else 0, lost, "without a reference" if lost else "", unknown)

    def finish(sums: FloatArray) -> FloatArray:
        return score_of(sums.reshape(-1, size, size))

    return estimate(sample, finish, facts, Plan(level, seed, replicates), NO_VARIATION)


def score_of(confusions: FloatArray) -> FloatArray:
    """Return the score of each confusion matrix, NaN where fewer than two rows have units.

    Parameters
    ----------
    confusions : float64 array (matrices, categories, categories)
        Counts or shares; rows are references.
    """
    totals = confusions.sum(axis=2)
    met = totals > 0
    rows = np.where(met[:, :, None], confusions, 0.0) / np.where(met, totals, 1.0)[:, :, None]
    k = met.sum(axis=1).astype(np.float64)
    # Σ over pairs of squared distances = k Σ |A_c|² − |Σ A_c|²; rows without units are 0 and add nothing.
    spread = k * (rows**2).sum(axis=(1, 2)) - (rows.sum(axis=1) ** 2).sum(axis=1)
    return np.clip(ratio(spread, k * (k - 1)), 0.0, 1.0)


SPEC = ReaderStatistic(
    title="Spammer score",
    function=spammer_score,
    accepts=ScoredTable,
    scales=frozenset({"nominal", "ordinal"}),
    reference="Raykar & Yu 2012, https://jmlr.org/papers/v13/raykar12a.html",
    says=(
        "How much the reader's answers tell about the truth, 0 for one answer always or guessing; it does not tell "
        "right from consistently swapped, and from few cases it is too high."
    ),
)
