"""Causes by kind of label, and the words that the explanations of all rules share."""

from collections.abc import Mapping

# The detected cause of a disagreement when the method or the limit alone is to blame (workflow.md, section 4.1).
CAUSE_BY_KIND: Mapping[str, str] = {
    "category": "class",
    "grade": "grade-distance",
    "measurement": "grade-distance",
    "mask": "boundary",
    "polygon": "boundary",
    "multilabel": "class",
    "box": "boundary",
    "landmarks": "location",
    "interval": "boundary",
    "ranking": "class",
    "nothing_found": "existence",
    "cannot_assess": "technical",
}


def cause_of(kind: str) -> str:
    """Return the cause of a disagreement about a label of this kind; ``class`` for a kind without geometry."""
    return CAUSE_BY_KIND.get(kind, "class")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where there is not exactly one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tally(votes: Mapping[str, int]) -> str:
    """Return how the votes fall, the most frequent answer first."""
    if not votes:
        return "The readers are equally divided."
    ranked = sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))
    words = ", ".join(f"{code} {count}" for code, count in ranked)
    return f"{words[:1].upper()}{words[1:]} of {counted(sum(votes.values()), 'reader')}."


def shown(value: float, limit: float) -> tuple[str, str]:
    """Return two numbers with as few decimals, from two, as keep them apart when they differ."""
    for decimals in range(2, 7):
        pair = f"{value:.{decimals}f}", f"{limit:.{decimals}f}"
        if pair[0] != pair[1] or value == limit:
            return pair
    return repr(value), repr(limit)
