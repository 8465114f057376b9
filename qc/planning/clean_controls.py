"""Control cases without any error that exclude an error rate."""

import math

from qc.planning.base import LEVEL, NUMBER, Parameter, Planned, StudyPlan, whole


def clean_controls(*, rate: float, level: float) -> Planned:
    """Return the controls, all correct, after which the error rate lies below ``rate``.

    Parameters
    ----------
    rate : float
        Rate of errors that is to be excluded.
    level : float
        One-sided confidence level.

    Returns
    -------
    Planned
        Controls ln(1 − level)/ln(1 − rate), rounded up; ``details`` hold the bound that this number gives, exactly
        and by the rule of three.

    References
    ----------
    Hanley JA, Lippman-Hand A. If nothing goes wrong, is everything all right? Interpreting zero numerators.
    JAMA 249:1743-1745, 1983. doi:10.1001/jama.1983.03330370053031

    Examples
    --------
    >>> clean_controls(rate=0.05, level=0.95).value
    59
    """
    n = max(whole(math.log(1 - level) / math.log(1 - rate)), 1)
    bound = upper_bound(n, level)
    says = f"After {n} controls without an error the error rate lies below {rate:g}."
    return Planned(n, says, {"upper": bound, "rule_of_three": 3 / n})


def upper_bound(controls: int, level: float) -> float:
    """Return the exact one-sided bound of the error rate after controls without an error, 1 − (1 − level)^(1/n).

    Parameters
    ----------
    controls : int
        Number n of controls, 1 or more.
    level : float
        Confidence level.
    """
    return 1 - math.pow(1 - level, 1 / controls)


SPEC = StudyPlan(
    title="Controls without an error",
    function=clean_controls,
    parameters=(Parameter("rate", NUMBER, "rate of errors that is to be excluded"), LEVEL),
    reference="Hanley & Lippman-Hand 1983, doi:10.1001/jama.1983.03330370053031",
    says=(
        "How many control cases without an error exclude an error rate; the controls must be as hard as the work is, "
        "or they exclude nothing."
    ),
)
