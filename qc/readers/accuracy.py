"""Accuracy of one reader against a reference: sensitivity, specificity, predictive values and what follows."""

from collections.abc import Mapping

import numpy as np

from qc.agreement._bootstrap import Plan, gather
from qc.agreement._kernel import Facts, estimates, ratio
from qc.agreement.base import CLUSTERING_UNKNOWN, DEGENERATE, NO_VARIATION, Estimate, named
from qc.readers._share import WILSON, ShareOf, share
from qc.readers.base import ReaderStatistic
from qc.readings.base import FloatArray
from qc.readings.scored import ScoredTable

SHARES = ("sensitivity", "specificity", "ppv", "npv")
ACCURACY = "accuracy"
COMBINED = ("balanced_accuracy", "youden", "f1", "mcc", "lr_positive", "lr_negative")


def accuracy(
    reading: ScoredTable,
    *,
    level: float = 0.95,
    seed: int = 0,
    replicates: int = 2000,
    interval: str = WILSON,
    positive: str | None = None,
) -> Mapping[str, Estimate]:
    """Return how often the reader is right, over all units and for each answer against the rest.

    Parameters
    ----------
    reading : ScoredTable
        One reader beside the reference.
    level : float
        Confidence level.
    seed : int
        Seed of the bootstrap of the combined measures.
    replicates : int
        Resamples of patients (of units where no patient is known).
    interval : str
        Bounds of the shares: ``wilson``; ``clopper_pearson`` where a gate must hold; ``jeffreys``,
        ``agresti_coull``. Where patients have several units all are taken at the effective sample size
        p(1 − p)/var, with the variance of a ratio of sums over patients.
    positive : str or None
        The positive answer; None takes each answer in turn, its parts named ``sensitivity:code``.

    Returns
    -------
    mapping from str to Estimate
        ``accuracy``; and sensitivity, specificity, ppv, npv, balanced_accuracy, youden (J), f1, mcc, lr_positive and
        lr_negative. A share of nothing is undefined with ``too_few_items``; a combined measure whose denominator is 0
        with ``undefined_single_category``, a likelihood ratio over 0 with ``degenerate``.

    References
    ----------
    Altman DG, Bland JM. Diagnostic tests 1: sensitivity and specificity. BMJ 308:1552, 1994.
    doi:10.1136/bmj.308.6943.1552

    Matthews BW. Biochim Biophys Acta 405:442-451, 1975. doi:10.1016/0005-2795(75)90109-9

    Youden WJ. Index for rating diagnostic tests. Cancer 3:32-35, 1950.
    doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3

    Examples
    --------
    >>> from qc.readings.scale import Scale
    >>> table = ScoredTable.from_codes([0, 1, 1, 1], [0, 0, 1, 1], scale=Scale("nominal", ("no", "yes")))
    >>> accuracy(table, positive="yes")["specificity"].value
    0.5
    """
    codes = reading.scale.codes
    if positive is not None and positive not in codes:
        raise ValueError(f"{positive!r} is not a code of the scale.")
    plan = Plan(level, seed, replicates)
    right = reading.pairs[:, 0] == reading.pairs[:, 1]
    everything = np.ones(len(right), dtype=np.bool_)
    found = {ACCURACY: share(reading, ShareOf(everything, right, ""), level, interval)}
    for place, code in enumerate(codes):
        if positive in (None, code):
            suffix = "" if positive else code
            parts = {**_shares(reading, place, level, interval), **_combined(reading, place, plan)}
            found.update({named(name, suffix): one for name, one in parts.items()})
    return found


def _shares(reading: ScoredTable, place: int, level: float, interval: str) -> dict[str, Estimate]:
    """Return the four shares of one answer against the rest."""
    truth, said = reading.pairs[:, 0] == place, reading.pairs[:, 1] == place
    parts = {
        "sensitivity": ShareOf(truth, said, "of another reference"),
        "specificity": ShareOf(~truth, ~said, "of this reference"),
        "ppv": ShareOf(said, truth, "not called so"),
        "npv": ShareOf(~said, ~truth, "called so"),
    }
    return {name: share(reading, of, level, interval) for name, of in parts.items()}


def _combined(reading: ScoredTable, place: int, plan: Plan) -> dict[str, Estimate]:
    """Return the measures of all four cells of one answer against the rest."""
    truth, said = reading.pairs[:, 0] == place, reading.pairs[:, 1] == place
    cells = np.column_stack([truth & said, truth & ~said, ~truth & said, ~truth & ~said]).astype(np.float64)
    sample = gather(cells, reading.counts, reading.incidence)
    lost = reading.n_undetermined
    unknown = (CLUSTERING_UNKNOWN,) if reading.incidence is None else ()
    facts = Facts(reading.n_units, 1 if reading.n_units else 0, lost, "without a reference" if lost else "", unknown)
    reasons = [NO_VARIATION] * 4 + [DEGENERATE] * 2
    return dict(zip(COMBINED, estimates(sample, _measures, facts, plan, reasons), strict=True))


def _measures(sums: FloatArray) -> FloatArray:
    """Return COMBINED (replicates, 6) from [true positives, false negatives, false positives, true negatives]."""
    tp, fn, fp, tn = sums.T
    sensitivity, specificity = ratio(tp, tp + fn), ratio(tn, tn + fp)
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return np.column_stack(
        [
            (sensitivity + specificity) / 2,
            sensitivity + specificity - 1,
            ratio(2 * tp, 2 * tp + fp + fn),
            ratio(tp * tn - fp * fn, np.sqrt(product)),
            ratio(sensitivity, 1 - specificity),
            ratio(1 - sensitivity, specificity),
        ]
    )


SPEC = ReaderStatistic(
    title="Accuracy against the reference",
    function=accuracy,
    accepts=ScoredTable,
    scales=frozenset({"nominal", "ordinal"}),
    reference="Altman & Bland 1994, doi:10.1136/bmj.308.6943.1552; Newcombe 1998",
    says=(
        "How often the reader finds what is there and leaves what is not; predictive values hold at the share of "
        "positive cases in this set only, and few positive cases make sensitivity uncertain, whatever its value."
    ),
    parts=True,
)
