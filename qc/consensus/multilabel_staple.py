"""STAPLE for label maps: every reader's confusion matrix together with the most probable labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qc.consensus._frame import UNION_BOX, Box, Domain, as_ranges, check_domain, holds, size
from qc.consensus._label_patterns import (
    UNDECIDED,
    AnyMap,
    LabelPatterns,
    check_maps,
    label_patterns,
    plurality,
    voxels_by_label,
)
from qc.consensus._multilabel_em import Floats, LabelFit, Plan, fit_labels, indicator
from qc.consensus.base import DEGENERATE, INSUFFICIENT, SETTLED, TIE, Consensus, Method

DIAGONAL, VOTING = "diagonal", "voting"

_DIAGONAL = 0.9
_TOLERANCE = 1e-5
_MOST_ITERATIONS = 500
# Posteriors closer than this are equal: a tie.
_EQUAL = 1e-9
_ROUNDING = 1e-7
# Expected voxels from which a label counts as present.
_LEAST_MET = 0.5


@dataclass(frozen=True, slots=True)
class _Model:
    """The label patterns that occur in the domain."""

    patterns: LabelPatterns
    counts: NDArray[np.int64]
    seen: NDArray[np.bool_]
    places: NDArray[np.int64]
    said: Any

    @property
    def n_labels(self) -> int:
        """Return the number of labels that occur."""
        return int(self.patterns.labels.size)


def multilabel_staple(
    maps: Mapping[str, AnyMap],
    *,
    minimum: int = 3,
    domain: Domain = UNION_BOX,
    start: str = DIAGONAL,
    smoothing: float = 0.01,
    max_iterations: int = 200,
) -> Consensus:
    """Estimate the most probable label map together with each rater's confusion matrix.

    The prior of a label is its share of all that was said in the domain. ``start="voting"``, ``smoothing=0`` and
    ``domain="image"`` are ITK's settings, without the fault by which ITK before July 2026 counts a tied vote for the
    label of the next row.

    Parameters
    ----------
    maps : mapping of str to ndarray of uint8 or LabelRuns
        Rater to label map, all of one shape (z, y, x) and layout; 0 is the background, labels go to 254.
        ``Cropped`` maps are answered as their whole image would be.
    minimum : int
        Fewest maps. Three by default: between two raters only the prior decides.
    domain : str or sequence of (start, stop)
        Voxels that take part, as for ``staple``.
    start : str
        First guess at the confusion matrices: ``diagonal``, right in 90 %, or ``voting``, what the plurality of
        the voxels says, ties left out.
    smoothing : float
        Voxels added to every cell of every confusion matrix (a Dirichlet prior), so that what a rater never said
        is unlikely and not impossible; 0 for maximum likelihood.
    max_iterations : int
        Cap, 1 to 500; ``converged`` says whether it was reached.

    Returns
    -------
    Consensus
        ``settled``: a label map in the layout of the maps; voxels where labels are equally probable are 255 and
        counted in ``details["undecided_voxels"]``. ``support`` is the mean posterior of the voxels that get a label
        other than 0, None without any, 1 where all maps are empty. ``tie`` when no voxel gets a label and some are
        undecided. ``degenerate``, with ``details["reason"]``: ``label_inversion`` (for some label at least half of
        the raters say it more often where another is true), ``background_inside`` (what nobody marked would get
        a label) or ``outside_domain``. ``insufficient`` below ``minimum``. ``details["confusion"]`` has one matrix
        a rater, a row a true label; a row whose label is nowhere probable is None.

    Raises
    ------
    ValueError
        Maps are not of uint8, use 255, differ in shape or layout, or a parameter is out of range.

    References
    ----------
    Rohlfing T, Russakoff DB, Maurer CR (2004), doi:10.1109/TMI.2004.830803. Warfield SK, Zou KH, Wells WM (2004),
    doi:10.1109/TMI.2004.828354.
    """
    _check(domain, start, smoothing, max_iterations)
    raters = check_maps(maps)
    parameters: dict[str, Any] = {
        "minimum": minimum,
        "domain": domain if isinstance(domain, str) else [list(side) for side in domain],
        "domain_box": None,
        "start": start,
        "smoothing": smoothing,
        "max_iterations": max_iterations,
        "tolerance": _TOLERANCE,
        "undecided": UNDECIDED,
    }
    if len(raters) < max(minimum, 2):
        return Consensus(INSUFFICIENT, None, None, {}, raters, parameters, {"reason": "too_few"})
    patterns = label_patterns(maps)
    box = patterns.box()
    if box is None:
        nothing = patterns.paint(np.zeros(len(patterns.found.patterns), dtype=np.uint8))
        details = {"degenerate": "all_empty", "labels": [0], "undecided_voxels": 0, "warnings": []}
        return Consensus(SETTLED, nothing, 1.0, {}, raters, parameters, details)
    return _estimated(patterns, patterns.frame.place(box), domain, parameters)


def _check(domain: Domain, start: str, smoothing: float, max_iterations: int) -> None:
    check_domain(domain)
    if start not in (DIAGONAL, VOTING):
        raise ValueError(f"start must be {DIAGONAL} or {VOTING}.")
    if not 0 <= smoothing < float("inf"):
        raise ValueError("smoothing must be 0 or a positive number.")
    if not 1 <= max_iterations <= _MOST_ITERATIONS:
        raise ValueError(f"max_iterations must lie between 1 and {_MOST_ITERATIONS}.")


def _estimated(patterns: LabelPatterns, marked: Box, domain: Domain, parameters: dict[str, Any]) -> Consensus:
    box = patterns.frame.domain(marked, domain)
    parameters["domain_box"] = as_ranges(box)
    if not holds(box, marked):
        details = {"reason": "outside_domain"}
        return Consensus(DEGENERATE, None, None, {}, patterns.raters, parameters, details)
    counts = patterns.found.counts.copy()
    counts[0] += size(box) - int(counts.sum())
    model = _model(patterns, counts)
    said = np.bincount(model.places.ravel(), np.repeat(counts[model.seen], len(patterns.raters)), model.n_labels)
    prior = said / said.sum()
    parameters["prior"] = dict(zip(map(str, patterns.labels.tolist()), prior.tolist(), strict=True))
    plan = Plan(prior, parameters["smoothing"], _TOLERANCE, parameters["max_iterations"])
    fit = fit_labels(model.said, counts[model.seen], _first_guess(model, parameters["start"]), plan)
    return _concluded(model, fit, parameters)


def _model(patterns: LabelPatterns, counts: NDArray[np.int64]) -> _Model:
    seen = counts > 0
    places = np.searchsorted(patterns.labels, patterns.found.patterns[seen]).astype(np.int64)
    return _Model(patterns, counts, seen, places, indicator(places, int(patterns.labels.size)))


def _first_guess(model: _Model, start: str) -> Floats:
    n_labels = model.n_labels
    plain = np.full((n_labels, n_labels), (1 - _DIAGONAL) / max(n_labels - 1, 1))
    np.fill_diagonal(plain, _DIAGONAL if n_labels > 1 else 1.0)
    guess = np.broadcast_to(plain, (len(model.patterns.raters), n_labels, n_labels))
    if start == DIAGONAL:
        return guess
    vote = plurality(model.patterns)[model.seen]
    weights = (vote[:, None] == model.patterns.labels) * model.counts[model.seen][:, None]
    # As ITK has it: the first guess is normalised over what is true, not over what is said.
    cells = (model.said @ weights.astype(np.float64)).reshape(guess.shape)
    totals = cells.sum(axis=2, keepdims=True)
    return np.where(totals > 0, cells / np.where(totals > 0, totals, 1.0), 0.0)


def _concluded(model: _Model, fit: LabelFit, parameters: Mapping[str, Any]) -> Consensus:
    patterns, n_patterns = model.patterns, len(model.counts)
    top = fit.posterior.max(axis=1)
    is_tied = (fit.posterior >= top[:, None] - _EQUAL).sum(axis=1) > 1
    table = np.zeros(n_patterns, dtype=np.uint8)
    table[model.seen] = np.where(is_tied, UNDECIDED, patterns.labels[fit.posterior.argmax(axis=1)])
    probability = np.zeros(n_patterns)
    probability[model.seen] = top
    details = _details(model, fit, table)
    outcome, reason = _outcome(model, fit, table)
    if reason:
        details["reason"] = reason
    value, support = None, None
    if outcome == SETTLED:
        value = patterns.paint(table)
        chosen = model.counts * ((table != 0) & (table != UNDECIDED))
        support = float(chosen @ probability / chosen.sum()) if chosen.any() else None
    return Consensus(
        outcome, value, support, {}, patterns.raters, parameters, details, fit.iterations, converged=fit.converged
    )


def _outcome(model: _Model, fit: LabelFit, table: NDArray[np.uint8]) -> tuple[str, str]:
    # A label that is true nowhere has nothing but smoothing in its column.
    met = model.counts[model.seen] @ fit.posterior >= _LEAST_MET
    known = fit.confusion[:, met][:, :, met]
    right = np.einsum("rii->ri", known)
    others = np.where(np.eye(int(met.sum()), dtype=np.bool_), -1.0, known).max(axis=2, initial=-1.0)
    worse = (right < others - _ROUNDING).sum(axis=0)
    if (2 * worse >= len(model.patterns.raters)).any():
        return DEGENERATE, "label_inversion"
    if table[0]:
        return DEGENERATE, "background_inside"
    is_undecided = bool(model.counts[table == UNDECIDED].any())
    if is_undecided and not model.counts[(table != 0) & (table != UNDECIDED)].any():
        return TIE, "half_undecided"
    return SETTLED, ""


def _details(model: _Model, fit: LabelFit, table: NDArray[np.uint8]) -> dict[str, Any]:
    patterns, vote = model.patterns, plurality(model.patterns)
    expected = model.counts[model.seen] @ fit.posterior
    rows = {
        rater: [row if has else None for row, has in zip(matrix.T.tolist(), (expected > 0).tolist(), strict=True)]
        for rater, matrix in zip(patterns.raters, fit.confusion, strict=True)
    }
    return {
        "labels": patterns.labels.tolist(),
        "confusion": rows,
        "label_voxels": voxels_by_label(patterns, table),
        "plurality_voxels": voxels_by_label(patterns, vote),
        "undecided_voxels": int(model.counts[table == UNDECIDED].sum()),
        "differs_from_plurality_voxels": int(model.counts[table != vote].sum()),
        "warnings": [] if fit.converged else ["not_converged"],
    }


SPEC = Method(
    title="Multi-label STAPLE",
    function=multilabel_staple,
    takes="label_maps",
    reference="Rohlfing, Russakoff & Maurer 2004, doi:10.1109/TMI.2004.830803",
)
