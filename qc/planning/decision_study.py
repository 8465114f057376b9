"""Readers needed, from the variance of cases, readers and error: a decision study."""

from qc.planning.base import COUNT, NUMBER, OUT_OF_REACH, Parameter, Planned, StudyPlan, counted

_LARGE = 1e12


def decision_study(*, cases: float, readers: float, residual: float, target: float, most: int) -> Planned:
    """Return the readers with which the absolute coefficient Φ reaches the target; G is told beside it.

    G(m) = σ²_c/(σ²_c + σ²_e/m) counts the order of the cases only; Φ(m) = σ²_c/(σ²_c + (σ²_r + σ²_e)/m) also that
    readers differ in level.

    Parameters
    ----------
    cases, readers, residual : float
        Variance σ²_c between cases, σ²_r between readers, σ²_e of the rest.
    target : float
        Coefficient to be reached.
    most : int
        The greatest number of readers that is looked at.

    Returns
    -------
    Planned
        Readers for Φ. ``details`` hold the readers for G (None where out of reach) and both curves up to ``most``.
        ``out_of_reach`` where no number up to ``most`` suffices.

    References
    ----------
    Brennan RL. Generalizability Theory, 2001. doi:10.1007/978-1-4757-3456-0

    Examples
    --------
    >>> plan = decision_study(cases=2.5556, readers=5.2444, residual=1.0194, target=0.8, most=12)
    >>> plan.value, plan.details["readers_relative"]
    (10, 2)
    """
    numbers = range(1, most + 1)
    relative = [cases / (cases + residual / number) for number in numbers]
    absolute = [cases / (cases + (readers + residual) / number) for number in numbers]
    needed, relative_needed = _first(absolute, target), _first(relative, target)
    details = {"readers_relative": relative_needed, "relative": relative, "absolute": absolute}
    if needed is None:
        return Planned(None, f"Not even {most} readers reach {target:g}.", details, OUT_OF_REACH)
    says = f"The mean of {counted(needed, 'reader', 'readers')} reaches an absolute coefficient of {target:g}."
    by_level = relative_needed is not None and relative_needed < needed
    warning = "Readers differ in level: training them helps more than adding readers."
    return Planned(needed, says, details, warnings=(warning,) if by_level else ())


def _first(curve: list[float], target: float) -> int | None:
    """Return the first number of readers, from 1, that reaches the target."""
    return next((number for number, value in enumerate(curve, start=1) if value >= target), None)


SPEC = StudyPlan(
    title="Readers from the sources of variance",
    function=decision_study,
    parameters=(
        Parameter("cases", NUMBER, "variance between cases", high=_LARGE),
        Parameter("readers", NUMBER, "variance between readers", low=-1e-9, high=_LARGE),
        Parameter("residual", NUMBER, "variance of the rest", low=-1e-9, high=_LARGE),
        Parameter("target", NUMBER, "coefficient to be reached", 0.8),
        Parameter("most", COUNT, "greatest number of readers that is looked at", 12, low=1, high=1000),
    ),
    reference="Brennan 2001, doi:10.1007/978-1-4757-3456-0",
    says=(
        "How many readers are to be averaged, and whether they disagree in level or at random; variances from few "
        "readers are uncertain, the one between readers above all."
    ),
)
