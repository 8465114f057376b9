"""Expectation and maximisation on decision patterns: the engine of the Dawid–Skene family.

A unit enters only through what its readers said, so each distinct pattern is worked on once and weighs as many
units as show it. All products are of one sparse matrix (patterns × reader-and-code), whatever the number of units.
Arrays (patterns, codes) lie column by column: sums and exponentials then run along the patterns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
from scipy.sparse import csr_array

from qc.readings.base import AnyArray, BoolArray, FloatArray, IntArray, ReadingError
from qc.readings.pattern_table import MISSING, PatternTable

_NO_GOLD = -1


@dataclass(frozen=True, slots=True)
class Design:
    """What the columns of the table are, beyond one reader each.

    Parameters
    ----------
    gold : str
        Column that holds known answers (missing where unknown); empty when there is none. Its units keep
        their answer, and it is nobody's reading.
    repeats : mapping from column to reader
        Columns that are further readings by one reader: they count as several readings of one person.
    gold_is_sample : bool
        False when the known units were chosen by their class, so that they say nothing of the prevalence.
    """

    gold: str = ""
    repeats: Mapping[str, str] = field(default_factory=dict)
    gold_is_sample: bool = True


@dataclass(frozen=True, slots=True)
class Search:
    """How the optimum is looked for.

    Parameters
    ----------
    starts : int
        The vote, and ``starts - 1`` perturbed votes.
    seed : int
        Seed of PCG64 for the perturbed votes.
    tolerance : float
        Stop when the log-posterior changes by less than this a unit; 0 never stops before the cap.
    max_iterations : int
        Cap; reaching it is said.
    """

    starts: int = 1
    seed: int = 0
    tolerance: float = 1e-8
    max_iterations: int = 500

    def __post_init__(self) -> None:
        """Refuse a search that cannot be carried out."""
        if self.starts < 1 or self.max_iterations < 1 or not self.tolerance >= 0:
            raise ValueError("At least one start and one iteration are needed, and a tolerance of 0 or more.")


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """A table as the engine needs it.

    Parameters
    ----------
    readers : tuple of str
        Sorted; repeated columns are one reader.
    n_codes : int
        Categories of the scale.
    said : csr_array (patterns, readers × codes)
        Times that the reader said the code in a unit of the pattern.
    weights : float64 array (patterns,)
        Units of each pattern; 0 where nobody rated.
    gold : int64 array (patterns,)
        Known code, or -1.
    gold_is_sample : bool
        As in ``Design``.
    """

    readers: tuple[str, ...]
    n_codes: int
    said: Any
    weights: FloatArray
    gold: IntArray
    gold_is_sample: bool

    @property
    def is_plain(self) -> bool:
        """Whether each pattern is one rated unit, so that there is nothing to weigh."""
        return bool((self.weights == 1.0).all())

    @property
    def votes(self) -> FloatArray:
        """Readings of each code in each pattern (patterns, codes)."""
        fold = np.tile(np.eye(self.n_codes), (len(self.readers), 1))
        votes: FloatArray = self.said @ fold
        return votes

    @property
    def shares(self) -> FloatArray:
        """Vote shares (patterns, codes); known units have their answer, unrated ones equal shares."""
        votes = np.asfortranarray(self.votes)
        total = votes.sum(axis=1, keepdims=True)
        return self.clamped(np.where(total > 0, votes / np.maximum(total, 1.0), 1.0 / self.n_codes))

    def clamped(self, posterior: FloatArray) -> FloatArray:
        """Return the posterior with the known units at their answer."""
        known = np.flatnonzero(self.gold >= 0)
        if not len(known):
            return posterior
        fixed = posterior.copy()
        fixed[known] = 0.0
        fixed[known, self.gold[known]] = 1.0
        return fixed

    def units(self, posterior: FloatArray) -> FloatArray:
        """Return (patterns, codes) the expected number of units of each pattern and code."""
        return posterior if self.is_plain else posterior * self.weights[:, None]

    def expected(self, units: FloatArray) -> FloatArray:
        """Return (readers, codes true, codes said) the expected number of readings."""
        said = self.said.T
        counts = [(said @ units[:, code]).reshape(len(self.readers), -1) for code in range(self.n_codes)]
        return np.stack(counts, axis=1)

    def totals(self, units: FloatArray) -> FloatArray:
        """Return (codes,) the expected number of units of each code that speak of the prevalence."""
        used = units if self.gold_is_sample else units[self.gold < 0]
        totals: FloatArray = used.sum(axis=0)
        return totals


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """What one maximisation step found.

    Parameters
    ----------
    prevalence : float64 array (codes,)
    confusion : float64 array (readers, codes true, codes said)
    log_prior : float
        Logarithm of the prior at these parameters, up to a constant.
    extra : mapping from name to float64 array
        Parameters of the method's own (skills, trust).
    """

    prevalence: FloatArray
    confusion: FloatArray
    log_prior: float
    extra: Mapping[str, FloatArray] = field(default_factory=dict)


# Expected readings (readers, true, said), units of each code, and what was learned before → what is learned now.
Maximise: TypeAlias = Callable[[FloatArray, FloatArray, Learned | None], Learned]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """One run of the engine."""

    posterior: FloatArray
    learned: Learned
    log_likelihood: float
    objective: float
    iterations: int
    converged: bool


def reads_of(table: PatternTable, design: Design) -> Reads:
    """Return the reads of a table.

    Raises
    ------
    ReadingError
        The design names a column that the table does not have.
    """
    named = {*design.repeats, *([design.gold] if design.gold else [])}
    unknown = sorted(named - set(table.raters))
    if unknown:
        raise ReadingError("unknown-rater", f"Not in this reading: {', '.join(unknown)}.")
    columns = [name for name in table.raters if name != design.gold]
    readers = tuple(sorted({design.repeats.get(name, name) for name in columns}))
    n_codes, n_patterns = len(table.scale.codes), len(table.patterns)
    place = [readers.index(design.repeats.get(name, name)) for name in columns]
    patterns = table.patterns[:, [table.raters.index(name) for name in columns]]
    said = _one_hot(patterns, np.array(place, dtype=np.int32) * n_codes, len(readers) * n_codes)
    gold = np.full(n_patterns, _NO_GOLD, dtype=np.int64)
    if design.gold:
        gold = table.patterns[:, table.raters.index(design.gold)].astype(np.int64)
    is_rated = np.diff(said.indptr) > 0
    return Reads(readers, n_codes, said, np.where(is_rated, table.counts, 0.0), gold, design.gold_is_sample)


def _one_hot(patterns: AnyArray, offset: AnyArray, width: int) -> Any:
    """Return the sparse (patterns, width) times that each reader said each code; entries of a row in order.

    Parameters
    ----------
    patterns : int16 array (patterns, columns)
        Codes, -1 where missing.
    offset : int32 array (columns,)
        First place of the reader of each column.
    width : int
        Readers × codes.
    """
    is_said = patterns != MISSING
    flat = np.flatnonzero(is_said)
    entry = patterns.ravel()[flat] + offset[flat % patterns.shape[1]] if len(flat) else np.zeros(0, np.int32)
    ends = np.concatenate([[0], np.cumsum(is_said.sum(axis=1))])
    # Indices of four bytes where they fit: each step reads all of them, once a code.
    size = np.int32 if max(len(flat), width) < np.iinfo(np.int32).max else np.int64
    parts = (np.ones(len(flat)), entry.astype(size, copy=False), ends.astype(size))
    said = csr_array(parts, shape=(len(patterns), width))
    # Only a reader with several columns can stand twice in a row, or out of order.
    said.sum_duplicates()
    return said


def run(reads: Reads, maximise: Maximise, start: FloatArray, search: Search, *, is_hard: bool = False) -> Fit:
    """Alternate both steps from a first posterior until the log-posterior stands still.

    Parameters
    ----------
    reads : Reads
        What was said.
    maximise : callable
        The method's own step.
    start : float64 array (patterns, codes)
        First posterior.
    search : Search
        Tolerance and cap.
    is_hard : bool
        Give each unit wholly to its leading code (shared among equals) before each maximisation.
    """
    fit = stepped(reads, maximise, start, None, is_hard=is_hard)
    while not fit.converged and fit.iterations < search.max_iterations:
        after = stepped(reads, maximise, fit.posterior, fit, is_hard=is_hard)
        is_still = abs(after.objective - fit.objective) < search.tolerance * reads.weights.sum()
        fit = replace(after, converged=bool(is_still))
    return fit


def stepped(reads: Reads, maximise: Maximise, start: FloatArray, before: Fit | None, *, is_hard: bool) -> Fit:
    """Return the fit after one maximisation and one expectation."""
    units = reads.units(leading(start) if is_hard else start)
    learned = maximise(reads.expected(units), reads.totals(units), before.learned if before else None)
    posterior, log_likelihood = expectation(reads, learned)
    return Fit(
        posterior=posterior,
        learned=learned,
        log_likelihood=log_likelihood,
        objective=log_likelihood + learned.log_prior,
        iterations=before.iterations + 1 if before else 1,
        converged=False,
    )


def expectation(reads: Reads, learned: Learned) -> tuple[FloatArray, float]:
    """Return the posterior (patterns, codes) and the log-likelihood, both from logarithms."""
    scores = evidence(reads, learned)
    known = reads.gold >= 0
    at_gold = scores[known, reads.gold[known]]
    top = scores.max(axis=1, keepdims=True)
    scores -= top
    np.exp(scores, out=scores)
    total = scores.sum(axis=1, keepdims=True)
    scores /= total
    per_pattern = np.log(total[:, 0]) + top[:, 0]
    per_pattern[known] = at_gold
    used = reads.weights > 0
    return reads.clamped(scores), float(reads.weights[used] @ per_pattern[used])


def evidence(reads: Reads, learned: Learned) -> FloatArray:
    """Return (patterns, codes) log prevalence + log probability of what was said."""
    with np.errstate(divide="ignore"):
        logs = np.log(learned.confusion)
        first = np.log(learned.prevalence)
    scores = np.empty((reads.said.shape[0], reads.n_codes), order="F")
    for code in range(reads.n_codes):
        scores[:, code] = reads.said @ logs[:, code].ravel() + first[code]
    return scores


def leading(posterior: FloatArray) -> FloatArray:
    """Return the posterior with everything at the leading code, in equal parts where several lead."""
    leads: BoolArray = posterior >= posterior.max(axis=1, keepdims=True) - 1e-12
    share: FloatArray = leads / leads.sum(axis=1, keepdims=True)
    return share
