"""What one reader did, in the order in which it was done."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings.base import FloatArray, ReadingError, frozen


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Numbers in the order of reading, which is the time of annotation and never the time of upload.

    Parameters
    ----------
    values : float64 array (reads,)
        Finite: 1 for an error and 0 for a correct read, seconds a read, signed differences …
    unit : str
        Physical unit; empty for a pure number.
    reader : str
        Whose reads they are.
    """

    values: FloatArray
    unit: str = ""
    reader: str = ""

    def __post_init__(self) -> None:
        """Freeze the array and refuse what is no series."""
        object.__setattr__(self, "values", frozen(self.values, np.float64))
        if self.values.ndim != 1:
            raise ReadingError("bad-shape", "A series has one number a read.")
        if not np.isfinite(self.values).all():
            raise ReadingError("not-a-number", "A series holds finite numbers; leave out what is missing.")

    @property
    def n_units(self) -> int:
        """Number of reads."""
        return len(self.values)

    @property
    def is_binary(self) -> bool:
        """Whether it holds 0 and 1 only."""
        return bool(np.isin(self.values, (0.0, 1.0)).all())

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"values": self.values.tolist(), "unit": self.unit, "reader": self.reader}
