"""The rule of a quorum: when a panel has decided, and how many answers could still decide it."""

from dataclasses import dataclass

POSITIVE = "positive"
NEGATIVE = "negative"
BAND = "band"
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Quorum:
    """At least so many of a panel say yes, or at most so many, or neither.

    Parameters
    ----------
    panel : int
        Seats of a full panel.
    at_least : int
        Yes answers that make it positive.
    at_most : int
        Yes answers of a full panel up to which it is negative; less than ``at_least``. What lies between is the
        band, in which the panel decides nothing.
    """

    panel: int
    at_least: int
    at_most: int

    def __post_init__(self) -> None:
        """Refuse a rule that contradicts itself."""
        if not 0 <= self.at_most < self.at_least <= self.panel:
            raise ValueError("A quorum needs 0 ≤ at_most < at_least ≤ panel.")

    @property
    def no_needed(self) -> int:
        """No answers with which the panel is certainly negative."""
        return self.panel - self.at_most

    def state(self, yes: int, no: int) -> str:
        """Return positive, negative, band (certain, whatever comes), or open.

        Raises
        ------
        ValueError
            There are more answers than seats.
        """
        if yes < 0 or no < 0 or yes + no > self.panel:
            raise ValueError(f"{yes} yes and {no} no do not fit a panel of {self.panel}.")
        if yes >= self.at_least:
            return POSITIVE
        if no >= self.no_needed:
            return NEGATIVE
        return BAND if self._to_band(yes, no) == 0 else OPEN

    def open_seats(self, yes: int, no: int) -> int:
        """Return the fewest further answers that could decide: seats to open now, none of them wasted."""
        if self.state(yes, no) != OPEN:
            return 0
        wanted = [self.at_least - yes, self.no_needed - no]
        band = self._to_band(yes, no)
        return min(wanted if band is None else [*wanted, band])

    def _to_band(self, yes: int, no: int) -> int | None:
        """Return the fewest answers that make the band certain; None where the rule has none."""
        if self.at_least == self.at_most + 1:
            return None
        return max(0, self.at_most + 1 - yes) + max(0, self.panel - self.at_least + 1 - no)
