"""The declared scale of a question: its codes in order, and what may be computed with them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from qc.readings.base import FloatArray, ReadingError

SCALES = ("nominal", "ordinal", "interval", "ratio")

# Patterns store a code as an int16 index.
_MOST_CODES = 32_767


@dataclass(frozen=True, slots=True)
class Scale:
    """All values that a question allows, used or not (statistics.md, G1).

    Parameters
    ----------
    kind : str
        nominal, ordinal, interval or ratio.
    codes : tuple of str
        The allowed codes. Ordinal: from lowest to highest, as declared, never sorted. Interval and
        ratio: texts of finite numbers; ratio: none negative.
    """

    kind: str
    codes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a scale with which nothing can be computed."""
        object.__setattr__(self, "codes", tuple(self.codes))
        if self.kind not in SCALES:
            raise ReadingError("unknown-scale", f"{self.kind!r} is not one of {', '.join(SCALES)}.")
        if not 0 < len(self.codes) <= _MOST_CODES:
            raise ReadingError("bad-codes", f"A scale has 1 to {_MOST_CODES} codes, not {len(self.codes)}.")
        if len(set(self.codes)) != len(self.codes):
            raise ReadingError("bad-codes", "A scale lists each code once.")
        if self.is_numeric:
            self._check_numbers()

    def _check_numbers(self) -> None:
        """Refuse codes that are not numbers, or that a ratio scale does not have."""
        try:
            numbers = [float(code) for code in self.codes]
        except ValueError as error:
            raise ReadingError("not-a-number", f"The codes of an {self.kind} scale are numbers.") from error
        if not all(math.isfinite(number) for number in numbers):
            raise ReadingError("not-a-number", "The codes of a scale are finite numbers.")
        if self.kind == "ratio" and min(numbers) < 0:
            raise ReadingError("negative-ratio", "A ratio scale has no negative values; declare it as interval.")

    @property
    def is_numeric(self) -> bool:
        """Whether the codes are numbers that may be subtracted."""
        return self.kind in ("interval", "ratio")

    @property
    def values(self) -> FloatArray:
        """Return the numbers of an interval or ratio scale (codes,), else the ranks 0, 1, 2 …."""
        if self.is_numeric:
            return np.array([float(code) for code in self.codes], dtype=np.float64)
        return np.arange(len(self.codes), dtype=np.float64)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"kind": self.kind, "codes": list(self.codes)}
