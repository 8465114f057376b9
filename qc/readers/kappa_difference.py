"""Agreement on the same cases before and after a change, and the difference with its bounds."""

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import estimates, pairable_facts, ratio
from qc.agreement._weights import IDENTITY, QUADRATIC, agreement_weights
from qc.agreement.base import NO_VARIATION, Estimate
from qc.readers.base import ReaderStatistic
from qc.readings.base import AnyArray, FloatArray
from qc.readings.paired import Paired
from qc.readings.pattern_table import MISSING

PARTS = (
    "kappa_before",
    "kappa_after",
    "kappa_difference",
    "agreement_before",
    "agreement_after",
    "agreement_difference",
)
_ROUNDING = 1e-12


def kappa_difference(
    reading: Paired, *, level: float = 0.95, seed: int = 0, replicates: int = 2000, weights: str | None = None
) -> dict[str, Estimate]:
    """Return kappa and raw agreement of both sides, and after − before, all from the same resamples of patients.

    The two kappas rest on the same cases, so that the z of independent standard errors would be wrong. With two readers
    a side kappa is Cohen's, with more it is Conger's, the mean over pairs of readers with each pair's own margins.

    Parameters
    ----------
    reading : Paired
        The same units read by the readers of both sides; units that a reader of either side did not read are dropped.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).
    weights : str or None
        Partial agreement: identity, linear, quadratic …; None takes identity for nominal scales, else quadratic.

    Returns
    -------
    dict of str to Estimate
        Parts PARTS. A kappa is undefined with ``undefined_single_category`` where its side used one category only, and
        then the difference too; everything with ``no_overlap`` where no unit was read by all.

    References
    ----------
    Vanbelle S, Albert A. A bootstrap method for comparing correlated kappa coefficients.
    J Stat Comput Simul 78:1009-1015, 2008. doi:10.1080/00949650701410249

    Conger AJ. Integration and generalization of kappas for multiple raters. Psychol Bull 88:322-328, 1980.
    doi:10.1037/0033-2909.88.2.322

    Examples
    --------
    >>> from qc.readings.pattern_table import PatternTable
    >>> from qc.readings.scale import Scale
    >>> table = PatternTable.from_codes(
    ...     [[0, 0, 0, 0], [1, 1, 1, 1], [0, 1, 1, 1], [1, 1, 1, 1]],
    ...     raters=["ada", "ben", "ada+AI", "ben+AI"], scale=Scale("nominal", ("no", "yes")),
    ... )
    >>> kappa_difference(Paired(table, ("ada", "ben"), ("ada+AI", "ben+AI")))["kappa_difference"].value
    0.5
    """
    scale = reading.table.scale
    matrix = agreement_weights(weights or (IDENTITY if scale.kind == "nominal" else QUADRATIC), len(scale.codes))
    both = reading.table.select(sorted({*reading.before, *reading.after}))
    used = both.complete()
    sides = []
    for names in (reading.before, reading.after):
        columns = [used.raters.index(name) for name in names]
        sides.append(side_features(used.patterns[:, columns], matrix))
    width = sides[0].shape[1]
    sample = gather(np.hstack(sides), used.counts, used.incidence)
    facts = pairable_facts(both, used, "not read by every reader of both sides")

    def finish(sums: FloatArray) -> FloatArray:
        before, after = side_values(sums[:, :width], matrix), side_values(sums[:, width:], matrix)
        kappas = [before[:, 0], after[:, 0], after[:, 0] - before[:, 0]]
        return np.column_stack([*kappas, before[:, 1], after[:, 1], after[:, 1] - before[:, 1]])

    found = estimates(sample, finish, facts, Plan(level, seed, replicates), [NO_VARIATION] * len(PARTS))
    return dict(zip(PARTS, found, strict=True))


def side_features(patterns: AnyArray, weights: FloatArray) -> FloatArray:
    """Return [1, mean agreement of pairs, choices of each reader …] of each pattern (patterns, 2 + readers · codes)."""
    codes = np.arange(len(weights))
    n_readers = patterns.shape[1]
    chosen = (np.where(patterns == MISSING, -1, patterns)[:, :, None] == codes).astype(np.float64)
    together = chosen.sum(axis=1)
    # Σ over ordered pairs of different readers: everybody with everybody, less each with himself.
    agreeing = ((together @ weights) * together).sum(axis=1) - n_readers
    share = agreeing / (n_readers * (n_readers - 1))
    return np.column_stack([np.ones(len(patterns)), share, chosen.reshape(len(patterns), n_readers * len(codes))])


def side_values(sums: FloatArray, weights: FloatArray) -> FloatArray:
    """Return [kappa, agreement] (replicates, 2) from sums of ``side_features``."""
    n = sums[:, 0]
    margins = sums[:, 2:].reshape(len(sums), -1, len(weights))
    n_readers = margins.shape[1]
    together = margins.sum(axis=1)
    of_one = ((margins @ weights) * margins).sum(axis=(1, 2))
    chance = (((together @ weights) * together).sum(axis=1) - of_one) / (n_readers * (n_readers - 1))
    room = n**2 - chance
    kappa = ratio(n * sums[:, 1] - chance, np.where(room > _ROUNDING * n**2, room, 0.0))
    return np.column_stack([kappa, ratio(sums[:, 1], n)])


SPEC = ReaderStatistic(
    title="Change of agreement",
    function=kappa_difference,
    accepts=Paired,
    scales=frozenset({"nominal", "ordinal"}),
    reference="Vanbelle & Albert 2008, doi:10.1080/00949650701410249",
    says=(
        "How much agreement on the same cases changed, for example with a second reader's hint; readers who follow the "
        "same hint agree more without being right more often, so read it beside accuracy."
    ),
    parts=True,
)
