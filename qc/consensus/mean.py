"""Mean of numbers."""

import math
from collections.abc import Mapping
from statistics import fmean, stdev

from qc.consensus.base import INSUFFICIENT, SETTLED, Consensus, Method


def mean(numbers: Mapping[str, float], *, minimum: int = 2) -> Consensus:
    """Settle on the arithmetic mean of the raters' numbers.

    Parameters
    ----------
    numbers : mapping of str to float
        Rater to number, all in the question's unit; a rater who did not rate is absent.
    minimum : int
        Fewest numbers that may settle anything.

    Returns
    -------
    Consensus
        ``settled`` without support; ``details`` hold lowest, highest, spread and, from two numbers on, the standard
        deviation and the standard error of the mean, all in the same unit. ``insufficient`` below ``minimum``.

    Raises
    ------
    ValueError
        A number is not finite, or ``minimum`` is less than 1.

    References
    ----------
    Bland JM, Altman DG. Statistical methods for assessing agreement. Lancet 327:307-310, 1986.
    doi:10.1016/S0140-6736(86)90837-8

    Examples
    --------
    >>> mean({"a": 4.0, "b": 5.0, "c": 9.0}).value
    6.0
    """
    if minimum < 1:
        raise ValueError("minimum must be at least 1.")
    values = sorted(float(number) for number in numbers.values())
    if not all(math.isfinite(value) for value in values):
        raise ValueError("Every number must be finite.")
    raters, parameters = tuple(sorted(numbers)), {"minimum": minimum}
    if len(values) < minimum or not values:
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters)
    details = {"lowest": values[0], "highest": values[-1], "spread": values[-1] - values[0]}
    if len(values) > 1:
        deviation = stdev(values)
        details |= {"standard_deviation": deviation, "standard_error": deviation / math.sqrt(len(values))}
    return Consensus(SETTLED, fmean(values), None, {}, raters, parameters, details)


SPEC = Method(
    title="Mean",
    function=mean,
    takes="numbers",
    reference="Bland & Altman 1986, doi:10.1016/S0140-6736(86)90837-8",
)
