"""Cases needed to test a kappa by the goodness of fit of the counts."""

from statistics import NormalDist

from qc.planning.base import ALPHA, IMPOSSIBLE, NUMBER, POWER, Parameter, Planned, StudyPlan, whole

_NORMAL = NormalDist()


def kappa_goodness_of_fit(*, kappa0: float, kappa1: float, prevalence: float, alpha: float, power: float) -> Planned:
    """Return the cases n = (z_{α/2} + z_β)² / Σ (P1 − P0)²/P0 over "both yes", "they differ", "both no".

    Parameters
    ----------
    kappa0, kappa1 : float
        Kappa of the null hypothesis, and the kappa that is expected.
    prevalence : float
        How often each of the two readers says yes.
    alpha, power : float
        Probability of a false (two-sided) and of a right rejection.

    Returns
    -------
    Planned
        Cases read by both. ``impossible`` where kappas are equal or a cell would be empty or negative.

    References
    ----------
    Donner A, Eliasziw M. A goodness-of-fit approach to inference procedures for the kappa statistic.
    Stat Med 11:1511-1519, 1992. doi:10.1002/sim.4780111109

    Examples
    --------
    >>> kappa_goodness_of_fit(kappa0=0.4, kappa1=0.6, prevalence=0.3, alpha=0.05, power=0.8).value
    191
    """
    null, expected = _shares(kappa0, prevalence), _shares(kappa1, prevalence)
    if kappa0 == kappa1 or min(null) <= 0 or min(expected) < 0:
        says = "The kappas are equal, or cannot occur at this prevalence."
        return Planned(None, says, undefined=IMPOSSIBLE)
    distance = sum((one - other) ** 2 / other for one, other in zip(expected, null, strict=True))
    exact = (_NORMAL.inv_cdf(1 - alpha / 2) + _NORMAL.inv_cdf(power)) ** 2 / distance
    n = whole(exact)
    says = f"{n} cases, each read by both, tell a kappa of {kappa1:g} from {kappa0:g} with power {power:g}."
    return Planned(n, says, {"exact": exact})


def _shares(kappa: float, rate: float) -> tuple[float, float, float]:
    """Return the probabilities of both yes, of different answers, of both no."""
    apart = rate * (1 - rate) * (1 - kappa)
    return rate - apart, 2 * apart, 1 - rate - apart


SPEC = StudyPlan(
    title="Cases to test a kappa, both readers alike",
    function=kappa_goodness_of_fit,
    parameters=(
        Parameter("kappa0", NUMBER, "kappa of the null hypothesis", low=-1.0),
        Parameter("kappa1", NUMBER, "kappa that is expected", low=-1.0),
        Parameter("prevalence", NUMBER, "how often each reader says yes"),
        ALPHA,
        POWER,
    ),
    reference="Donner & Eliasziw 1992, doi:10.1002/sim.4780111109",
    says=(
        "How many cases two readers who say yes equally often must read so that a kappa differs from a given one; it "
        "holds in smaller sets than the normal approximation, and not for readers with different habits."
    ),
)
