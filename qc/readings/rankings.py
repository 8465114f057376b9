"""Orders that raters put options into, unit by unit; ties allowed."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qc.readings.base import ReadingError
from qc.readings.incidence import numbered

# Rater → groups of options from best to worst; the options of a group are tied.
Orders = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True, eq=False)
class Rankings:
    """The rank of each option by each rater of each unit.

    Parameters
    ----------
    options : tuple of str
        What is put into order, sorted; every rater ranks all of them.
    units : tuple
        For each unit the raters who ranked it, sorted, each with the mid-ranks of the options from 1.
    clusters : tuple of str or None
        The cluster (patient) of each unit; None when unknown.
    """

    options: tuple[str, ...]
    units: tuple[tuple[tuple[str, tuple[float, ...]], ...], ...]
    clusters: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Put the units in canonical order."""
        names = self.clusters or ("",) * len(self.units)
        if len(names) != len(self.units):
            raise ReadingError("bad-clusters", f"{len(names)} clusters were given for {len(self.units)} units.")
        order = sorted(range(len(self.units)), key=lambda place: (self.units[place], names[place]))
        object.__setattr__(self, "units", tuple(self.units[place] for place in order))
        if self.clusters is not None:
            object.__setattr__(self, "clusters", tuple(names[place] for place in order))

    @classmethod
    def from_orders(
        cls, units: Sequence[Orders], *, options: Sequence[str], clusters: Sequence[Hashable] | None = None
    ) -> "Rankings":
        """Return the ranks of orders.

        Parameters
        ----------
        units : sequence of mapping from rater to groups of options
            One mapping a unit; groups from best to worst, tied options in one group.
        options : sequence of str
            What is put into order; each occurs once in each order.
        clusters : sequence (units,) or None
            The cluster of each unit; None when unknown.
        """
        declared = tuple(sorted(options))
        if len(set(declared)) != len(declared):
            raise ReadingError("bad-codes", "Each option is declared once.")
        rows = tuple(tuple(sorted((rater, _ranks(order, declared)) for rater, order in row.items())) for row in units)
        if clusters is None:
            return cls(declared, rows)
        names, index = numbered(clusters)
        return cls(declared, rows, tuple(names[place] for place in index.tolist()))

    @property
    def n_units(self) -> int:
        """Number of units."""
        return len(self.units)

    @property
    def raters(self) -> tuple[str, ...]:
        """Raters who ranked at least one unit, sorted."""
        return tuple(sorted({rater for row in self.units for rater, _ in row}))

    def merge(self, other: "Rankings") -> "Rankings":
        """Return both together; options must be the same, clusters survive only where both know them."""
        if self.options != other.options:
            raise ReadingError("options-differ", "Rankings of different options do not add up.")
        parts = (self, other)
        known = all(part.clusters is not None or not part.units for part in parts)
        names = tuple(name for part in parts for name in part.clusters or ())
        return Rankings(self.options, self.units + other.units, names if known else None)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "options": list(self.options),
            "units": [[[rater, list(ranks)] for rater, ranks in row] for row in self.units],
            "clusters": None if self.clusters is None else list(self.clusters),
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> "Rankings":
        """Return the reading whose ``as_dict`` this is."""
        units = tuple(tuple((rater, tuple(ranks)) for rater, ranks in row) for row in value["units"])
        clusters = value["clusters"]
        return cls(tuple(value["options"]), units, None if clusters is None else tuple(clusters))


def _ranks(order: Sequence[Sequence[str]], options: tuple[str, ...]) -> tuple[float, ...]:
    """Return the mid-rank of each option."""
    named = [option for group in order for option in group]
    if sorted(named) != list(options):
        raise ReadingError("not-an-order", "An order names each option once and no other.")
    ranks, before = {}, 0
    for group in order:
        ranks.update(dict.fromkeys(group, before + (len(group) + 1) / 2))
        before += len(group)
    return tuple(float(ranks[option]) for option in options)
