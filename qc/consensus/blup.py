"""Best linear unbiased prediction: numbers corrected for readers who measure high or low."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.agreement.base import NO_OVERLAP, NOT_CONVERGED, TOO_FEW, ZERO_VARIANCE
from qc.consensus._mixed import Mixed, crossed
from qc.consensus.base import PROJECT_SCOPE, Method


@dataclass(frozen=True, slots=True)
class NumberConsensus:
    """The consensus of every unit, and the bias of every reader.

    Parameters
    ----------
    values : tuple of float or None
        Consensus of each unit in the order given, in the question's unit; None for a unit nobody measured.
    standard_errors : tuple of float or None
        Standard errors of prediction, given the variance components.
    bias : mapping from rater to float
        By how much the reader measures higher than the panel, shrunk.
    mean : float or None
        Mean over units and readers.
    var_unit, var_rater, var_error : float or None
        Variance components.
    raters : tuple of str
        Sorted.
    iterations, converged : int, bool
        Of the restricted likelihood.
    flags : tuple of str
        Cautions.
    undefined : str or None
        A reason of ``qc.agreement.base``; nothing else is filled then.
    """

    values: tuple[float | None, ...]
    standard_errors: tuple[float | None, ...]
    bias: Mapping[str, float]
    mean: float | None
    var_unit: float | None
    var_rater: float | None
    var_error: float | None
    raters: tuple[str, ...]
    iterations: int = 0
    converged: bool = True
    flags: tuple[str, ...] = ()
    undefined: str | None = None

    def reliability(self, n_raters: int) -> float | None:
        """Return the share of the variance of a mean of ``n_raters`` readers that is the units', bias removed."""
        if self.var_unit is None or self.var_error is None or self.var_unit + self.var_error == 0:
            return None
        return self.var_unit / (self.var_unit + self.var_error / n_raters)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        names = ("mean", "var_unit", "var_rater", "var_error", "iterations", "converged", "undefined")
        return {
            "values": list(self.values),
            "standard_errors": list(self.standard_errors),
            "bias": dict(self.bias),
            "raters": list(self.raters),
            "flags": list(self.flags),
            **{name: getattr(self, name) for name in names},
        }


def blup(rows: Sequence[Mapping[str, float]]) -> NumberConsensus:
    """Predict each unit's number from a model with crossed units and readers.

    To be preferred to the mean when readers differ from unit to unit: a unit that was measured by the two who
    measure high is not therefore larger. Predictions are drawn towards the mean, the more the fewer reads there are.

    Parameters
    ----------
    rows : sequence of mapping from rater to float
        One a unit, all in one physical unit; a rater who did not measure is absent.

    Returns
    -------
    NumberConsensus
        Undefined with ``too_few_items`` for fewer than two measured units or readers, with ``no_overlap`` when no
        unit has two numbers, with ``zero_variance`` when all numbers are equal.

    Raises
    ------
    ValueError
        A number is not finite.

    References
    ----------
    Henderson CR. Biometrics 31:423-447, 1975. doi:10.2307/2529430
    """
    if not all(math.isfinite(number) for row in rows for number in row.values()):
        raise ValueError("Every number must be finite.")
    raters = tuple(sorted({rater for row in rows for rater in row}))
    table = np.array([[row.get(rater, np.nan) for rater in raters] for row in rows]).reshape(len(rows), len(raters))
    is_seen = ~np.isnan(table)
    measured = is_seen.any(axis=1)
    reason = _unusable(table[is_seen], is_seen)
    if reason is not None:
        blank = (None,) * len(rows)
        return NumberConsensus(blank, blank, {}, None, None, None, None, raters, undefined=reason)
    return _spoken(crossed(table[measured], is_seen[measured]), measured.tolist(), raters)


def _unusable(numbers: Any, is_seen: Any) -> str | None:
    if int(is_seen.any(axis=1).sum()) < 2 or int(is_seen.any(axis=0).sum()) < 2:
        return TOO_FEW
    if int(is_seen.sum(axis=1).max()) < 2:
        return NO_OVERLAP
    return ZERO_VARIANCE if float(np.ptp(numbers)) == 0 else None


def _spoken(found: Mixed, measured: list[bool], raters: tuple[str, ...]) -> NumberConsensus:
    values = iter((found.mean + found.units).tolist())
    errors = iter(found.units_se.tolist())
    flags = {NOT_CONVERGED} if not found.converged else set()
    flags |= {"unrated_units"} if not all(measured) else set()
    flags |= {"no_unit_variance"} if found.var_unit == 0 else set()
    return NumberConsensus(
        values=tuple(next(values) if has else None for has in measured),
        standard_errors=tuple(next(errors) if has else None for has in measured),
        bias=dict(zip(raters, found.readers.tolist(), strict=True)),
        mean=found.mean,
        var_unit=found.var_unit,
        var_rater=found.var_reader,
        var_error=found.var_error,
        raters=raters,
        iterations=found.iterations,
        converged=found.converged,
        flags=tuple(sorted(flags)),
    )


SPEC = Method(
    title="Mixed-model prediction (BLUP)",
    function=blup,
    takes="numbers",
    reference="Henderson 1975, doi:10.2307/2529430",
    scope=PROJECT_SCOPE,
)
