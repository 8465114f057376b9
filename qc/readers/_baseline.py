"""Centre and spread of a reader's first reads, where a chart is given neither."""

from dataclasses import dataclass

import numpy as np

from qc.readings.base import FloatArray

# Expected range of two normal values, in standard deviations.
_D2 = 1.128379167095513
FEWEST = 2


@dataclass(frozen=True, slots=True)
class Target:
    """Where a series lies, and how far its single values scatter, while nothing changes.

    Parameters
    ----------
    centre : float
        Mean.
    spread : float
        Standard deviation of single values, above 0.
    """

    centre: float
    spread: float

    def __post_init__(self) -> None:
        """Refuse a spread with which there are no limits."""
        if not self.spread > 0:
            raise ValueError("The spread of single values is above 0.")


def target_of(values: FloatArray, baseline: int) -> Target | None:
    """Return the mean of the first values, and their mean moving range over 1.128.

    Parameters
    ----------
    values : float64 array (reads,)
        In the order of reading.
    baseline : int
        Number of reads that are taken as unchanged, 2 or more.

    Returns
    -------
    Target or None
        None where there are fewer reads, or where they do not vary.

    References
    ----------
    Montgomery DC. Introduction to Statistical Quality Control, 7th edition, 2012, section 6.4. ISBN 978-1-118-14681-1
    """
    if baseline < FEWEST:
        raise ValueError(f"A baseline has {FEWEST} reads or more.")
    first = values[:baseline]
    if len(first) < baseline:
        return None
    spread = float(np.abs(np.diff(first)).mean()) / _D2
    return Target(float(first.mean()), spread) if spread > 0 else None
