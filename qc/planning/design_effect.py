"""How many independent cases several cases of each patient are worth."""

from qc.planning.base import COUNT, NUMBER, Parameter, Planned, StudyPlan


def design_effect(*, units: int, per_patient: float, icc: float) -> Planned:
    """Return n / (1 + (m − 1) ICC).

    Parameters
    ----------
    units : int
        Number n of units (lesions, slices, eyes).
    per_patient : float
        Mean number m of units of a patient.
    icc : float
        Correlation of units of one patient.

    Returns
    -------
    Planned
        The number of independent units that carry as much information; ``details`` hold the design effect, by which a
        number of cases that was planned for independent units is multiplied.

    References
    ----------
    Kish L. Survey Sampling, 1965. ISBN 978-0-471-10949-5

    Donner A, Klar N. Design and Analysis of Cluster Randomization Trials in Health Research, 2000.
    ISBN 978-0-340-69153-3

    Examples
    --------
    >>> design_effect(units=300, per_patient=6, icc=0.3).value
    120.0
    """
    effect = 1 + (per_patient - 1) * icc
    effective = units / effect
    says = f"{units} units are worth {effective:.1f} independent ones."
    return Planned(effective, says, {"design_effect": effect})


SPEC = StudyPlan(
    title="Several units of a patient",
    function=design_effect,
    parameters=(
        Parameter("units", COUNT, "number of units", low=1, high=1_000_000_000),
        Parameter("per_patient", NUMBER, "mean number of units of a patient", low=1 - 1e-9, high=1_000_000),
        Parameter("icc", NUMBER, "correlation of units of one patient", low=-1e-9, high=1 + 1e-9),
    ),
    reference="Kish 1965, ISBN 978-0-471-10949-5",
    says=(
        "How many independent cases the units of few patients are worth; patients with very different numbers of units "
        "make it less still."
    ),
)
