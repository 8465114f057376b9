"""Cases needed to know an intraclass correlation to within a width."""

from statistics import NormalDist

from qc.planning.base import COUNT, LEVEL, NUMBER, Parameter, Planned, StudyPlan, whole

# Two readers and a high correlation need a correction (Bonett 2002, p. 1334).
_HIGH = 0.7


def icc_precision(*, icc: float, readers: int, width: float, level: float) -> Planned:
    """Return 8 z² (1 − ρ)² (1 + (k − 1)ρ)² / (k(k − 1) w²) + 1 cases, plus 5ρ for two readers and ρ ≥ .7.

    Parameters
    ----------
    icc : float
        The correlation ρ that is expected.
    readers : int
        Readers k of each case.
    width : float
        Whole width w of the bounds.
    level : float
        Confidence level.

    Returns
    -------
    Planned
        Cases read by all.

    References
    ----------
    Bonett DG. Sample size requirements for estimating intraclass correlations with desired precision.
    Stat Med 21:1331-1335, 2002. doi:10.1002/sim.1108

    Examples
    --------
    >>> icc_precision(icc=0.85, readers=4, width=0.2, level=0.95).value
    20
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    spread = (1 - icc) * (1 + (readers - 1) * icc)
    exact = 8 * z**2 * spread**2 / (readers * (readers - 1) * width**2) + 1
    if readers == 2 and icc >= _HIGH:
        exact += 5 * icc
    n = whole(exact)
    says = f"{n} cases, each measured by {readers} readers, give a correlation of {icc:g} with bounds {width:g} wide."
    return Planned(n, says, {"exact": exact})


SPEC = StudyPlan(
    title="Cases to know an intraclass correlation to a width",
    function=icc_precision,
    parameters=(
        Parameter("icc", NUMBER, "intraclass correlation that is expected", low=-1.0),
        Parameter("readers", COUNT, "readers of each case", low=2, high=1000),
        Parameter("width", NUMBER, "whole width of the bounds", 0.2, high=2.0),
        LEVEL,
    ),
    reference="Bonett 2002, doi:10.1002/sim.1108",
    says=(
        "How many cases must be measured so that the intraclass correlation is known to a width; an approximation for "
        "normal measurements, which a few extreme cases upset."
    ),
)
