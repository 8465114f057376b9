"""GLAD: one ability for each reader and one difficulty for each unit."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit

from qc.consensus._em import Design, Fit, Learned, Reads, Search, reads_of
from qc.consensus._family import Task, nothing, result, unusable
from qc.consensus.base import PROJECT_SCOPE, Method, ProjectConsensus
from qc.readings.base import AnyArray, FloatArray, IntArray
from qc.readings.pattern_table import PatternTable

# Gradient at which one maximisation stops, and its cap.
_GRADIENT = 1e-6
_STEPS = 200


def glad(
    table: PatternTable,
    *,
    ability: float = 1.0,
    ease: float = 1.0,
    design: Design = Design(),  # noqa: B008
    search: Search = Search(),  # noqa: B008
) -> ProjectConsensus:
    """Estimate truth, the readers' abilities and the units' difficulties.

    A reader of ability α is right about a unit of ease β with probability σ(αβ), and says each wrong code equally
    often. Both have normal priors of variance 1, β on its logarithm; classes are equally likely beforehand. A
    negative α is a reader who is wrong more often than chance. The optimum depends a little on the optimiser:
    compare labels and rankings rather than digits.

    Parameters
    ----------
    table : PatternTable
        Any number of readers, missing ratings allowed. Units of one pattern have one difficulty.
    ability : float
        Mean of the prior of α.
    ease : float
        Mean of the prior of log β.
    design : Design
        Known answers and repeated readings.
    search : Search
        Tolerance and cap; one start only, the priors.

    Returns
    -------
    ProjectConsensus
        ``details["ability"]`` by reader and ``details["log_ease"]`` by pattern. ``confusion`` is the symmetric
        matrix of the reader's mean probability of being right over the units that the reader rated. Undefined as
        for ``dawid_skene``.

    References
    ----------
    Whitehill J, Ruvolo P, Wu T, Bergsma J, Movellan J. Whose vote should count more: optimal integration of labels
    from labelers of unknown expertise. Adv Neural Inf Process Syst 22:2035-2043, 2009.
    """
    task = Task("glad", table, design, search, {"ability": ability, "ease": ease})
    reads = reads_of(table, design)
    reason = unusable(reads)
    if reason is not None:
        return nothing(task, reads, reason)
    entries = _entries(reads)
    state = _State(np.full(len(reads.readers), ability), np.full(len(reads.weights), ease))
    fit, state = _fit(entries, state, (ability, ease), search)
    details = {"ability": dict(zip(reads.readers, state.ability.tolist(), strict=True))}
    return result(task, reads, fit, {**details, "log_ease": state.log_ease.tolist()}, set())


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """Every reading: its pattern, reader and code, how often it was given, and the units of the pattern."""

    reads: Reads
    pattern: IntArray
    reader: IntArray
    code: IntArray
    times: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """Ability by reader, logarithm of ease by pattern."""

    ability: FloatArray
    log_ease: FloatArray


def _entries(reads: Reads) -> _Entries:
    table = reads.said.tocoo()
    pattern = np.asarray(table.coords[0], dtype=np.int64)
    column = np.asarray(table.coords[1], dtype=np.int64)
    times = np.asarray(table.data, dtype=np.float64)
    weight = times * reads.weights[pattern]
    return _Entries(reads, pattern, column // reads.n_codes, column % reads.n_codes, times, weight)


def _fit(entries: _Entries, state: _State, centre: tuple[float, float], search: Search) -> tuple[Fit, _State]:
    reads = entries.reads
    posterior, log_likelihood = _posterior(entries, state)
    last, is_converged, iteration = -np.inf, False, 0
    while not is_converged and iteration < search.max_iterations:
        iteration += 1
        state = _maximised(entries, posterior, state, centre)
        posterior, log_likelihood = _posterior(entries, state)
        objective = log_likelihood - _penalty(entries, state, centre)
        is_converged = bool(abs(objective - last) < search.tolerance * reads.weights.sum())
        last = objective
    prevalence = reads.weights @ posterior / reads.weights.sum()
    learned = Learned(prevalence, _symmetric(entries, state), -_penalty(entries, state, centre))
    return Fit(posterior, learned, log_likelihood, float(last), iteration, is_converged), state


def _logits(entries: _Entries, state: _State) -> FloatArray:
    product: FloatArray = state.ability[entries.reader] * np.exp(state.log_ease[entries.pattern])
    return product


def _posterior(entries: _Entries, state: _State) -> tuple[FloatArray, float]:
    """Return the posterior (patterns, codes) under equal classes, and the log-likelihood."""
    reads = entries.reads
    logit, n_codes = _logits(entries, state), reads.n_codes
    wrong = log_expit(-logit) - np.log(n_codes - 1)
    scores = np.full((len(reads.weights), n_codes), -np.log(n_codes))
    np.add.at(scores, (entries.pattern, entries.code), entries.times * (log_expit(logit) - wrong))
    scores += np.bincount(entries.pattern, entries.times * wrong, minlength=len(scores))[:, None]
    top = scores.max(axis=1, keepdims=True)
    shares = np.exp(scores - top)
    total = shares.sum(axis=1, keepdims=True)
    per_pattern = np.log(total[:, 0]) + top[:, 0]
    known = np.flatnonzero(reads.gold >= 0)
    per_pattern[known] = scores[known, reads.gold[known]]
    return reads.clamped(shares / total), float(reads.weights @ per_pattern)


def _penalty(entries: _Entries, state: _State, centre: tuple[float, float]) -> float:
    ability, ease = centre
    far = float(((state.ability - ability) ** 2).sum())
    return (far + float(entries.reads.weights @ (state.log_ease - ease) ** 2)) / 2


def _maximised(entries: _Entries, posterior: FloatArray, state: _State, centre: tuple[float, float]) -> _State:
    """Return the abilities and eases that are most likely under the posterior."""
    is_right = posterior[entries.pattern, entries.code]
    n_readers, n_patterns = len(state.ability), len(state.log_ease)
    weights = entries.reads.weights

    def loss(values: AnyArray) -> tuple[float, AnyArray]:
        tried = _State(values[:n_readers], values[n_readers:])
        logit = _logits(entries, tried)
        value = entries.weight @ (is_right * log_expit(logit) + (1 - is_right) * log_expit(-logit))
        slope = entries.weight * (is_right - expit(logit))
        ease = np.exp(tried.log_ease[entries.pattern])
        by_reader = np.bincount(entries.reader, slope * ease, minlength=n_readers)
        by_pattern = np.bincount(entries.pattern, slope * logit, minlength=n_patterns)
        pull = np.concatenate([tried.ability - centre[0], weights * (tried.log_ease - centre[1])])
        return _penalty(entries, tried, centre) - float(value), pull - np.concatenate([by_reader, by_pattern])

    first = np.concatenate([state.ability, state.log_ease])
    found = minimize(loss, first, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS, "gtol": _GRADIENT})
    return _State(found.x[:n_readers], found.x[n_readers:])


def _symmetric(entries: _Entries, state: _State) -> FloatArray:
    """Return (readers, codes, codes) each reader's mean chance of being right, errors spread evenly."""
    n_readers, n_codes = len(state.ability), entries.reads.n_codes
    given = np.bincount(entries.reader, entries.weight, minlength=n_readers)
    right = np.bincount(entries.reader, entries.weight * expit(_logits(entries, state)), minlength=n_readers)
    skill = np.where(given > 0, right / np.where(given > 0, given, 1.0), 1.0 / n_codes)
    wrong = (1 - skill) / (n_codes - 1)
    return wrong[:, None, None] + (skill - wrong)[:, None, None] * np.eye(n_codes)


SPEC = Method(
    title="GLAD",
    function=glad,
    takes="codes",
    reference="Whitehill, Ruvolo, Wu, Bergsma & Movellan 2009, NeurIPS 22:2035-2043",
    scope=PROJECT_SCOPE,
)
