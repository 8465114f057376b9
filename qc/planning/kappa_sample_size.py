"""Cases needed to test a kappa of two readers."""

import math
from statistics import NormalDist

from qc.planning._kappa import cells_of, unit_variance
from qc.planning.base import ALPHA, FLAG, IMPOSSIBLE, NUMBER, NUMBERS, POWER, Parameter, Planned, StudyPlan, whole

_NORMAL = NormalDist()


def kappa_sample_size(
    *, kappa0: float, kappa1: float, rates: tuple[float, ...], alpha: float, power: float, two_sided: bool
) -> Planned:
    """Return the cases that tell kappa1 from kappa0 with the given power.

    Parameters
    ----------
    kappa0, kappa1 : float
        Kappa of the null hypothesis, and the kappa that is expected.
    rates : tuple of float
        How often the readers say yes: one number for both, or two.
    alpha, power : float
        Probability of a false and of a right rejection.
    two_sided : bool
        Whether deviations in both directions count.

    Returns
    -------
    Planned
        Cases read by both. ``impossible`` where kappas are equal, or where no pair of readers with these rates can
        have such a kappa.

    References
    ----------
    Cantor AB. Sample-size calculations for Cohen's kappa. Psychol Methods 1:150-153, 1996.
    doi:10.1037/1082-989X.1.2.150

    Examples
    --------
    >>> kappa_sample_size(kappa0=0.85, kappa1=0.7, rates=(0.5,), alpha=0.05, power=0.8, two_sided=False).value
    96
    """
    rate1, rate2 = (rates[0], rates[-1])
    null, expected = cells_of(kappa0, rate1, rate2), cells_of(kappa1, rate1, rate2)
    possible = null.is_possible and expected.is_possible and len(rates) <= 2 and 0 < rate1 < 1 and 0 < rate2 < 1
    if kappa0 == kappa1 or not possible:
        says = "No two readers with these rates have such kappas, or the kappas are equal."
        return Planned(None, says, undefined=IMPOSSIBLE)
    tail = alpha / 2 if two_sided else alpha
    under_null = -_NORMAL.inv_cdf(tail) * math.sqrt(unit_variance(null))
    under_expected = _NORMAL.inv_cdf(power) * math.sqrt(unit_variance(expected))
    exact = ((under_null + under_expected) / (kappa1 - kappa0)) ** 2
    n = whole(exact)
    says = f"{n} cases, each read by both, tell a kappa of {kappa1:g} from {kappa0:g} with power {power:g}."
    return Planned(n, says, {"exact": exact})


SPEC = StudyPlan(
    title="Cases to test a kappa",
    function=kappa_sample_size,
    parameters=(
        Parameter("kappa0", NUMBER, "kappa of the null hypothesis", low=-1.0),
        Parameter("kappa1", NUMBER, "kappa that is expected", low=-1.0),
        Parameter("rates", NUMBERS, "how often the readers say yes, one number for both or two", (0.5,)),
        ALPHA,
        POWER,
        Parameter("two_sided", FLAG, "whether deviations in both directions count", default=False),
    ),
    reference="Cantor 1996, doi:10.1037/1082-989X.1.2.150",
    says=(
        "How many cases two readers must read so that a kappa differs from a given one; the normal approximation is "
        "rough below some 30 cases or for rare answers."
    ),
)
