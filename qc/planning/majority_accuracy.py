"""How often a majority of independent readers is right."""

from scipy import stats

from qc.planning.base import COUNT, NUMBER, Parameter, Planned, StudyPlan, counted


def majority_accuracy(*, accuracy: float, readers: int) -> Planned:
    """Return the probability that more than half of the readers are right on a yes-or-no question.

    Parameters
    ----------
    accuracy : float
        Probability that one reader is right.
    readers : int
        Readers of each case.

    Returns
    -------
    Planned
        The probability; ``details`` hold that of a tie, which is nobody's to break, and that of a wrong majority.

    References
    ----------
    Condorcet JA. Essai sur l'application de l'analyse à la probabilité des décisions, 1785.
    doi:10.1017/CBO9781139923972

    Examples
    --------
    >>> round(majority_accuracy(accuracy=0.8, readers=3).value, 3)
    0.896
    """
    half = readers // 2
    right = float(stats.binom.sf(half, readers, accuracy))
    tie = float(stats.binom.pmf(half, readers, accuracy)) if readers % 2 == 0 else 0.0
    who = counted(readers, "reader", "readers")
    says = f"A majority of {who} is right in {right:.1%} of cases at most: readers who err together lower it."
    warning = "Holds for readers whose errors are independent; take it as an upper bound."
    details = {"tie": tie, "wrong": max(0.0, 1 - right - tie)}
    return Planned(right, says, details, warnings=(warning,))


SPEC = StudyPlan(
    title="Accuracy of a majority",
    function=majority_accuracy,
    parameters=(
        Parameter("accuracy", NUMBER, "probability that one reader is right", low=-1e-9, high=1 + 1e-9),
        Parameter("readers", COUNT, "readers of each case", low=1, high=10_000),
    ),
    reference="Condorcet 1785, doi:10.1017/CBO9781139923972",
    says="How often a majority is right at best; hard cases mislead all readers alike, so that it is less in practice.",
)
