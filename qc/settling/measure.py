"""Measure the agreement on one question from its settled units; pure, so that anybody can repeat it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from qc.agreement.base import Estimate, Statistic
from qc.readings.masks import PairCount
from qc.readings.overlap_table import OverlapTable
from qc.readings.pair_table import PairMeasures, PairTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.registry import STATISTICS
from qc.settling.base import QuestionSpec
from qc.settling.distances import pair_measures

ALL = "all"
COMPLETE = "complete"
LEVEL = 0.95
SEED = 20260101
REGIONS = frozenset({"mask", "polygon"})
SPLIT_RULE = "split_merge"


@dataclass(frozen=True, slots=True)
class Comparable:
    """One unit that somebody answered, settled or not, as far as agreement looks at it.

    Parameters
    ----------
    rule : str
        The rule that referred it; empty when accepted.
    details : mapping
        What settling wrote beside the label: codes, numbers or pairs by reader.
    subject : str
        Pseudonym of the patient, the cluster of resampling.
    """

    rule: str
    details: Mapping[str, Any]
    subject: str


@dataclass(slots=True)
class Material:
    """The units of one question: codes by reader, or pairs of regions, with the subject of each."""

    codes: list[dict[str, str]] = field(default_factory=list)
    pairs: list[list[PairCount]] = field(default_factory=list)
    measures: list[list[PairMeasures]] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    n_split: int = 0
    n_single: int = 0

    def facts(self) -> dict[str, int]:
        """Return what was counted and what was left out."""
        return {"n_units": len(self.subjects), "n_single": self.n_single, "n_split": self.n_split}


@dataclass(frozen=True, slots=True)
class Measured:
    """One statistic over one population of units.

    Parameters
    ----------
    statistic, population : str
        Entry of STATISTICS; ``all`` units, or only the ``complete`` ones that every reader answered.
    pair : tuple of str
        Two reader codes for a pairwise statistic, else empty.
    estimate : Estimate
        Value, bounds and counts, or the reason why there is none.
    """

    statistic: str
    population: str
    pair: tuple[str, ...]
    estimate: Estimate


def material_of(units: Iterable[Comparable]) -> Material:
    """Return what can be compared among the units, with counts of what cannot."""
    material = Material()
    for unit in units:
        if unit.rule == SPLIT_RULE:
            material.n_split += 1
            continue
        numbers = unit.details.get("numbers", {})
        codes = unit.details.get("codes") or {reader: str(value) for reader, value in numbers.items()}
        pairs = [PairCount(*pair) for pair in unit.details.get("pairs", [])]
        if len(codes) < 2 and not pairs:
            material.n_single += 1
            continue
        material.codes.append(dict(codes))
        material.pairs.append(pairs)
        material.measures.append(pair_measures(unit.details))
        material.subjects.append(unit.subject)
    return material


def measure(question: QuestionSpec, material: Material, *, n_seats: int, knows_readers: bool) -> Iterator[Measured]:
    """Yield every estimate that the question's kind and scale allow, for both populations.

    Parameters
    ----------
    question : QuestionSpec
        Kind, scale and definition choose the statistics.
    material : Material
        The units that can be compared.
    n_seats : int
        Readers whom the protocol asks.
    knows_readers : bool
        False where a reader code names a different person in each case: no pair is compared then.
    """
    if not material.subjects:
        return
    for population in (ALL, COMPLETE):
        table, scale = reading_of(question, material, population, n_seats)
        apart = distances_of(question, material, population, n_seats)
        for name, spec in STATISTICS.items():
            if spec.accepts is PairTable and name in apart.columns:
                yield Measured(name, population, (), spec.function(apart, level=LEVEL, seed=SEED))
            if isinstance(table, spec.accepts) and scale in spec.scales:
                for pair, estimate in estimates(spec, table, population, knows_readers=knows_readers):
                    yield Measured(name, population, pair, estimate)


def reading_of(
    question: QuestionSpec, material: Material, population: str, n_seats: int
) -> tuple[PatternTable | OverlapTable, str]:
    """Return the reading of one population and the scale that its statistics must allow."""
    if question.kind in REGIONS:
        keep = kept_pairs(material, population, n_seats)
        clusters = [material.subjects[place] for place in keep]
        return OverlapTable.from_units([material.pairs[place] for place in keep], clusters=clusters), "none"
    keep = [place for place, codes in enumerate(material.codes) if population == ALL or len(codes) == n_seats]
    table = PatternTable.from_rows(
        [material.codes[place] for place in keep],
        scale=scale_of(question, material),
        clusters=[material.subjects[place] for place in keep],
    )
    return table, question.scale


def distances_of(question: QuestionSpec, material: Material, population: str, n_seats: int) -> PairTable:
    """Return what was measured on pairs of regions in one population; empty for answers that are no regions."""
    keep = kept_pairs(material, population, n_seats) if question.kind in REGIONS else []
    clusters = [material.subjects[place] for place in keep]
    return PairTable.from_units([material.measures[place] for place in keep], clusters=clusters)


def kept_pairs(material: Material, population: str, n_seats: int) -> list[int]:
    """Return the places of the units of a population, where pairs are compared."""
    n_pairs = n_seats * (n_seats - 1) // 2
    return [place for place, pairs in enumerate(material.pairs) if population == ALL or len(pairs) == n_pairs]


def scale_of(question: QuestionSpec, material: Material) -> Scale:
    """Return the declared scale; for numbers, the values that occur."""
    if question.kind == "grade":
        return Scale(question.scale, tuple(str(level["code"]) for level in question.definition["levels"]))
    if question.kind == "category":
        return Scale(question.scale, tuple(str(code["code"]) for code in question.definition["codes"]))
    values = sorted({value for codes in material.codes for value in codes.values()}, key=float)
    return Scale(question.scale, tuple(values))


def estimates(
    spec: Statistic, table: PatternTable | OverlapTable, population: str, *, knows_readers: bool
) -> Iterator[tuple[tuple[str, ...], Estimate]]:
    """Yield one estimate, or one for each pair of readers where the statistic compares two known people."""
    raters = table.raters if isinstance(table, PatternTable) else ()
    if spec.max_raters != 2 or not isinstance(table, PatternTable) or len(raters) <= 2:
        yield (), spec.function(table, level=LEVEL, seed=SEED)
        return
    if not knows_readers or population != ALL:
        # Without known readers a pair names two different people in every case.
        return
    for first, second in combinations(raters, 2):
        yield (first, second), spec.function(table.select((first, second)), level=LEVEL, seed=SEED)
