"""Whether one reader grades higher or lower than the reference."""

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import Facts, estimates, ratio
from qc.agreement.base import CLUSTERING_UNKNOWN, TOO_FEW, Estimate
from qc.readers.base import ReaderStatistic
from qc.readings.base import FloatArray
from qc.readings.scored import ScoredTable

PARTS = ("mean", "over", "under")


def grade_bias(
    reading: ScoredTable, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return the mean signed difference in levels, answer − reference, and the shares graded above and below.

    Parameters
    ----------
    reading : ScoredTable
        One reader beside the reference, on an ordered scale; levels of a numeric scale count as its numbers.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    dict of str to Estimate
        ``mean`` in levels, positive for grade inflation; ``over`` and ``under`` as shares of units. Without units
        undefined; without any difference there are no bounds (``zero_variance``).

    References
    ----------
    Efron B. J Am Stat Assoc 82:171-185, 1987. doi:10.1080/01621459.1987.10478410

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = ScoredTable.from_codes([1, 2, 2, 0], [0, 1, 2, 0], scale=Scale("ordinal", ("1", "2", "3")))
    >>> grade_bias(table)["mean"].value
    0.5
    """
    values = reading.scale.values
    apart = values[reading.pairs[:, 1]] - values[reading.pairs[:, 0]]
    features = np.column_stack([np.ones(len(apart)), apart, apart > 0, apart < 0]).astype(np.float64)
    sample = gather(features, reading.counts, reading.incidence)
    lost = reading.n_undetermined
    unknown = (CLUSTERING_UNKNOWN,) if reading.incidence is None else ()
    facts = Facts(reading.n_units, 1 if reading.n_units else 0, lost, "without a reference" if lost else "", unknown)

    def finish(sums: FloatArray) -> FloatArray:
        return np.column_stack([ratio(sums[:, part], sums[:, 0]) for part in (1, 2, 3)])

    found = estimates(sample, finish, facts, Plan(level, seed, replicates), [TOO_FEW] * 3)
    return dict(zip(PARTS, found, strict=True))


SPEC = ReaderStatistic(
    title="Bias of grade",
    function=grade_bias,
    accepts=ScoredTable,
    scales=frozenset({"ordinal", "interval", "ratio"}),
    reference="Efron 1987, doi:10.1080/01621459.1987.10478410",
    says=(
        "Whether the reader grades higher (above 0) or lower than the reference; levels count as equally far apart, "
        "and cases at the ends of the scale can err in one direction only."
    ),
    parts=True,
)
