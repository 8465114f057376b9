"""What every consensus method shares: the outcome and the specification."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# Outcomes. Only SETTLED carries a value: a tie has none, anywhere.
SETTLED = "settled"
TIE = "tie"
NO_MAJORITY = "no_majority"
INSUFFICIENT = "insufficient"
DEGENERATE = "degenerate"


@dataclass(frozen=True, slots=True)
class Consensus:
    """What a method computed from the reads of one unit.

    Parameters
    ----------
    outcome : str
        One of this module's outcomes.
    value : object
        For votes the winning code (str); for masks a bool array (z, y, x); None unless settled.
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
        from rater to a bool array (z, y, x), all of one shape. For ``takes == "numbers"``: a mapping
        from rater to float. Returns Consensus.
    takes : str
        codes, masks or numbers.
    reference : str
        Author, year and DOI.
    wants_spacing : bool
        The function takes ``spacing_mm`` along the axes of the masks.
    """

    title: str
    function: Callable[..., Consensus]
    takes: str
    reference: str
    wants_spacing: bool = False
