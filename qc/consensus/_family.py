"""From a fit to a result: several starts, label switching, flags, and the inputs that teach nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from qc.agreement.base import NO_OVERLAP, NO_VARIATION, TOO_FEW
from qc.consensus._em import Design, Fit, Maximise, Reads, Search, reads_of, run
from qc.consensus.base import ProjectConsensus
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable

# Cautions, in the words that are stored.
NOT_CONVERGED = "not_converged"
SINGLE_READER = "single_reader"
CONSTANT_CLASS = "constant_class"
FEW_ITEMS = "few_items_per_reader"
UNUSED_CODE = "unused_code"
UNRATED = "unrated_units"
SEVERAL_OPTIMA = "several_optima"
LABELS_SWITCHED = "labels_switched"

# Below this many items a reader's whole matrix says less than one skill (statistics.md, C2).
_FEW = 20
_SAME_OPTIMUM = 1e-6


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be fitted: the method's name, the table, its design, the search, and the method's parameters."""

    method: str
    table: PatternTable
    design: Design
    search: Search
    parameters: Mapping[str, Any] = field(default_factory=dict)


def solve(task: Task, maximise: Maximise, *, is_hard: bool = False) -> ProjectConsensus:
    """Fit from the votes (and from perturbed votes where asked) and return the best fit that kept its labels."""
    reads = reads_of(task.table, task.design)
    reason = unusable(reads)
    if reason is not None:
        return nothing(task, reads, reason)
    fits = [run(reads, maximise, start, task.search, is_hard=is_hard) for start in starts(reads, task.search)]
    kept = [fit for fit in fits if not is_switched(reads, fit.posterior)]
    best = max(kept or fits[:1], key=lambda fit: fit.objective)
    details: dict[str, Any] = {}
    flags = set()
    if len(fits) > 1:
        optima = {round(fit.objective / _SAME_OPTIMUM) for fit in kept}
        details = {"n_optima": len(optima), "n_switched": len(fits) - len(kept), "gain_on_vote": gain(fits, best)}
        flags |= {SEVERAL_OPTIMA} if len(optima) > 1 else set()
    if not kept:
        flags.add(LABELS_SWITCHED)
    return result(task, reads, best, details, flags)


def gain(fits: list[Fit], best: Fit) -> float:
    """Return by how much the best start beats the vote start, in units of the log-posterior."""
    return float(best.objective - fits[0].objective)


def starts(reads: Reads, search: Search) -> list[FloatArray]:
    """Return the first posteriors: vote shares, then vote shares mixed half and half with a random draw."""
    first = reads.shares
    generator = np.random.Generator(np.random.PCG64(search.seed))
    drawn = [generator.dirichlet(np.ones(reads.n_codes), size=len(first)) for _ in range(search.starts - 1)]
    return [first, *(reads.clamped((first + draw) / 2) for draw in drawn)]


def is_switched(reads: Reads, posterior: FloatArray) -> bool:
    """Whether another naming of the classes would fit the votes better than the one found."""
    table = (reads.shares * reads.weights[:, None]).T @ posterior
    row, column = linear_sum_assignment(-table)
    return bool(table[row, column].sum() > np.trace(table) + 1e-9 * max(1.0, reads.weights.sum()))


def unusable(reads: Reads) -> str | None:
    """Return the reason why nothing can be learned, or None."""
    if reads.weights.sum() <= 0:
        return TOO_FEW
    return NO_VARIATION if reads.n_codes < 2 else None


def nothing(task: Task, reads: Reads, reason: str) -> ProjectConsensus:
    """Return the result of a table from which nothing can be learned."""
    empty = np.zeros((0, reads.n_codes))
    parameters = described(task)
    return ProjectConsensus(
        method=task.method,
        raters=reads.readers,
        codes=task.table.scale.codes,
        posterior=empty,
        prevalence=np.zeros(0),
        confusion={},
        support={},
        log_likelihood=None,
        iterations=0,
        converged=True,
        parameters=parameters,
        undefined=reason,
    )


def result(task: Task, reads: Reads, fit: Fit, details: Mapping[str, Any], flags: set[str]) -> ProjectConsensus:
    """Return a fit in the words of a project consensus."""
    met = reads.expected(reads.units(fit.posterior)).sum(axis=2)
    found = cautions(reads, is_converged=fit.converged) | flags
    extra = {name: spoken(values, reads.readers) for name, values in fit.learned.extra.items()}
    return ProjectConsensus(
        method=task.method,
        raters=reads.readers,
        codes=task.table.scale.codes,
        posterior=fit.posterior,
        prevalence=fit.learned.prevalence,
        confusion=dict(zip(reads.readers, fit.learned.confusion, strict=True)),
        support=dict(zip(reads.readers, met, strict=True)),
        log_likelihood=fit.log_likelihood,
        iterations=fit.iterations,
        converged=fit.converged,
        flags=tuple(sorted(found)),
        parameters=described(task),
        details={**details, **extra},
    )


def spoken(values: FloatArray, readers: tuple[str, ...]) -> dict[str, Any]:
    """Return values by reader."""
    return dict(zip(readers, values.tolist(), strict=True))


def described(task: Task) -> dict[str, Any]:
    """Return everything that the fit depends on, as plain values."""
    search = {"starts": task.search.starts, "seed": task.search.seed, "tolerance": task.search.tolerance}
    design = {"gold": task.design.gold, "repeats": dict(sorted(task.design.repeats.items()))}
    return {
        **task.parameters,
        "search": {**search, "max_iterations": task.search.max_iterations},
        "design": {**design, "gold_is_sample": task.design.gold_is_sample},
    }


def cautions(reads: Reads, *, is_converged: bool) -> set[str]:
    """Return what a reader of the result must know about the reads."""
    used = (reads.weights @ reads.said).reshape(len(reads.readers), reads.n_codes)
    row = np.repeat(np.arange(reads.said.shape[0]), np.diff(reads.said.indptr))
    # Entries of a row are sorted by reader, and a reader who said two codes of one unit is still one reader.
    reader = reads.said.indices // reads.n_codes
    is_next = np.concatenate([[True], (row[1:] != row[:-1]) | (reader[1:] != reader[:-1])])[: len(row)]
    readers_of = np.bincount(row[is_next], minlength=reads.said.shape[0])
    holds = {
        NOT_CONVERGED: not is_converged,
        SINGLE_READER: int((used.sum(axis=1) > 0).sum()) < 2,
        CONSTANT_CLASS: int((used.sum(axis=0) > 0).sum()) < 2,
        UNUSED_CODE: bool((used.sum(axis=0) == 0).any()),
        FEW_ITEMS: bool((used.sum(axis=1) < _FEW).any()),
        UNRATED: bool((readers_of == 0).any()),
        NO_OVERLAP: bool((readers_of < 2).all()),
    }
    return {name for name, does in holds.items() if does}
