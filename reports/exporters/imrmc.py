"""Readers' scores against a truth in the text form of iMRMC, for multi-reader multi-case analyses elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_FORBIDDEN = (",", "\n", "\r")
TRUTH_READER = "-1"


@dataclass(frozen=True, slots=True)
class Score:
    """What one reader gave one case.

    Parameters
    ----------
    reader, case, modality : str
        Names; a comma or a line end in one is replaced by a space.
    score : float
        Higher means more suspicious.
    """

    reader: str
    case: str
    modality: str
    score: float


def imrmc(truth: Mapping[str, bool], scores: Iterable[Score], *, note: str) -> bytes:
    """Return a study as iMRMC reads it: truth lines with reader −1, then one line a score.

    Parameters
    ----------
    truth : mapping from case to bool
        Whether the case has what is looked for. Scores of other cases are left out; the note says how many.
    scores : iterable of Score
        At most one a reader, case and modality.
    note : str
        What must be known of the data; stands before the data, where iMRMC reads nothing.

    Returns
    -------
    bytes
        UTF-8 with LF, cases and readers sorted.

    Raises
    ------
    ValueError
        When a reader gave a case two scores in one modality, or when names become the same.

    References
    ----------
    Gallas BD, Bandos A, Samuelson FW, Wagner RF. A framework for random-effects ROC analysis: biases with the bootstrap
    and other variance estimators. Commun Stat Theory Methods 38:2586-2603, 2009. doi:10.1080/03610920802610084
    """
    every = list(scores)
    kept = sorted((one for one in every if one.case in truth), key=lambda one: (one.modality, one.reader, one.case))
    rows = [(_plain(one.reader), _plain(one.case), _plain(one.modality), f"{one.score:g}") for one in kept]
    cases = sorted(truth)
    if len({row[:3] for row in rows}) != len(rows) or len({_plain(case) for case in cases}) != len(cases):
        message = "a reader has two scores of a case in one modality"
        raise ValueError(message)
    n_ill = sum(truth.values())
    head = [
        note,
        f"{len(every) - len(kept)} scores of cases without a truth are left out.",
        f"N0: {len(cases) - n_ill}",
        f"N1: {n_ill}",
        f"NR: {len({one.reader for one in kept})}",
        f"NM: {len({one.modality for one in kept})}",
        "BEGIN DATA:",
    ]
    lines = [",".join((TRUTH_READER, _plain(case), "0", str(int(truth[case])))) for case in cases]
    return "\n".join([*head, *lines, *(",".join(row) for row in rows), ""]).encode()


def _plain(name: str) -> str:
    for mark in _FORBIDDEN:
        name = name.replace(mark, " ")
    return name
