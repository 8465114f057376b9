"""Control cases needed to catch a reader below a threshold, all judged at once."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from qc.planning.base import ALPHA, IMPOSSIBLE, NUMBER, OUT_OF_REACH, POWER, Parameter, Planned, StudyPlan
from qc.readings.base import FloatArray, IntArray

_MOST = 5_000


@dataclass(frozen=True, slots=True, eq=False)
class ExactTests:
    """The exact binomial test with each number of controls.

    Parameters
    ----------
    most_correct : int64 array (numbers,)
        The reader is flagged with at most so many correct; −1 where nothing flags at this level.
    alpha, power : float64 array (numbers,)
        Probability that an acceptable reader, and that a bad one, is flagged.
    """

    most_correct: IntArray
    alpha: FloatArray
    power: FloatArray


def control_power(*, acceptable: float, bad: float, alpha: float, power: float) -> Planned:
    """Return the fewest controls with which a reader of accuracy ``bad`` is flagged with the given power.

    Parameters
    ----------
    acceptable, bad : float
        Accuracy that is good enough, and the lower one that is to be caught.
    alpha : float
        Probability that an acceptable reader is flagged.
    power : float
        Probability that a bad one is.

    Returns
    -------
    Planned
        Controls. ``details`` hold when to flag, the exact probabilities, and ``n_stable``, from which on no larger
        number falls below the power again (it saws, because the limit is a whole number). ``impossible`` where bad is
        not below acceptable; ``out_of_reach`` beyond 5 000 controls.

    References
    ----------
    Chernick MR, Liu CY. The saw-toothed behavior of power versus sample size and software solutions: single binomial
    proportion using exact methods. Am Stat 56:149-155, 2002. doi:10.1198/000313002317572835

    Examples
    --------
    >>> plan = control_power(acceptable=0.9, bad=0.75, alpha=0.05, power=0.8)
    >>> plan.value, plan.details["flag_if_correct_at_most"], plan.details["n_stable"]
    (40, 32, 44)
    """
    if not bad < acceptable:
        return Planned(None, "The accuracy to be caught lies below the acceptable one.", undefined=IMPOSSIBLE)
    tests = exact_tests(np.arange(1, _MOST + 1), acceptable, bad, alpha)
    reaches = tests.power >= power
    if not reaches[-1]:
        return Planned(None, f"More than {_MOST} controls.", undefined=OUT_OF_REACH)
    place = int(np.argmax(reaches))
    failing = np.flatnonzero(~reaches)
    most = int(tests.most_correct[place])
    details = {
        "flag_if_correct_at_most": most,
        "alpha": float(tests.alpha[place]),
        "power": float(tests.power[place]),
        "n_stable": int(failing[-1]) + 2 if len(failing) else 1,
    }
    return Planned(place + 1, f"{place + 1} controls; flag the reader with {most} or fewer correct.", details)


def exact_tests(controls: IntArray, acceptable: float, bad: float, alpha: float) -> ExactTests:
    """Return the most powerful exact tests that flag an acceptable reader with at most ``alpha``.

    Parameters
    ----------
    controls : int64 array (numbers,)
        Numbers of control cases.
    acceptable, bad : float
        Accuracies.
    alpha : float
        Probability that an acceptable reader may be flagged.
    """
    limit = stats.binom.ppf(alpha, controls, acceptable).astype(np.int64)
    limit -= stats.binom.cdf(limit, controls, acceptable) > alpha
    return ExactTests(limit, stats.binom.cdf(limit, controls, acceptable), stats.binom.cdf(limit, controls, bad))


SPEC = StudyPlan(
    title="Controls to catch a reader",
    function=control_power,
    parameters=(
        Parameter("acceptable", NUMBER, "accuracy that is good enough", 0.9),
        Parameter("bad", NUMBER, "accuracy that is to be caught"),
        ALPHA,
        POWER,
    ),
    reference="Chernick & Liu 2002, doi:10.1198/000313002317572835",
    says=(
        "How many control cases a reader must be given before one below the threshold is caught, all judged at once; "
        "judged one by one about half as many are enough."
    ),
)
