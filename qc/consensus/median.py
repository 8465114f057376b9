"""Median of numbers: the middle one, or the mean of the middle two."""

import math
from collections.abc import Mapping
from statistics import median as middle

from qc.consensus.base import INSUFFICIENT, SETTLED, Consensus, Method


def median(numbers: Mapping[str, float], *, minimum: int = 2) -> Consensus:
    """Settle on the median of the raters' numbers.

    Parameters
    ----------
    numbers : mapping of str to float
        Rater to number, all in the question's unit; a rater who did not rate is absent.
    minimum : int
        Fewest numbers that may settle anything.

    Returns
    -------
    Consensus
        ``settled`` with the middle number (odd) or the mean of the middle two (even), without support;
        ``details`` hold lowest, highest and spread in the same unit. ``insufficient`` below ``minimum``.

    Raises
    ------
    ValueError
        A number is not finite, or ``minimum`` is less than 1.

    References
    ----------
    Huber PJ, Ronchetti EM (2009), Robust Statistics, 2nd ed., doi:10.1002/9780470434697 (the median breaks
    down only when half of the values are wrong).

    Examples
    --------
    >>> median({"a": 4.0, "b": 5.0, "c": 9.0}).value
    5.0
    >>> median({"a": 4.0, "b": 5.0}).value
    4.5
    """
    if minimum < 1:
        raise ValueError("minimum must be at least 1.")
    values = sorted(float(number) for number in numbers.values())
    if not all(math.isfinite(value) for value in values):
        raise ValueError("Every number must be finite.")
    raters = tuple(sorted(numbers))
    parameters = {"minimum": minimum}
    if len(values) < minimum or not values:
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters)
    details = {"lowest": values[0], "highest": values[-1], "spread": values[-1] - values[0]}
    return Consensus(SETTLED, middle(values), None, {}, raters, parameters, details)


SPEC = Method(
    title="Median",
    function=median,
    takes="numbers",
    reference="Huber & Ronchetti 2009, doi:10.1002/9780470434697",
)
