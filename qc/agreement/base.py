"""What every agreement statistic shares: the estimate and the specification."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

# Reasons for which a statistic or its interval does not exist (statistics.md, G3). Never NaN, 0 or 1.
NO_VARIATION = "undefined_single_category"
ZERO_VARIANCE = "zero_variance"
TOO_FEW = "too_few_items"
NO_OVERLAP = "no_overlap"
BOTH_EMPTY = "both_empty"
ONE_EMPTY = "one_empty"
NO_SPACING = "no_spacing"
DEGENERATE = "degenerate"
NOT_CONVERGED = "not_converged"
TOO_FEW_MINORITY = "too_few_minority"

RARE_CATEGORY = "rare_category_ci_unreliable"
CLUSTERING_UNKNOWN = "clustering_unknown"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A statistic that never travels alone.

    Parameters
    ----------
    value : float or None
        The statistic; None exactly when ``undefined`` gives the reason.
    low, high : float or None
        Bounds at ``level``; None exactly when ``interval_undefined`` or ``undefined`` gives the reason.
    level : float
        Confidence level of the bounds, 0.95 by default.
    method : str
        How the bounds were made, in words ("BCa bootstrap over patients, B = 2000").
    n_units : int
        Units (cases, findings) that the value rests on.
    n_raters : int
        Raters who gave at least one of the ratings used.
    n_clusters : int or None
        Patients resampled; None when no patient is known.
    n_dropped : int
        Units left out.
    dropped_why : str
        The reason in words; empty when nothing was dropped.
    undefined, interval_undefined : str or None
        A reason of this module.
    warnings : tuple of str
        Cautions that must be shown beside the value.
    seed : int or None
        Seed of the resampling.
    unit : str
        Physical unit of the value; empty for a pure number.
    """

    value: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    n_units: int
    n_raters: int
    n_clusters: int | None = None
    n_dropped: int = 0
    dropped_why: str = ""
    undefined: str | None = None
    interval_undefined: str | None = None
    warnings: tuple[str, ...] = ()
    seed: int | None = None
    unit: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {**asdict(self), "warnings": list(self.warnings)}


@dataclass(frozen=True, slots=True)
class Statistic:
    """The catalogue entry of a statistic.

    Parameters
    ----------
    title : str
        Name for people.
    function : callable
        ``function(reading, level=…, seed=…)`` → Estimate.
    accepts : type
        The reading it is computed from (PatternTable, OverlapTable).
    scales : frozenset of str
        Scales for which it is meaningful.
    min_raters, max_raters : int, int or None
        Bounds on the number of raters.
    range : tuple of float
        Least and greatest possible value.
    reference : str
        Author, year and DOI.
    says : str
        One sentence for the report: what it measures and when to mistrust it.
    """

    title: str
    function: Callable[..., Estimate]
    accepts: type
    scales: frozenset[str]
    min_raters: int
    max_raters: int | None
    range: tuple[float, float]
    reference: str
    says: str
