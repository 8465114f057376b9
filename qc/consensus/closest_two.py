"""The two numbers that lie closest together, and their mean."""

import math
from collections.abc import Mapping
from itertools import pairwise

from qc.consensus.base import INSUFFICIENT, SETTLED, TIE, Consensus, Method

_EQUAL = 1e-9


def closest_two(numbers: Mapping[str, float], *, minimum: int = 2) -> Consensus:
    """Settle on the mean of the two most concordant numbers.

    Worse than the median for equal readers: the variance of the result is 0.64 σ² against 0.45 σ² (median of three)
    and 0.33 σ² (mean), and the chosen pair looks 2.5 times closer than two readers are. It is offered because
    clinics use it, and says so in its details.

    Parameters
    ----------
    numbers : mapping of str to float
        Rater to number, all in the question's unit.
    minimum : int
        Fewest numbers that may settle anything; a pair needs two whatever it says.

    Returns
    -------
    Consensus
        ``settled`` with the mean of the pair; ``tie`` when two pairs with different means lie equally close
        together; ``insufficient`` below ``minimum`` or two. ``details`` name the pair and its distance.

    Raises
    ------
    ValueError
        A number is not finite, or ``minimum`` is less than 1.

    References
    ----------
    Lieblein J. Properties of certain statistics involving the closest pair in a sample of three observations.
    J Res Natl Bur Stand 48:255-268, 1952. doi:10.6028/jres.048.033

    Examples
    --------
    >>> closest_two({"a": 4.0, "b": 4.5, "c": 9.0}).value
    4.25
    """
    if minimum < 1:
        raise ValueError("minimum must be at least 1.")
    if not all(math.isfinite(number) for number in numbers.values()):
        raise ValueError("Every number must be finite.")
    raters, parameters = tuple(sorted(numbers)), {"minimum": minimum}
    ordered = sorted((float(number), rater) for rater, number in numbers.items())
    if len(ordered) < max(2, minimum):
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters)
    pairs = list(pairwise(ordered))
    least = min(high[0] - low[0] for low, high in pairs)
    slack = _EQUAL * max(1.0, abs(ordered[0][0]), abs(ordered[-1][0]))
    closest = [(low, high) for low, high in pairs if high[0] - low[0] <= least + slack]
    means = [(low[0] + high[0]) / 2 for low, high in closest]
    details = {
        "distance": least,
        "n_closest_pairs": len(closest),
        "understates_spread": len(ordered) > 2,
        "spread": ordered[-1][0] - ordered[0][0],
    }
    if max(means) - min(means) > slack:
        return Consensus(TIE, None, None, {}, raters, parameters, details)
    pair = sorted({rater for ends in closest for _, rater in ends})
    return Consensus(SETTLED, means[0], None, {}, raters, parameters, {**details, "pair": pair})


SPEC = Method(
    title="Mean of the closest two",
    function=closest_two,
    takes="numbers",
    reference="Lieblein 1952, doi:10.6028/jres.048.033",
)
