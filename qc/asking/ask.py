"""Compute any statistic of the catalogues on posted reads, with the code that computes it in a project."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from qc.agreement.base import Statistic
from qc.asking import answers, scored, shapes
from qc.asking.base import Asked, AskError, asked, refusals
from qc.asking.options import checked, offered, plain
from qc.readers.base import ReaderStatistic
from qc.readings.boxes import BoxTable
from qc.readings.groups import GroupTable
from qc.readings.instances import MatchTable
from qc.readings.landmarks import LandmarkTable
from qc.readings.number_table import NumberTable
from qc.readings.overlap_table import OverlapTable
from qc.readings.pair_table import PairTable
from qc.readings.paired import Paired
from qc.readings.pattern_table import PatternTable
from qc.readings.rankings import Rankings
from qc.readings.repeat_table import RepeatTable
from qc.readings.scored import ScoredNumbers, ScoredTable
from qc.readings.scores import ScoreTable
from qc.readings.series import Series
from qc.readings.set_table import SetTable
from qc.readings.strata import Strata
from qc.readings.timelines import TimelineTable
from qc.registry import READER_STATISTICS, STATISTICS

AGREEMENT, READERS = "agreement", "readers"


@dataclass(frozen=True, slots=True)
class Form:
    """How reads of one kind are posted.

    Parameters
    ----------
    build : callable
        Asked → the reading.
    facts : tuple of str
        Members beside the reads.
    answer : str
        The form of one answer, in words.
    """

    build: Callable[[Asked], Any]
    facts: tuple[str, ...]
    answer: str


SPACE = ("shape", "spacing_mm", "tolerance_mm")
FORMS: Mapping[type, Form] = {
    PatternTable: Form(answers.pattern_table, ("scale",), "a code of the scale"),
    SetTable: Form(answers.set_table, ("labels",), "a list of labels, empty where none holds"),
    Rankings: Form(answers.rankings, ("choices",), "a list of groups of choices, best first"),
    NumberTable: Form(answers.number_table, ("measured_in",), "a number"),
    RepeatTable: Form(answers.repeat_table, ("measured_in",), "a number, reads numbered by repeat"),
    OverlapTable: Form(shapes.overlap_table, SPACE, "a label of the kind mask or polygon"),
    PairTable: Form(shapes.pair_table, SPACE, "a label of the kind mask or polygon"),
    BoxTable: Form(shapes.box_table, ("threshold",), "a list of boxes: lower corner, then upper corner"),
    MatchTable: Form(shapes.match_table, ("threshold",), "a list of boxes: lower corner, then upper corner"),
    LandmarkTable: Form(
        shapes.landmarks, ("spacing_mm", "sigmas", "areas_mm2"), "an object: landmark to point in voxels, or null"
    ),
    TimelineTable: Form(shapes.timelines, (), "a list of time spans [start, end] in seconds"),
    ScoredTable: Form(scored.scored_table, ("scale", "reader", "reference"), "a code of the scale"),
    ScoredNumbers: Form(scored.scored_numbers, ("measured_in", "reader", "reference"), "a number"),
    Series: Form(scored.series, ("measured_in",), "a number, reads in the order of reading"),
    Strata: Form(scored.strata, ("scale",), "a code of the scale; each read names its stratum"),
    GroupTable: Form(scored.group_table, (), "a number; each read names its stratum"),
    Paired: Form(scored.paired, ("scale", "before", "after"), "a code of the scale"),
    ScoreTable: Form(scored.score_table, ("reference",), "a number; of the reference, true or false"),
}


def catalogue() -> dict[str, dict[str, Statistic | ReaderStatistic]]:
    """Return the statistics by family: agreement, and about readers."""
    return {AGREEMENT: dict(STATISTICS.items()), READERS: dict(READER_STATISTICS.items())}


def entry_of(name: str) -> tuple[str, Statistic | ReaderStatistic]:
    """Return family and entry of a statistic; a name in both families is asked for as ``readers.name``.

    Raises
    ------
    KeyError
        There is none of this name.
    """
    family, _, bare = name.rpartition(".")
    for known, entries in catalogue().items():
        if bare in entries and family in ("", known):
            return known, entries[bare]
    raise KeyError(name)


def described(family: str, name: str, entry: Statistic | ReaderStatistic) -> dict[str, Any]:
    """Return what must be posted to have a statistic computed, and what it says."""
    form = FORMS[entry.accepts]
    return {
        "name": name if entry_of(name)[0] == family else f"{family}.{name}",
        "family": family,
        "title": entry.title,
        "says": entry.says,
        "reference": entry.reference,
        "scales": sorted(entry.scales),
        "answer": form.answer,
        "facts": list(form.facts),
        "options": offered(entry.function),
    }


def statistic(name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a statistic of posted reads, by part.

    Parameters
    ----------
    name : str
        Entry of STATISTICS or READER_STATISTICS.
    body : mapping
        ``reads``, the facts of the reading, ``options`` of the function.

    Raises
    ------
    AskError
        The body cannot be computed with.
    KeyError
        There is no such statistic.
    """
    family, entry = entry_of(name)
    options = checked(entry.function, body.get("options"))
    form = FORMS[entry.accepts]
    request = asked(body, form.facts)
    with refusals():
        reading = form.build(request)
        _check_fit(entry, reading)
        parts = entry.compute(reading, **options)
    return {
        "statistic": name,
        "family": family,
        "parts": [{"part": part, **plain(found.as_dict())} for part, found in parts.items()],
        "reference": entry.reference,
        "says": entry.says,
    }


def _check_fit(entry: Statistic | ReaderStatistic, reading: Any) -> None:
    """Refuse a scale or a number of readers for which the statistic has no meaning."""
    scale = getattr(reading, "scale", None)
    if scale is not None and entry.scales and scale.kind not in entry.scales:
        allowed = ", ".join(sorted(entry.scales))
        raise AskError("wrong-scale", "#/scale/kind", f"This statistic is for the scales {allowed}.")
    raters = getattr(reading, "raters", None)
    if raters is None or not isinstance(entry, Statistic):
        wanted = entry.n_raters if isinstance(entry, ReaderStatistic) else None
        if raters is not None and wanted is not None and len(raters) != wanted:
            raise AskError("wrong-readers", "#/reads", f"This compares {wanted} readers, not {len(raters)}.")
        return
    most = entry.max_raters
    if len(raters) < entry.min_raters or (most is not None and len(raters) > most):
        span = f"{entry.min_raters} or more" if most is None else f"{entry.min_raters} to {most}"
        if most == entry.min_raters:
            span = str(most)
        raise AskError("wrong-readers", "#/reads", f"This statistic takes {span} readers, not {len(raters)}.")
