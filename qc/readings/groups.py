"""One number a unit, in groups of units: agreement by site, sex, age band, scanner, lesion size."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings.base import FloatArray, ReadingError, frozen


@dataclass(frozen=True, slots=True, eq=False)
class GroupTable:
    """Values of units, the group of each, and the patient of each.

    Parameters
    ----------
    values : float64 array (units,)
        Finite: agreement of the readers on the unit, 1 for a correct and 0 for a wrong read …
    groups : tuple of str (units,)
        The group of each unit.
    clusters : tuple of str (units,) or None
        The patient of each unit; None when unknown, which makes each unit a cluster of its own.
    """

    values: FloatArray
    groups: tuple[str, ...]
    clusters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Freeze the values and refuse what does not belong together."""
        object.__setattr__(self, "values", frozen(self.values, np.float64))
        object.__setattr__(self, "groups", tuple(str(name) for name in self.groups))
        if self.values.ndim != 1 or len(self.groups) != len(self.values):
            raise ReadingError("bad-shape", "Each unit has one value and one group.")
        if not np.isfinite(self.values).all():
            raise ReadingError("not-a-number", "Values are finite numbers; leave out what is undefined.")
        if self.clusters is not None:
            object.__setattr__(self, "clusters", tuple(str(name) for name in self.clusters))
            if len(self.clusters) != len(self.values):
                raise ReadingError("bad-clusters", "Each unit has one cluster.")

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.values)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the groups, sorted."""
        return tuple(sorted(set(self.groups)))

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        clusters = None if self.clusters is None else list(self.clusters)
        return {"values": self.values.tolist(), "groups": list(self.groups), "clusters": clusters}
