"""What every check shares: its outcome, the report of all of them, and the fault of a package that cannot be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

REPRODUCED = "reproduced"
DIFFERS = "differs"
CANNOT = "cannot"

# Differences named one by one; the rest is counted.
MOST_NAMED = 50


class PackageProblem(ValueError):
    """A package or one of its files cannot be read.

    Parameters
    ----------
    place : str
        The file, and the line where there is one.
    message : str
        One sentence for people.
    """

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.message = message


@dataclass(frozen=True, slots=True)
class Item:
    """What one check found.

    Parameters
    ----------
    name : str
        What was checked.
    outcome : str
        reproduced, differs, or cannot (be decided, with the reason in ``detail``).
    detail : str
        One sentence: how much was compared, or why it could not be.
    differences : tuple of str
        Each difference by file, or by case, question and finding.
    """

    name: str
    outcome: str
    detail: str
    differences: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "name": self.name,
            "outcome": self.outcome,
            "detail": self.detail,
            "differences": list(self.differences),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What all checks found.

    Parameters
    ----------
    title : str
        The release, as its manifest names it; empty when there is no manifest to read.
    items : tuple of Item
        In the order in which they were made.
    """

    title: str
    items: tuple[Item, ...]

    @property
    def is_equal(self) -> bool:
        """Whether every check reproduced what the package says."""
        return all(item.outcome == REPRODUCED for item in self.items)

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"title": self.title, "is_equal": self.is_equal, "items": [item.as_dict() for item in self.items]}

    def lines(self) -> list[str]:
        """Return the report in words, a line a check and a line a difference."""
        found = [self.title] if self.title else []
        for item in self.items:
            found.append(f"{item.outcome:<10}  {item.name}: {item.detail}")
            found += [f"              {difference}" for difference in item.differences]
        found.append("Everything was reproduced." if self.is_equal else "NOT everything was reproduced.")
        return found


def compared(name: str, differences: Iterable[str], detail: str) -> Item:
    """Return the item of a check: reproduced without differences, else differs with the first of them named."""
    found = list(differences)
    if not found:
        return Item(name, REPRODUCED, detail)
    named = tuple(found[:MOST_NAMED])
    rest = len(found) - len(named)
    if rest:
        named += (f"and {rest} more",)
    return Item(name, DIFFERS, f"{len(found)} differences; {detail}", named)


def cannot(name: str, reason: str) -> Item:
    """Return the item of a check that could not be made."""
    return Item(name, CANNOT, reason)


def written(unit: tuple[str, str, str]) -> str:
    """Return a unit as people read it: case, question and finding."""
    return " / ".join(part for part in unit if part)
