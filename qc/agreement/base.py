"""What every agreement statistic shares: the estimate and the specification."""

from collections.abc import Callable, Mapping
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
NO_TOLERANCE = "no_tolerance"
NOT_MEASURED = "not_measured"
TOO_LARGE = "too_large"
DEGENERATE = "degenerate"
NOT_CONVERGED = "not_converged"
TOO_FEW_MINORITY = "too_few_minority"

RARE_CATEGORY = "rare_category_ci_unreliable"
CLUSTERING_UNKNOWN = "clustering_unknown"
# Fewer patients than this: simulated bounds at 95 % covered less often than they say (benchmarks/coverage.py).
SMALL_SAMPLE = "small_sample_ci"
# Raters stand for others like them, and there are few: simulated bounds covered less often than they say.
FEW_RATERS = "few_raters_ci"
# A pair of raters without a common unit, or without variation, is left out of a mean over pairs.
PAIRS_UNDEFINED = "pairs_undefined"
# Missing cells: variance components by REML instead of mean squares.
MISSING_CELLS = "missing_cells_reml"
# The differences between two raters grow with the size of what is measured: limits on a ratio scale fit better.
DIFFERENCE_GROWS = "difference_grows_with_size"
# Raters are not resampled: bounds speak of these raters, not of others like them.
RATERS_FIXED = "raters_taken_as_fixed"
WARNINGS = frozenset(
    {
        RARE_CATEGORY,
        CLUSTERING_UNKNOWN,
        SMALL_SAMPLE,
        FEW_RATERS,
        PAIRS_UNDEFINED,
        MISSING_CELLS,
        DIFFERENCE_GROWS,
        RATERS_FIXED,
    }
)


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
    standard_error : float or None
        Large-sample standard error over clusters (units where no patient is known); None where undefined.
    null_error : float or None
        Standard error if raters agreed by chance only: for a test, never for bounds.
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
    standard_error: float | None = None
    null_error: float | None = None

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
        ``function(reading, level=…, seed=…)`` → Estimate; with ``parts`` → mapping from part to Estimate.
    accepts : type
        The reading it is computed from (PatternTable, NumberTable, SetTable, Rankings, OverlapTable).
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
    parts : bool
        Whether it is several numbers that belong together (one a category, bias and limits).
    fixed_panel : bool
        Whether it compares known people, so that it means nothing where readers change from case to case.
    directed : bool
        Whether its sign tells the first rater, by name, from the second.
    describes : bool
        Whether it is read beside agreement and is none itself: prevalence, bias, error in units of measurement.
    pair : callable or None
        For measures of two masks: ``pair(MaskPair)`` → float, None where undefined. It is computed when a case is
        settled and stored; the function summarises what was stored under the entry's name.
    is_distance : bool
        Whether 0 is perfect, one empty mask is infinitely far, and units are summarised by their median.
    unit : str
        Physical unit of the value; empty for a pure number.
    """

    title: str
    function: Callable[..., Any]
    accepts: type
    scales: frozenset[str]
    min_raters: int
    max_raters: int | None
    range: tuple[float, float]
    reference: str
    says: str
    parts: bool = False
    fixed_panel: bool = False
    directed: bool = False
    describes: bool = False
    pair: Callable[..., float | None] | None = None
    is_distance: bool = False
    unit: str = ""

    def compute(self, reading: Any, *, level: float = 0.95, seed: int = 0, **options: Any) -> dict[str, Estimate]:
        """Return the estimates by part; a statistic that is one number has the part ``""``.

        Parameters
        ----------
        reading : object
            Of the type ``accepts``.
        level, seed : float, int
            As the function takes them.
        **options
            Further options of the function.
        """
        found: Estimate | Mapping[str, Estimate] = self.function(reading, level=level, seed=seed, **options)
        return {"": found} if isinstance(found, Estimate) else dict(found)


def named(statistic: str, part: str) -> str:
    """Return the name under which a part is stored ("specific_agreement:yes"), ``statistic`` alone without a part."""
    return f"{statistic}:{part}" if part else statistic


def parted(name: str) -> tuple[str, str]:
    """Return statistic and part of a stored name; the part is empty for a statistic that is one number."""
    statistic, _, part = name.partition(":")
    return statistic, part
