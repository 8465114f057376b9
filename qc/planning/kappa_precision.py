"""Cases needed to know a kappa to within a margin."""

from statistics import NormalDist

from qc.planning._kappa import cells_of, unit_variance
from qc.planning.base import IMPOSSIBLE, LEVEL, NUMBER, Parameter, Planned, StudyPlan, whole

_NORMAL = NormalDist()
_FEW_POSITIVE = 10


def kappa_precision(*, kappa: float, margin: float, prevalence: float, level: float) -> Planned:
    """Return the cases with which the bounds of kappa lie within ± margin.

    Parameters
    ----------
    kappa : float
        The kappa that is expected.
    margin : float
        Half the width of the bounds.
    prevalence : float
        How often each of the two readers says yes.
    level : float
        Confidence level.

    Returns
    -------
    Planned
        Cases read by both. ``impossible`` where such a kappa cannot occur at this prevalence.

    References
    ----------
    Fleiss JL, Cohen J, Everitt BS. Psychol Bull 72:323-327, 1969. doi:10.1037/h0028106

    Examples
    --------
    >>> kappa_precision(kappa=0.6, margin=0.1, prevalence=0.2, level=0.95).value
    392
    """
    cells = cells_of(kappa, prevalence, prevalence)
    if not cells.is_possible:
        return Planned(None, "Such a kappa cannot occur at this prevalence.", undefined=IMPOSSIBLE)
    exact = (_NORMAL.inv_cdf((1 + level) / 2) / margin) ** 2 * unit_variance(cells)
    n = whole(exact)
    rare = min(prevalence, 1 - prevalence) * n < _FEW_POSITIVE
    warning = "Fewer than ten cases of the rarer answer: bounds of kappa will be unreliable."
    says = f"{n} cases, each read by both, give a kappa of {kappa:g} with bounds within ± {margin:g}."
    return Planned(n, says, {"exact": exact}, warnings=(warning,) if rare else ())


SPEC = StudyPlan(
    title="Cases to know a kappa to a margin",
    function=kappa_precision,
    parameters=(
        Parameter("kappa", NUMBER, "kappa that is expected", low=-1.0),
        Parameter("margin", NUMBER, "half the width of the bounds"),
        Parameter("prevalence", NUMBER, "how often each reader says yes", 0.5),
        LEVEL,
    ),
    reference="Fleiss, Cohen & Everitt 1969, doi:10.1037/h0028106",
    says=(
        "How many cases two readers must read so that their kappa is known to a margin; rare answers need many times "
        "as many, and for very rare ones no bounds of kappa are reliable."
    ),
)
