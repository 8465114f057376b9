"""What every consensus method shares: the outcome and the specification."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qc.readings.base import FloatArray

# Outcomes. Only SETTLED carries a value: a tie has none, anywhere.
SETTLED = "settled"
TIE = "tie"
NO_MAJORITY = "no_majority"
INSUFFICIENT = "insufficient"
DEGENERATE = "degenerate"

# What a method looks at: the reads of one unit, or those of a whole project at once.
CASE_SCOPE = "case"
PROJECT_SCOPE = "project"

# A class of which a reader met less than this many units teaches nothing about the reader.
_MET = 1e-9


@dataclass(frozen=True, slots=True)
class Consensus:
    """What a method computed from the reads of one unit.

    Parameters
    ----------
    outcome : str
        One of this module's outcomes.
    value : object
        For votes the winning code (str); for masks a bool array (z, y, x), Runs or PackedMask as the masks came; for
        label maps a uint8 array (z, y, x) or LabelRuns, 255 where no label leads; None unless settled.
    support : float or None
        Share of those who rated that the value rests on, or the mean posterior, as the method says.
    votes : mapping
        Code to number of readers, for votes; empty for masks.
    raters : tuple of str
        Who took part, sorted.
    parameters : mapping
        Everything needed to compute it again (domain, prior, tolerance …).
    details : mapping
        What the method learned (sensitivities, disputed voxels …), plain JSON values.
    iterations : int
        Iterations used; 0 for direct methods.
    converged : bool
        False when an iterative method stopped at its cap.
    """

    outcome: str
    value: Any
    support: float | None
    votes: Mapping[str, int]
    raters: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    iterations: int = 0
    converged: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class ProjectConsensus:
    """What a method learned from all reads of one question together.

    Parameters
    ----------
    method : str
        Name in the catalogue.
    raters : tuple of str
        Readers, sorted; columns that repeat one reader are one.
    codes : tuple of str
        The declared scale.
    posterior : float64 array (patterns, codes)
        Probability of each code for each pattern of the table, rows adding up to 1; a unit that nobody
        rated has the prevalence. No rows when ``undefined``.
    prevalence : float64 array (codes,)
        Share of the units that are of each code.
    confusion : mapping from rater to float64 array (codes, codes)
        Probability that the reader says the column when the row is true.
    support : mapping from rater to float64 array (codes,)
        Expected number of the reader's ratings in units of each code; where it is 0 the row of ``confusion``
        is the prior and is not shown.
    log_likelihood : float or None
        Natural logarithm of the probability of all reads, the prior left out.
    iterations : int
        Iterations used.
    converged : bool
        False when the method stopped at its cap.
    flags : tuple of str
        Cautions that must be shown beside the result, sorted.
    parameters : mapping
        Everything needed to compute it again.
    details : mapping
        What else the method learned (skills, difficulty …), plain JSON values.
    undefined : str or None
        A reason of ``qc.agreement.base`` when nothing could be learned.
    """

    method: str
    raters: tuple[str, ...]
    codes: tuple[str, ...]
    posterior: FloatArray
    prevalence: FloatArray
    confusion: Mapping[str, FloatArray]
    support: Mapping[str, FloatArray]
    log_likelihood: float | None
    iterations: int
    converged: bool
    flags: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    undefined: str | None = None

    def accuracy(self, rater: str) -> float | None:
        """Return the probability that the reader is right about a random unit; None when never learned."""
        met = self.support[rater] > _MET
        if not met.any() or float(self.prevalence[met].sum()) <= 0:
            return None
        weight = self.prevalence[met] / self.prevalence[met].sum()
        return float(weight @ self.confusion[rater].diagonal()[met])

    def rows(self, rater: str) -> tuple[tuple[float, ...] | None, ...]:
        """Return the reader's confusion by true code; None for a code that the reader never met."""
        met = self.support[rater] > _MET
        matrix = self.confusion[rater].tolist()
        return tuple(tuple(row) if has else None for row, has in zip(matrix, met.tolist(), strict=True))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "method": self.method,
            "raters": list(self.raters),
            "codes": list(self.codes),
            "posterior": self.posterior.tolist(),
            "prevalence": self.prevalence.tolist(),
            "confusion": {rater: [row and list(row) for row in self.rows(rater)] for rater in self.confusion},
            "support": {rater: values.tolist() for rater, values in self.support.items()},
            "log_likelihood": self.log_likelihood,
            "iterations": self.iterations,
            "converged": self.converged,
            "flags": list(self.flags),
            "parameters": dict(self.parameters),
            "details": dict(self.details),
            "undefined": self.undefined,
        }


@dataclass(frozen=True, slots=True)
class Method:
    """The catalogue entry of a consensus method.

    Parameters
    ----------
    title : str
        Name for people.
    function : callable
        For ``takes == "codes"``: ``function(codes, **parameters)`` with ``codes`` a mapping from rater
        to code. For ``takes == "masks"``: ``function(masks, **parameters)`` with ``masks`` a mapping
        from rater to a bool array (z, y, x), Runs or PackedMask, all of one shape and layout; ``Cropped`` where they
        were cut from an image. For ``takes == "label_maps"`` likewise uint8 arrays or LabelRuns.
        For ``takes == "numbers"``: a mapping
        from rater to float. Returns Consensus. With ``scope == "project"``: ``function(table,
        **parameters)`` with a PatternTable returns ProjectConsensus; for numbers the rows of all units.
    takes : str
        codes, masks, label_maps, numbers, sets, points, boxes, intervals or rankings.
    reference : str
        Author, year and DOI.
    wants_spacing : bool
        The function takes ``spacing_mm`` along the axes of the masks.
    scope : str
        ``case`` settles one unit from its own reads; ``project`` learns from all units together.
    """

    title: str
    function: Callable[..., Any]
    takes: str
    reference: str
    wants_spacing: bool = False
    scope: str = CASE_SCOPE
