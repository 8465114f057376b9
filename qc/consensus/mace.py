"""MACE: each reader either tells the truth or answers by a habit that ignores the unit."""

from collections.abc import Sequence

import numpy as np

from qc.consensus._confusion import normalised, shares_of, three, weighted_log
from qc.consensus._em import Design, Learned, Maximise, Search
from qc.consensus._family import Task, solve
from qc.consensus.base import PROJECT_SCOPE, Method, ProjectConsensus
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def mace(
    table: PatternTable,
    *,
    prior: Sequence[float] = (1.0, 1.0, 1.0),
    design: Design = Design(),  # noqa: B008
    search: Search = Search(),  # noqa: B008
) -> ProjectConsensus:
    """Estimate truth, each reader's competence, and the habit of the moments without it.

    A reader says the true code with probability θ, and otherwise draws a code from the habit ξ, whatever the unit:
    π_jl = θ [j = l] + (1 − θ) ξ_l. Made for finding those who click without looking; competence near 0 is a
    reason to look, never a verdict.

    Parameters
    ----------
    table : PatternTable
        Any number of readers, missing ratings allowed.
    prior : sequence of three float
        Pseudo-counts for competence and for its absence (the same number each), for the habit (in all, spread over
        the codes), and for each class. The published method has equal classes; here their share is learned.
    design : Design
        Known answers and repeated readings.
    search : Search
        Starts, seed, tolerance, cap.

    Returns
    -------
    ProjectConsensus
        ``details["competence"]`` by reader, ``details["habit"]`` by reader in the order of the codes. Undefined
        as for ``dawid_skene``.

    Raises
    ------
    ValueError
        A prior that is not three finite numbers of 0 or more.

    References
    ----------
    Hovy D, Berg-Kirkpatrick T, Vaswani A, Hovy E. Learning whom to trust with MACE. Proc NAACL-HLT 1120-1130, 2013.
    https://aclanthology.org/N13-1132
    """
    weights = three(prior)
    task = Task("mace", table, design, search, {"prior": list(weights)})
    return solve(task, _step(len(table.scale.codes), weights))


def _step(n_codes: int, prior: tuple[float, float, float]) -> Maximise:
    trust_pseudo, habit_pseudo, prevalence = prior

    def step(expected: FloatArray, totals: FloatArray, before: Learned | None) -> Learned:
        share = shares_of(totals, prevalence)
        competence, habit = _before(expected, before)
        right = np.diagonal(expected, axis1=1, axis2=2)
        chance = (1 - competence)[:, None] * habit
        known = competence[:, None] + chance
        meant = right * np.where(known > 0, competence[:, None] / np.where(known > 0, known, 1.0), 0.0)
        clicked = expected.sum(axis=1) - meant
        pair = np.stack([meant.sum(axis=1), clicked.sum(axis=1)], axis=1) + trust_pseudo
        competence = normalised(pair)[:, 0]
        habit = normalised(clicked + habit_pseudo / n_codes)
        confusion = (1 - competence)[:, None, None] * habit[:, None, :] + competence[:, None, None] * np.eye(n_codes)
        both = np.stack([competence, 1 - competence], axis=1)
        log_prior = weighted_log(np.full(2, trust_pseudo), both)
        log_prior += weighted_log(np.full(n_codes, habit_pseudo / n_codes), habit)
        log_prior += weighted_log(np.full(n_codes, prevalence), share)
        return Learned(share, confusion, log_prior, {"competence": competence, "habit": habit})

    return step


def _before(expected: FloatArray, before: Learned | None) -> tuple[FloatArray, FloatArray]:
    """Return competence and habit so far; at first an even chance and equal codes."""
    if before is not None:
        return before.extra["competence"], before.extra["habit"]
    n_readers, n_codes = expected.shape[:2]
    return np.full(n_readers, 0.5), np.full((n_readers, n_codes), 1.0 / n_codes)


SPEC = Method(
    title="MACE",
    function=mace,
    takes="codes",
    reference="Hovy, Berg-Kirkpatrick, Vaswani & Hovy 2013, https://aclanthology.org/N13-1132",
    scope=PROJECT_SCOPE,
)
