"""Several categorical readings by name: one a stratum (site, scanner), or one a reader who read twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from qc.readings.base import ReadingError
from qc.readings.pattern_table import PatternTable


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Readings of two columns each, of one scale.

    Parameters
    ----------
    tables : mapping from str to PatternTable
        Name of the stratum to its reading: two readers of its cases, or a reader's first and second look.
    """

    tables: Mapping[str, PatternTable]

    def __post_init__(self) -> None:
        """Sort by name and refuse readings that cannot be set side by side."""
        ordered = {name: self.tables[name] for name in sorted(self.tables)}
        object.__setattr__(self, "tables", MappingProxyType(ordered))
        if len({table.scale for table in ordered.values()}) > 1:
            raise ReadingError("scale-differs", "All strata have one scale.")
        if any(len(table.raters) != 2 for table in ordered.values()):
            raise ReadingError("two-raters", "Each stratum has two columns.")

    @property
    def n_units(self) -> int:
        """Number of units in all strata."""
        return sum(table.n_units for table in self.tables.values())

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {name: table.as_dict() for name, table in self.tables.items()}
