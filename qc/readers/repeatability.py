"""Each reader against himself: the same cases read twice, answers that are categories."""

from qc.agreement.base import Estimate, named
from qc.agreement.cohen_kappa import cohen_kappa
from qc.agreement.percent import percent_agreement
from qc.agreement.weighted_kappa import weighted_kappa
from qc.readers.base import ReaderStatistic
from qc.readings.strata import Strata

AGREEMENT, KAPPA = "agreement", "kappa"


def repeatability(
    reading: Strata, *, level: float = 0.95, seed: int = 0, replicates: int = 2000
) -> dict[str, Estimate]:
    """Return raw agreement and kappa between each reader's first and second look.

    Parameters
    ----------
    reading : Strata
        Reader to the reading of his two looks at the same cases, months apart and unannounced.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap.
    replicates : int
        Resamples of patients (of units where no patient is known).

    Returns
    -------
    dict of str to Estimate
        ``agreement:reader`` and ``kappa:reader``; kappa is Cohen's on a nominal scale, else quadratic.
        Undefined as the agreement of two readers is.

    References
    ----------
    Cohen J. Educ Psychol Meas 20:37-46, 1960. doi:10.1177/001316446002000104

    Examples
    --------
    >>> from qc.readings.pattern_table import PatternTable
    >>> from qc.readings.scale import Scale
    >>> looks = PatternTable.from_codes(
    ...     [[0, 0], [1, 1], [0, 1], [1, 1]], raters=["first", "second"], scale=Scale("nominal", ("no", "yes"))
    ... )
    >>> repeatability(Strata({"ada": looks}))["kappa:ada"].value
    0.5
    """
    found = {}
    for reader, looks in reading.tables.items():
        kappa = cohen_kappa if looks.scale.kind == "nominal" else weighted_kappa
        found[named(AGREEMENT, reader)] = percent_agreement(looks, level=level, seed=seed, replicates=replicates)
        found[named(KAPPA, reader)] = kappa(looks, level=level, seed=seed, replicates=replicates)
    return found


SPEC = ReaderStatistic(
    title="Agreement with oneself",
    function=repeatability,
    accepts=Strata,
    scales=frozenset({"nominal", "ordinal"}),
    reference="Cohen 1960, doi:10.1177/001316446002000104",
    says=(
        "How far a reader agrees with the own earlier look at the same cases; two readers cannot be expected to agree "
        "more than each does with himself, and cases that are remembered make it too high."
    ),
    parts=True,
)
