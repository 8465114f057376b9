"""Cases needed to test an intraclass correlation."""

import math
from statistics import NormalDist

from scipy import stats

from qc.planning.base import ALPHA, COUNT, IMPOSSIBLE, NUMBER, OUT_OF_REACH, POWER, Parameter, Planned, StudyPlan, whole

_NORMAL = NormalDist()
_MOST = 100_000


def icc_power(*, icc0: float, icc1: float, readers: int, alpha: float, power: float) -> Planned:
    """Return the cases with which the F test of ICC(1) > icc0 has the power at icc1, exactly.

    Parameters
    ----------
    icc0, icc1 : float
        Correlation of the null hypothesis, and the greater one that is expected.
    readers : int
        Readers of each case.
    alpha, power : float
        Probability of a false (one-sided) and of a right rejection.

    Returns
    -------
    Planned
        Cases read by all. ``details.approximate`` holds the closed formula of Walter 1998, which is close and has no
        search. ``impossible`` where icc1 is not above icc0; ``out_of_reach`` beyond 100 000 cases.

    References
    ----------
    Walter SD, Eliasziw M, Donner A. Sample size and optimal designs for reliability studies. Stat Med 17:101-110, 1998.
    doi:10.1002/(SICI)1097-0258(19980115)17:1<101::AID-SIM727>3.0.CO;2-E

    Examples
    --------
    >>> icc_power(icc0=0.6, icc1=0.8, readers=2, alpha=0.05, power=0.8).value
    39
    """
    if not icc1 > icc0:
        return Planned(None, "The expected correlation lies above the tested one.", undefined=IMPOSSIBLE)
    odds0, odds1 = icc0 / (1 - icc0), icc1 / (1 - icc1)
    quotient = (1 + readers * odds0) / (1 + readers * odds1)
    z = _NORMAL.inv_cdf(1 - alpha) + _NORMAL.inv_cdf(power)
    approximate = 1 + 2 * z**2 * readers / (math.log(quotient) ** 2 * (readers - 1))
    if exact_power(_MOST, readers, quotient, alpha) < power:
        return Planned(None, f"More than {_MOST} cases.", {"approximate": approximate}, OUT_OF_REACH)
    low, high = 1, _MOST
    while high - low > 1:
        middle = (low + high) // 2
        if exact_power(middle, readers, quotient, alpha) >= power:
            high = middle
        else:
            low = middle
    says = f"{high} cases, each measured by {readers} readers, tell a correlation of {icc1:g} from {icc0:g}."
    details = {"approximate": approximate, "n_approximate": whole(approximate)}
    return Planned(high, says, {**details, "power": exact_power(high, readers, quotient, alpha)})


def exact_power(cases: int, readers: int, quotient: float, alpha: float) -> float:
    """Return the power of the F test with ``cases`` − 1 and ``cases`` · (``readers`` − 1) degrees of freedom.

    Parameters
    ----------
    cases, readers : int
        Two or more of each.
    quotient : float
        Expected ratio of mean squares under the null hypothesis over the one that is expected.
    alpha : float
        Probability of a false rejection.
    """
    freedom = (cases - 1, cases * (readers - 1))
    return float(stats.f.sf(stats.f.isf(alpha, *freedom) * quotient, *freedom))


SPEC = StudyPlan(
    title="Cases to test an intraclass correlation",
    function=icc_power,
    parameters=(
        Parameter("icc0", NUMBER, "correlation of the null hypothesis", low=-1e-9),
        Parameter("icc1", NUMBER, "correlation that is expected"),
        Parameter("readers", COUNT, "readers of each case", low=2, high=1000),
        ALPHA,
        POWER,
    ),
    reference="Walter, Eliasziw & Donner 1998, doi:10.1002/(SICI)1097-0258(19980115)17:1<101::AID-SIM727>3.0.CO;2-E",
    says=(
        "How many cases must be measured so that the intraclass correlation lies above a given one; exact for normal "
        "measurements and readers taken at random for each case."
    ),
)
