"""STAPLE: masks weighted by what each rater's sensitivity and specificity turn out to be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.consensus._frame import UNION_BOX, Box, Domain, as_ranges, check_domain, holds, size
from qc.consensus._layout import AnyMask, Mask, check_masks, empty
from qc.consensus._patterns import Patterns, patterns_of
from qc.consensus._staple_em import TOLERANCE, Fit, fit
from qc.consensus.base import DEGENERATE, INSUFFICIENT, SETTLED, Consensus, Method

# Commowick & Warfield's prior: a rater is more often right than wrong, and no single read proves it.
BETA_PRIOR = (5.0, 1.5)

_THRESHOLD = 0.5
_MOST_ITERATIONS = 500
# Below this Dice with the majority the two methods tell different stories and a person should look.
_LEAST_DICE = 0.85
# Voxels of one structure are no independent observations, so bounds from their number would be far too narrow.
_NO_INTERVALS = "spatially_correlated"
# A posterior that is the same for every pattern decides nothing, whatever its value.
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True, slots=True)
class _Run:
    """The fitted model, or why there is none."""

    raters: tuple[str, ...]
    masks: Mapping[str, AnyMask]
    parameters: Mapping[str, Any]
    reason: str = ""
    patterns: Patterns | None = None
    fit: Fit | None = None
    # (patterns of the table,) posterior; None where no fit was made.
    table: NDArray[np.float64] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the shape of the masks."""
        return next(iter(self.masks.values())).shape


def staple(
    masks: Mapping[str, AnyMask],
    *,
    minimum: int = 3,
    domain: Domain = UNION_BOX,
    prior: float | None = None,
    beta_prior: tuple[float, float] | None = BETA_PRIOR,
    max_iterations: int = 200,
) -> Consensus:
    """Estimate the most probable mask together with each rater's sensitivity and specificity.

    Expectation–maximisation with one prior for all voxels depends on a voxel only through its decision
    pattern, so it runs on patterns and counts and is exact.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool, Runs or PackedMask
        Rater to mask, all of one shape (z, y, x) and layout; the value has the same. ``Cropped`` masks are
        answered as their whole image would be.
    minimum : int
        Fewest masks. Three by default: between two raters only the prior decides.
    domain : str or sequence of (start, stop)
        Voxels that take part, because the background changes the result: ``union_box``, the bounding box of the
        union widened on each side by 10 % of its size and at least 3 voxels; ``image``; or a half-open range
        along each axis of the image, as ``parameters["domain_box"]`` states it.
    prior : float or None
        Probability that a voxel of the domain is inside; None for the mean of all decisions in it.
    beta_prior : tuple of float or None
        Beta(a, b) on every sensitivity and specificity (MAP); None for maximum likelihood, as ITK has it.
    max_iterations : int
        Cap, 1 to 500; ``converged`` says whether it was reached.

    Returns
    -------
    Consensus
        ``settled``: the voxels with posterior above 0.5; ``support`` is their mean posterior. Sensitivities and
        specificities have no intervals: observed information counts every voxel as an observation of its own, which
        the voxels of one structure are not; resample patients instead. All masks empty,
        or all full over the domain, are settled without iterations, sensitivities None and
        ``details["degenerate"]`` set. ``insufficient`` below ``minimum``. ``degenerate`` without value, with
        ``details["reason"]``: ``label_inversion`` (at least half of the raters worse than chance),
        ``constant_posterior`` (nothing is decided), ``vanished`` (a class lost every voxel), ``background_inside``
        (what nobody marked would be inside) or ``outside_domain`` (somebody marked outside the stated domain); the
        size of the majority mask, which the caller may fall back on, is then in ``details["majority_voxels"]``.

    Raises
    ------
    ValueError
        Masks are not boolean arrays of one shape, or a parameter is out of range.

    References
    ----------
    Warfield SK, Zou KH, Wells WM (2004), doi:10.1109/TMI.2004.828354. MAP: Commowick O, Warfield SK (2010),
    doi:10.1007/978-3-642-15711-0_4. Inversion: Landman BA et al. (2011), doi:10.1109/TMI.2011.2172215.
    """
    run = _run(masks, minimum, domain, prior, beta_prior, max_iterations)
    if run.reason:
        outcome = INSUFFICIENT if run.reason == "too_few" else DEGENERATE
        details = {"reason": run.reason, **_compared(run, None)}
        return _consensus(run, outcome, None, None, details)
    if run.patterns is None or run.table is None:
        return _unanimous(run, is_full=False)
    if run.fit is None:
        return _unanimous(run, is_full=True)
    inside = run.table > _THRESHOLD
    voxels = run.patterns.counts * inside
    support = float(voxels @ run.table / voxels.sum()) if voxels.any() else None
    return _consensus(run, SETTLED, run.patterns.paint(inside), support, _compared(run, inside))


def staple_probability(
    masks: Mapping[str, AnyMask],
    *,
    minimum: int = 3,
    domain: Domain = UNION_BOX,
    prior: float | None = None,
    beta_prior: tuple[float, float] | None = BETA_PRIOR,
    max_iterations: int = 200,
) -> NDArray[np.float32] | None:
    """Return the posterior map that ``staple`` thresholds, made only on demand.

    Parameters
    ----------
    masks, minimum, domain, prior, beta_prior, max_iterations
        As for ``staple``.

    Returns
    -------
    ndarray of float32 or None
        Shape of the masks; 0 outside the domain, which was not part of the model. None where ``staple`` settles
        nothing.
    """
    run = _run(masks, minimum, domain, prior, beta_prior, max_iterations)
    if run.reason:
        return None
    probability = np.zeros(run.shape, dtype=np.float32)
    if run.patterns is not None and run.table is not None:
        table = run.table.astype(np.float32)
        probability[run.patterns.frame.cut(_domain(run.patterns, domain), run.shape)] = table[0]
        probability[run.patterns.box] = run.patterns.spread(table)
    return probability


def _run(
    masks: Mapping[str, AnyMask],
    minimum: int,
    domain: Domain,
    prior: float | None,
    beta_prior: tuple[float, float] | None,
    max_iterations: int,
) -> _Run:
    _check(domain, prior, beta_prior, max_iterations)
    raters, _ = check_masks(masks)
    parameters = {
        "minimum": minimum,
        "domain": domain if isinstance(domain, str) else [list(side) for side in domain],
        "domain_box": None,
        "prior": prior,
        "beta_prior": None if beta_prior is None else list(beta_prior),
        "max_iterations": max_iterations,
        "tolerance": TOLERANCE,
        "threshold": _THRESHOLD,
    }
    if len(raters) < max(minimum, 2):
        return _Run(raters, masks, parameters, reason="too_few")
    patterns = patterns_of(masks)
    if patterns is None:
        return _Run(raters, masks, parameters)
    box = _domain(patterns, domain)
    parameters["domain_box"] = as_ranges(box)
    run = _Run(raters, masks, parameters, patterns=patterns)
    if not holds(box, patterns.frame.place(patterns.box)):
        return replace(run, reason="outside_domain")
    counts = patterns.counts.copy()
    counts[0] += size(box) - size(patterns.box)
    if prior is None:
        parameters["prior"] = float(counts @ patterns.votes()) / (len(raters) * size(box))
    return _fitted(run, patterns, counts)


def _fitted(run: _Run, patterns: Patterns, counts: NDArray[np.int64]) -> _Run:
    seen = counts > 0
    table = np.zeros(counts.size, dtype=np.float64)
    if patterns.decisions[seen].all():
        table[seen] = 1.0
        return replace(run, table=table)
    beta_prior = run.parameters["beta_prior"] or (1.0, 1.0)
    result = fit(
        patterns.decisions[seen],
        counts[seen],
        run.parameters["prior"],
        (beta_prior[0], beta_prior[1]),
        run.parameters["max_iterations"],
    )
    if result is None:
        return replace(run, reason="vanished")
    table[seen] = result.posterior
    return replace(run, reason=_fault(result, table), fit=result, table=table)


def _check(domain: Domain, prior: float | None, beta_prior: tuple[float, float] | None, max_iterations: int) -> None:
    check_domain(domain)
    # A prior of one or more makes the iterations of ITK's filter run for ever.
    if prior is not None and not 0 < prior < 1:
        raise ValueError("prior must lie strictly between 0 and 1.")
    if beta_prior is not None and (len(beta_prior) != 2 or not all(1 <= part < float("inf") for part in beta_prior)):
        raise ValueError("beta_prior must be two finite numbers of at least 1.")
    if not 1 <= max_iterations <= _MOST_ITERATIONS:
        raise ValueError(f"max_iterations must lie between 1 and {_MOST_ITERATIONS}.")


def _domain(patterns: Patterns, domain: Domain) -> Box:
    return patterns.frame.domain(patterns.frame.place(patterns.box), domain)


def _fault(result: Fit, table: NDArray[np.float64]) -> str:
    worse = np.count_nonzero(result.sensitivity + result.specificity < 1 - TOLERANCE)
    if np.ptp(result.posterior) < _LEAST_SPREAD:
        return "constant_posterior"
    if 2 * worse >= result.sensitivity.size:
        return "label_inversion"
    return "background_inside" if table[0] > _THRESHOLD else ""


def _compared(run: _Run, inside: NDArray[np.bool_] | None) -> dict[str, Any]:
    if run.patterns is None:
        return {}
    counts, votes = run.patterns.counts, run.patterns.votes()
    by_majority = 2 * votes > len(run.raters)
    details: dict[str, Any] = {
        "volume_voxels": run.patterns.volumes(),
        "majority_voxels": int(counts[by_majority].sum()),
        "sensitivity": _by_rater(run, None if run.fit is None else run.fit.sensitivity),
        "specificity": _by_rater(run, None if run.fit is None else run.fit.specificity),
        "intervals": _NO_INTERVALS,
        "warnings": [],
    }
    if run.fit is not None and not run.fit.converged:
        details["warnings"].append("not_converged")
    if inside is None:
        return {**details, "fallback": "majority_mask"}
    total = int(counts[inside].sum()) + details["majority_voxels"]
    shared = int(counts[inside & by_majority].sum())
    details["dice_with_majority"] = 2 * shared / total if total else 1.0
    if details["dice_with_majority"] < _LEAST_DICE:
        details["warnings"].append("differs_from_majority")
    return details


def _by_rater(run: _Run, values: NDArray[np.float64] | None) -> dict[str, float | None]:
    if values is None:
        return dict.fromkeys(run.raters)
    return {rater: float(value) for rater, value in zip(run.raters, values, strict=True)}


def _unanimous(run: _Run, *, is_full: bool) -> Consensus:
    if run.patterns is None or not is_full:
        value = empty(next(iter(run.masks.values())))
        details: dict[str, Any] = {"degenerate": "all_empty", "volume_voxels": dict.fromkeys(run.raters, 0)}
    else:
        full: Mask = np.all(run.patterns.decisions, axis=1)
        value = run.patterns.paint(full)
        details = {"degenerate": "all_full", "volume_voxels": run.patterns.volumes()}
    unknown = dict.fromkeys(run.raters)
    details |= {"sensitivity": unknown, "specificity": unknown, "dice_with_majority": 1.0, "warnings": []}
    return _consensus(run, SETTLED, value, 1.0, details)


def _consensus(
    run: _Run, outcome: str, value: AnyMask | None, support: float | None, details: Mapping[str, Any]
) -> Consensus:
    return Consensus(
        outcome=outcome,
        value=value,
        support=support,
        votes={},
        raters=run.raters,
        parameters=run.parameters,
        details=details,
        iterations=0 if run.fit is None else run.fit.iterations,
        converged=run.fit is None or run.fit.converged,
    )


SPEC = Method(
    title="STAPLE",
    function=staple,
    takes="masks",
    reference="Warfield, Zou & Wells 2004, doi:10.1109/TMI.2004.828354",
)
