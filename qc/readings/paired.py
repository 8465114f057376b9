"""The same units read twice: two panels, or one panel before and after a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qc.readings.base import ReadingError
from qc.readings.pattern_table import PatternTable


@dataclass(frozen=True, slots=True, eq=False)
class Paired:
    """One table in which two sets of columns are to be compared.

    Parameters
    ----------
    table : PatternTable
        All columns: for example ada and ben without, and again with, a second reader's hint.
    before, after : tuple of str
        Columns of the two sides, two or more each. A column may be in both, as a reference is.
    """

    table: PatternTable
    before: tuple[str, ...]
    after: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse sides that are not in the table or too small to agree."""
        for name in ("before", "after"):
            side: Sequence[str] = getattr(self, name)
            object.__setattr__(self, name, tuple(sorted(set(side))))
            if len(set(side)) < 2:
                raise ReadingError("two-raters", "Each side has two readers or more.")
            unknown = sorted(set(side) - set(self.table.raters))
            if unknown:
                raise ReadingError("unknown-rater", f"Not in this reading: {', '.join(unknown)}.")

    @property
    def n_units(self) -> int:
        """Number of units."""
        return self.table.n_units

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"table": self.table.as_dict(), "before": list(self.before), "after": list(self.after)}
