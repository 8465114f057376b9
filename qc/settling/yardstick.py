"""What controls say of a reader, and audits of what was accepted, in figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from qc.agreement._specific import clopper_pearson
from qc.consensus._soft import wilson
from qc.planning.control_sequence import control_sequence

PASSED, FLAGGED, GOING_ON = "passed", "flagged", "going on"
# An error that is to be caught lies this far below what is required of a reader.
BELOW = 0.15
ALPHA, POWER = 0.05, 0.8
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class TestOfReader:
    """Where a reader's sequential test stands.

    Parameters
    ----------
    verdict : str
        passed, flagged or going on: the first limit that was reached counts, whatever came after.
    total : float
        The sum at that moment.
    decided_after : int or None
        Controls until the limit was reached; None while the test goes on.
    acceptable, bad : float
        Share right that is good enough, and the one that is to be caught.
    """

    verdict: str
    total: float
    decided_after: int | None
    acceptable: float
    bad: float


@dataclass(frozen=True, slots=True)
class ShareRight:
    """How many of a reader's controls were right, with Wilson's bounds; no value without controls."""

    n: int
    n_right: int
    value: float | None
    low: float | None
    high: float | None


def share_right(answers: Sequence[bool]) -> ShareRight:
    """Return the share of right answers with its 95 % bounds.

    Parameters
    ----------
    answers : sequence of bool
        One for each control.

    References
    ----------
    Wilson EB. J Am Stat Assoc 22:209-212, 1927. doi:10.1080/01621459.1927.10502953
    """
    n, n_right = len(answers), sum(answers)
    bounds = wilson(n_right, n)
    if bounds is None:
        return ShareRight(0, 0, None, None, None)
    return ShareRight(n, n_right, n_right / n, *bounds)


def sequence_of(answers: Sequence[bool], required: float) -> TestOfReader:
    """Return where Wald's sequential test of a reader stands.

    Parameters
    ----------
    answers : sequence of bool
        Right or wrong, in the order in which the controls were read.
    required : float
        What is required of a reader, above ``BELOW`` and below 1.

    Raises
    ------
    ValueError
        When nothing lies below what is required.

    References
    ----------
    Wald A. Ann Math Stat 16:117-186, 1945. doi:10.1214/aoms/1177731118
    """
    bad = required - BELOW
    if not 0 < bad < required < 1:
        raise ValueError(f"{required:g} leaves no accuracy below it that could be caught.")
    limits = control_sequence(acceptable=required, bad=bad, alpha=ALPHA, power=POWER).details
    total = 0.0
    for number, is_right in enumerate(answers, start=1):
        total += limits["correct"] if is_right else limits["error"]
        if total <= limits["pass_at"] or total >= limits["flag_at"]:
            verdict = PASSED if total <= limits["pass_at"] else FLAGGED
            return TestOfReader(verdict, total, number, required, bad)
    return TestOfReader(GOING_ON, total, None, required, bad)


def error_bound(n: int, n_wrong: int) -> float | None:
    """Return the greatest share of wrong labels that so many audits leave possible, one-sided 95 %; None without any.

    Parameters
    ----------
    n, n_wrong : int
        Audited, and found wrong among them.

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 26:404-413, 1934. doi:10.1093/biomet/26.4.404

    Examples
    --------
    >>> round(error_bound(100, 0), 3), round(error_bound(200, 3), 3)
    (0.03, 0.038)
    """
    # The upper one of two-sided bounds at 90 % is a one-sided bound at 95 %.
    return clopper_pearson(n_wrong, n, 2 * LEVEL - 1)[1] if n else None
