"""Whether one reader outlines too much or too little."""

from dataclasses import replace

import numpy as np
from scipy import stats

from qc.agreement.base import TOO_FEW, ZERO_VARIANCE, Estimate
from qc.readers._mean import MeanOf, mean_estimate, mean_of
from qc.readers.base import ReaderStatistic, Significance, no_test
from qc.readings.scored import ScoredNumbers

_METHOD = "t test of the mean log ratio against 0"
_WHY = "of volume 0 on either side, which have no ratio"


def volume_bias(reading: ScoredNumbers, *, level: float = 0.95) -> dict[str, Estimate | Significance]:
    """Return the mean log ratio and the mean relative difference of one reader's sizes to the reference's.

    Parameters
    ----------
    reading : ScoredNumbers
        Volumes, areas or lengths, each above 0; units with 0 on either side are dropped and counted.
    level : float
        Confidence level.

    Returns
    -------
    dict of str to Estimate or Significance
        ``log_ratio``: mean of ln(measured/reference), symmetric in over- and under-segmentation;
        ``relative_difference``: mean of (measured − reference)/reference, which weighs over-segmentation more;
        ``test``: whether the mean log ratio is 0. Bounds from t with the standard error over patients.
        Undefined with ``too_few_items``; without spread no bounds (``zero_variance``).

    References
    ----------
    Taha AA, Hanbury A. Metrics for evaluating 3D medical image segmentation. BMC Med Imaging 15:29, 2015.
    doi:10.1186/s12880-015-0068-x

    Examples
    --------
    >>> reading = ScoredNumbers(np.array([10.0, 12.0, 8.0, 20.0]), np.array([11.0, 11.0, 10.0, 19.0]), "mm³")
    >>> round(volume_bias(reading)["log_ratio"].value, 4)
    -0.045
    """
    used = (reading.measured > 0) & (reading.reference > 0)
    measured, reference = reading.measured[used], reading.reference[used]
    clusters = None
    if reading.clusters is not None:
        clusters = tuple(name for name, has in zip(reading.clusters, used.tolist(), strict=True) if has)
    dropped = reading.n_units - len(measured)
    logs = np.log(measured / reference)
    why = f"{dropped} {_WHY}" if dropped else ""
    log_ratio = mean_estimate(logs, clusters, level)
    relative = mean_estimate((measured - reference) / reference, clusters, level)
    test = _test(mean_of(logs, clusters) if len(logs) else None, len(logs))
    return {
        "log_ratio": replace(log_ratio, n_dropped=dropped, dropped_why=why),
        "relative_difference": replace(relative, n_dropped=dropped, dropped_why=why),
        "test": replace(test, n_dropped=dropped, dropped_why=why, warnings=log_ratio.warnings),
    }


def _test(found: MeanOf | None, n_units: int) -> Significance:
    """Return the t test of a mean against 0."""
    if found is None or found.error is None:
        return no_test(_METHOD, n_units, TOO_FEW)
    if found.error == 0:
        return no_test(_METHOD, n_units, ZERO_VARIANCE)
    t = found.value / found.error
    degrees = found.n_clusters - 1
    p = float(2 * stats.t.sf(abs(t), degrees))
    return Significance(t, p, degrees, _METHOD, n_units)


SPEC = ReaderStatistic(
    title="Bias of volume",
    function=volume_bias,
    accepts=ScoredNumbers,
    scales=frozenset({"ratio"}),
    reference="Taha & Hanbury 2015, doi:10.1186/s12880-015-0068-x",
    says=(
        "Whether the reader outlines more (above 0) or less than the reference, small and large things alike; a mean "
        "near 0 may hide errors in both directions, so read it beside the overlap."
    ),
    parts=True,
)
