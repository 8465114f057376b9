"""Cells and large-sample variance of a 2×2 table of two readers with a given kappa.

References
----------
Fleiss JL, Cohen J, Everitt BS. Large sample standard errors of kappa and weighted kappa.
Psychol Bull 72:323-327, 1969. doi:10.1037/h0028106
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cells:
    """Probabilities that both say yes, only the first, only the second, neither."""

    both: float
    first: float
    second: float
    neither: float

    @property
    def is_possible(self) -> bool:
        """Whether none is negative, up to rounding."""
        return min(self.both, self.first, self.second, self.neither) >= -1e-12

    @property
    def chance(self) -> float:
        """Agreement by chance, p_e."""
        yes, other = self.both + self.first, self.both + self.second
        return yes * other + (1 - yes) * (1 - other)


def cells_of(kappa: float, rate1: float, rate2: float) -> Cells:
    """Return the cells of two readers.

    Parameters
    ----------
    kappa : float
        Their Cohen kappa.
    rate1, rate2 : float
        How often each says yes.
    """
    chance = rate1 * rate2 + (1 - rate1) * (1 - rate2)
    agreement = kappa * (1 - chance) + chance
    neither = (agreement - rate1 + 1 - rate2) / 2
    both = agreement - neither
    return Cells(both, rate1 - both, rate2 - both, neither)


def unit_variance(cells: Cells) -> float:
    """Return n times the variance of kappa."""
    yes, other = cells.both + cells.first, cells.both + cells.second
    agreement, chance = cells.both + cells.neither, cells.chance
    on_diagonal = cells.both * (1 - chance - (yes + other) * (1 - agreement)) ** 2
    on_diagonal += cells.neither * (1 - chance - (2 - yes - other) * (1 - agreement)) ** 2
    off = cells.first * (other + 1 - yes) ** 2 + cells.second * (1 - other + yes) ** 2
    last = (agreement * chance - 2 * chance + agreement) ** 2
    return (on_diagonal + (1 - agreement) ** 2 * off - last) / (1 - chance) ** 4
