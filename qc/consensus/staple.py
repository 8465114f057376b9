"""STAPLE: masks weighted by what each rater's sensitivity and specificity turn out to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.consensus._patterns import Box, Mask, Patterns, check_masks, grow, patterns_of, size
from qc.consensus._staple_em import TOLERANCE, Fit, fit
from qc.consensus.base import DEGENERATE, INSUFFICIENT, SETTLED, Consensus, Method

UNION_BOX, IMAGE = "union_box", "image"

_THRESHOLD = 0.5
_LEAST_MARGIN = 3
# The margin is the size of the box divided by this, rounded up.
_MARGIN_PARTS = 10
_MOST_ITERATIONS = 500
# Below this Dice with the majority the two methods tell different stories and a person should look.
_LEAST_DICE = 0.85
# A posterior that is the same for every pattern decides nothing, whatever its value.
_LEAST_SPREAD = 1e-3


@dataclass(frozen=True, slots=True)
class _Run:
    """The fitted model, or why there is none."""

    raters: tuple[str, ...]
    shape: tuple[int, ...]
    parameters: Mapping[str, Any]
    reason: str = ""
    patterns: Patterns | None = None
    fit: Fit | None = None
    # (patterns of the table,) posterior; None where no fit was made.
    table: NDArray[np.float64] | None = None


def staple(
    masks: Mapping[str, Mask],
    *,
    minimum: int = 3,
    domain: str = UNION_BOX,
    prior: float | None = None,
    beta_prior: tuple[float, float] | None = None,
    max_iterations: int = 200,
) -> Consensus:
    """Estimate the most probable mask together with each rater's sensitivity and specificity.

    Expectation–maximisation with one prior for all voxels depends on a voxel only through its decision
    pattern, so it runs on patterns and counts and is exact.

    Parameters
    ----------
    masks : mapping of str to ndarray of bool
        Rater to mask, all of one shape (z, y, x).
    minimum : int
        Fewest masks. Three by default: between two raters only the prior decides.
    domain : str
        Voxels that take part: ``union_box``, the bounding box of the union widened on each side by 10 % of
        its size and at least 3 voxels (the background changes the result), or ``image``.
    prior : float or None
        Probability that a voxel of the domain is inside; None for the mean of all decisions in it.
    beta_prior : tuple of float or None
        Beta(a, b) on every sensitivity and specificity (MAP); None for maximum likelihood.
    max_iterations : int
        Cap, 1 to 500; ``converged`` says whether it was reached.

    Returns
    -------
    Consensus
        ``settled``: the voxels with posterior above 0.5; ``support`` is their mean posterior. All masks empty,
        or all full over the domain, are settled without iterations, sensitivities None and
        ``details["degenerate"]`` set. ``insufficient`` below ``minimum``. ``degenerate`` without value, with
        ``details["reason"]``: ``label_inversion`` (at least half of the raters worse than chance),
        ``constant_posterior`` (nothing is decided) or ``vanished`` (a class lost every voxel); the size of
        the majority mask, which the caller may fall back on, is then in ``details["majority_voxels"]``.

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
    masks: Mapping[str, Mask],
    *,
    minimum: int = 3,
    domain: str = UNION_BOX,
    prior: float | None = None,
    beta_prior: tuple[float, float] | None = None,
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
        Full size; 0 outside the domain, which was not part of the model. None where ``staple`` settles nothing.
    """
    run = _run(masks, minimum, domain, prior, beta_prior, max_iterations)
    if run.reason:
        return None
    probability = np.zeros(run.shape, dtype=np.float32)
    if run.patterns is not None and run.table is not None:
        table = run.table.astype(np.float32)
        probability[_domain(run.patterns, domain)] = table[0]
        probability[run.patterns.box] = table[run.patterns.codes]
    return probability


def _run(
    masks: Mapping[str, Mask],
    minimum: int,
    domain: str,
    prior: float | None,
    beta_prior: tuple[float, float] | None,
    max_iterations: int,
) -> _Run:
    _check(domain, prior, beta_prior, max_iterations)
    raters, ordered = check_masks(masks)
    shape = ordered[0].shape if ordered else ()
    parameters = {
        "minimum": minimum,
        "domain": domain,
        "domain_box": None,
        "prior": prior,
        "beta_prior": None if beta_prior is None else list(beta_prior),
        "max_iterations": max_iterations,
        "tolerance": TOLERANCE,
        "threshold": _THRESHOLD,
    }
    if len(raters) < max(minimum, 2):
        return _Run(raters, shape, parameters, reason="too_few")
    patterns = patterns_of(masks)
    if patterns is None:
        return _Run(raters, shape, parameters)
    box = _domain(patterns, domain)
    counts = patterns.counts.copy()
    counts[0] += size(box) - size(patterns.box)
    parameters["domain_box"] = [[side.start, side.stop] for side in box]
    if prior is None:
        parameters["prior"] = float(counts @ patterns.votes()) / (len(raters) * size(box))
    return _fitted(patterns, counts, parameters)


def _fitted(patterns: Patterns, counts: NDArray[np.int64], parameters: Mapping[str, Any]) -> _Run:
    seen = counts > 0
    table = np.zeros(counts.size, dtype=np.float64)
    if patterns.decisions[seen].all():
        table[seen] = 1.0
        return _Run(patterns.raters, patterns.shape, parameters, patterns=patterns, table=table)
    result = fit(
        patterns.decisions[seen],
        counts[seen],
        parameters["prior"],
        tuple(parameters["beta_prior"] or (1.0, 1.0)),
        parameters["max_iterations"],
    )
    if result is None:
        return _Run(patterns.raters, patterns.shape, parameters, reason="vanished", patterns=patterns)
    table[seen] = result.posterior
    return _Run(patterns.raters, patterns.shape, parameters, _fault(result), patterns, result, table)


def _check(domain: str, prior: float | None, beta_prior: tuple[float, float] | None, max_iterations: int) -> None:
    if domain not in (UNION_BOX, IMAGE):
        raise ValueError(f"domain must be {UNION_BOX} or {IMAGE}.")
    # A prior of one or more makes the iterations of ITK's filter run for ever.
    if prior is not None and not 0 < prior < 1:
        raise ValueError("prior must lie strictly between 0 and 1.")
    if beta_prior is not None and (len(beta_prior) != 2 or not all(1 <= part < float("inf") for part in beta_prior)):
        raise ValueError("beta_prior must be two finite numbers of at least 1.")
    if not 1 <= max_iterations <= _MOST_ITERATIONS:
        raise ValueError(f"max_iterations must lie between 1 and {_MOST_ITERATIONS}.")


def _domain(patterns: Patterns, domain: str) -> Box:
    if domain == IMAGE:
        return tuple(slice(0, length) for length in patterns.shape)
    margins = [max(_LEAST_MARGIN, -((side.start - side.stop) // _MARGIN_PARTS)) for side in patterns.box]
    return grow(patterns.box, patterns.shape, margins)


def _fault(result: Fit) -> str:
    worse = np.count_nonzero(result.sensitivity + result.specificity < 1 - TOLERANCE)
    if np.ptp(result.posterior) < _LEAST_SPREAD:
        return "constant_posterior"
    if 2 * worse >= result.sensitivity.size:
        return "label_inversion"
    return ""


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
        value = np.zeros(run.shape, dtype=np.bool_)
        details: dict[str, Any] = {"degenerate": "all_empty", "volume_voxels": dict.fromkeys(run.raters, 0)}
    else:
        full: Mask = np.all(run.patterns.decisions, axis=1)
        value = run.patterns.paint(full)
        details = {"degenerate": "all_full", "volume_voxels": run.patterns.volumes()}
    unknown = dict.fromkeys(run.raters)
    details |= {"sensitivity": unknown, "specificity": unknown, "dice_with_majority": 1.0, "warnings": []}
    return _consensus(run, SETTLED, value, 1.0, details)


def _consensus(
    run: _Run, outcome: str, value: Mask | None, support: float | None, details: Mapping[str, Any]
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
