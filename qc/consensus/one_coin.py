"""One-coin Dawid–Skene: one skill for each reader, errors spread evenly over the wrong codes."""

from collections.abc import Sequence

import numpy as np

from qc.consensus._confusion import shares_of, three
from qc.consensus._em import Design, Learned, Maximise, Search
from qc.consensus._family import Task, solve
from qc.consensus.base import PROJECT_SCOPE, Method, ProjectConsensus
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def one_coin(
    table: PatternTable,
    *,
    prior: Sequence[float] = (4.0, 1.0, 1.0),
    design: Design = Design(),  # noqa: B008
    search: Search = Search(),  # noqa: B008
) -> ProjectConsensus:
    """Estimate what is true of each unit together with one skill for each reader.

    A reader says the true code with probability s and each other with (1 − s)/(K − 1). To be preferred to whole
    matrices where a reader has fewer than about 20 items.

    Parameters
    ----------
    table : PatternTable
        Any number of readers, missing ratings allowed.
    prior : sequence of three float
        Pseudo-counts for the right code, each wrong code, and each class; zeros give maximum likelihood.
    design : Design
        Known answers and repeated readings.
    search : Search
        Starts, seed, tolerance, cap.

    Returns
    -------
    ProjectConsensus
        ``details["skill"]`` holds s by reader. Undefined as for ``dawid_skene``.

    Raises
    ------
    ValueError
        A prior that is not three finite numbers of 0 or more.

    References
    ----------
    Zhang Y, Chen X, Zhou D, Jordan MI. Spectral methods meet EM. J Mach Learn Res 17(102):1-44, 2016 (the one-coin
    model). Dawid AP, Skene AM, 1979, doi:10.2307/2346806.
    """
    right, wrong, prevalence = three(prior)
    task = Task("one_coin", table, design, search, {"prior": [right, wrong, prevalence]})
    return solve(task, _step(len(table.scale.codes), (right, wrong, prevalence)))


def _step(n_codes: int, prior: tuple[float, float, float]) -> Maximise:
    right, wrong, prevalence = prior

    def step(expected: FloatArray, totals: FloatArray, before: Learned | None) -> Learned:
        share = shares_of(totals, prevalence)
        correct = np.trace(expected, axis1=1, axis2=2) + right
        other = expected.sum(axis=(1, 2)) + right - correct + wrong * (n_codes - 1)
        total = correct + other
        skill = np.where(total > 0, correct / np.where(total > 0, total, 1.0), 1.0 / n_codes)
        miss = (1.0 - skill) / (n_codes - 1)
        confusion = np.repeat(miss, n_codes * n_codes).reshape(-1, n_codes, n_codes).copy()
        confusion[:, np.arange(n_codes), np.arange(n_codes)] = skill[:, None]
        log_prior = _log(right, skill) + _log(wrong * (n_codes - 1), miss) + _log(prevalence, share)
        return Learned(share, confusion, log_prior, {"skill": skill})

    return step


def _log(pseudo: float, values: FloatArray) -> float:
    return float(pseudo * np.log(values).sum()) if pseudo > 0 else 0.0


SPEC = Method(
    title="One-coin Dawid–Skene",
    function=one_coin,
    takes="codes",
    reference="Zhang, Chen, Zhou & Jordan 2016, JMLR 17(102); Dawid & Skene 1979, doi:10.2307/2346806",
    scope=PROJECT_SCOPE,
)
