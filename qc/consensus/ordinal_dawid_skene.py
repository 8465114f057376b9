"""Dawid–Skene for ordered levels: readers are expected to err by a step rather than by several."""

from collections.abc import Sequence

import numpy as np

from qc.consensus._confusion import matrix_step, three
from qc.consensus._em import Design, Search
from qc.consensus._family import Task, solve
from qc.consensus.base import PROJECT_SCOPE, Method, ProjectConsensus
from qc.readings.base import FloatArray
from qc.readings.pattern_table import PatternTable


def ordinal_dawid_skene(
    table: PatternTable,
    *,
    prior: Sequence[float] = (4.0, 1.0, 1.0),
    decay: float = 0.25,
    design: Design = Design(),  # noqa: B008
    search: Search = Search(),  # noqa: B008
) -> ProjectConsensus:
    """Estimate truth and confusion with a banded prior along the order of the levels.

    The pseudo-count of saying level l when j is true is ``right`` for l = j and ``wrong · decay^(|l − j| − 1)``
    otherwise. A proposal of this project, not a published standard: with ``decay = 1`` it is ``dawid_skene``.

    Parameters
    ----------
    table : PatternTable
        Levels in their declared order.
    prior : sequence of three float
        Pseudo-counts for the right level, for a neighbour of it, and for each class.
    decay : float
        Factor for each further step, above 0 and at most 1.
    design : Design
        Known answers and repeated readings.
    search : Search
        Starts, seed, tolerance, cap.

    Returns
    -------
    ProjectConsensus
        Undefined as for ``dawid_skene``. The level at the posterior median is ``soft.median_level`` of it.

    Raises
    ------
    ValueError
        The scale has no order, or a prior or decay is out of range.

    References
    ----------
    Dawid AP, Skene AM. Appl Stat 28:20-28, 1979. doi:10.2307/2346806 (the model; the band is this project's).
    """
    if table.scale.kind == "nominal":
        raise ValueError("An ordinal method needs levels in an order, not a nominal scale.")
    if not 0 < decay <= 1:
        raise ValueError("The decay lies above 0 and is at most 1.")
    right, wrong, prevalence = three(prior)
    pseudo = _band(len(table.scale.codes), right, wrong, decay)
    parameters = {"prior": [right, wrong, prevalence], "decay": decay}
    return solve(Task("ordinal_dawid_skene", table, design, search, parameters), matrix_step(pseudo, prevalence))


def _band(n_codes: int, right: float, wrong: float, decay: float) -> FloatArray:
    """Return the pseudo-counts (levels true, levels said)."""
    step = np.abs(np.subtract.outer(np.arange(n_codes), np.arange(n_codes)))
    band: FloatArray = np.where(step == 0, right, wrong * decay ** np.maximum(step - 1, 0).astype(np.float64))
    return band


SPEC = Method(
    title="Ordinal Dawid–Skene",
    function=ordinal_dawid_skene,
    takes="codes",
    reference="Dawid & Skene 1979, doi:10.2307/2346806, with a banded prior of this project",
    scope=PROJECT_SCOPE,
)
