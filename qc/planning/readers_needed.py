"""Readers whose mean is as reliable as wanted."""

from qc.planning.base import COUNT, NUMBER, Parameter, Planned, StudyPlan, counted, whole


def readers_needed(*, reliability: float, target: float, readers: int) -> Planned:
    """Return m = ρ*(1 − ρ) / (ρ(1 − ρ*)), rounded up.

    Parameters
    ----------
    reliability : float
        Reliability ρ of one reader (an intraclass correlation).
    target : float
        Reliability ρ* that the mean of the readers is to have.
    readers : int
        A number of readers whose mean's reliability is told besides.

    Returns
    -------
    Planned
        Readers; ``details`` hold the unrounded number and the reliability of ``readers`` and of the answer.

    References
    ----------
    Spearman C. Br J Psychol 3:271-295, 1910. doi:10.1111/j.2044-8295.1910.tb00206.x

    Brown W. Br J Psychol 3:296-322, 1910. doi:10.1111/j.2044-8295.1910.tb00207.x

    Examples
    --------
    >>> readers_needed(reliability=0.5, target=0.8, readers=4).value
    4
    """
    exact = target * (1 - reliability) / (reliability * (1 - target))
    n = max(whole(exact), 1)
    says = f"The mean of {counted(n, 'reader', 'readers')} reaches a reliability of {target:g}."
    details = {
        "exact": exact,
        "reached": stepped_up(reliability, n),
        "readers": readers,
        "reliability_of_readers": stepped_up(reliability, readers),
    }
    return Planned(n, says, details)


def stepped_up(reliability: float, readers: int) -> float:
    """Return the reliability of the mean of several readers, mρ / (1 + (m − 1)ρ).

    Parameters
    ----------
    reliability : float
        Of one reader.
    readers : int
        Number m of readers.
    """
    return readers * reliability / (1 + (readers - 1) * reliability)


SPEC = StudyPlan(
    title="Readers for a reliable mean",
    function=readers_needed,
    parameters=(
        Parameter("reliability", NUMBER, "reliability of one reader, an intraclass correlation"),
        Parameter("target", NUMBER, "reliability that the mean is to have", 0.8),
        Parameter("readers", COUNT, "a number of readers whose reliability is told besides", 3, low=1, high=1000),
    ),
    reference="Spearman 1910, doi:10.1111/j.2044-8295.1910.tb00206.x",
    says=(
        "How many readers are to be averaged; readers who share an error are less than so many, and where they differ "
        "in level a study of the sources of variance tells more."
    ),
)
