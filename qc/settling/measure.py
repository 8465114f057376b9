"""Measure the agreement on one question from its settled units; pure, so that anybody can repeat it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from qc.agreement.base import NO_SPACING, TOO_LARGE, Estimate, Statistic, named
from qc.readings.masks import PairCount
from qc.readings.number_table import NumberTable
from qc.readings.overlap_table import OverlapTable
from qc.readings.pair_table import PairMeasures, PairTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.registry import STATISTICS
from qc.settling.base import QuestionSpec
from qc.settling.detection import Marked, drawn_table, found_table, marked_of
from qc.settling.distances import pair_measures
from qc.settling.tables import ANSWERS, Answers, Reading, answers_of, table_of_answers

ALL = "all"
COMPLETE = "complete"
LEVEL = 0.95
SEED = 20260101
REGIONS = frozenset({"mask", "polygon"})
# Set where only audits, controls or models marked a finding: it says nothing of the readers' agreement.
ONLY_CHECKS = "only_checks"
SPLIT_RULE = "split_merge"
MILLIMETRES = frozenset({"mm", "mL"})


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
    name : tuple of (str, int)
        Case and number of the finding, for whoever leads back to the case; agreement never looks at it.
    decided : str or None
        The code (or the number as a text) that a physician signed; None where nobody had to decide.
    strata : mapping
        Attributes of the case: site, sex, age, scanner.
    """

    rule: str
    details: Mapping[str, Any]
    subject: str
    name: tuple[str, int] = ("", 0)
    decided: str | None = None
    strata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Material:
    """The units of one question: codes by reader, answers of a kind of their own, or pairs of regions."""

    codes: list[dict[str, str]] = field(default_factory=list)
    answers: list[Answers] = field(default_factory=list)
    agreement: list[float | None] = field(default_factory=list)
    spacings_mm: list[Any] = field(default_factory=list)
    marked: list[Marked] = field(default_factory=list)
    pairs: list[list[PairCount]] = field(default_factory=list)
    measures: list[list[PairMeasures]] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    beside: list[Mapping[str, Any]] = field(default_factory=list)
    names: list[tuple[str, int]] = field(default_factory=list)
    decided: list[str | None] = field(default_factory=list)
    strata: list[Mapping[str, Any]] = field(default_factory=list)
    voxel_mm3: list[float | None] = field(default_factory=list)
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
        Entry of STATISTICS, with its part behind a colon where it has several; ``all`` units, or only the
        ``complete`` ones that every reader answered.
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
        if unit.details.get(ONLY_CHECKS):
            continue
        found = marked_of(unit.name[0], unit.subject, unit.details)
        if found is not None:
            material.marked.append(found)
        if unit.rule == SPLIT_RULE:
            material.n_split += 1
            continue
        details = unit.details.get("block", unit.details)
        numbers = details.get("numbers", {})
        codes = details.get("codes") or {reader: str(value) for reader, value in numbers.items()}
        pairs = [PairCount(*pair) for pair in details.get("pairs", [])]
        answers = answers_of(details)
        if max(len(codes), len(answers)) < 2 and not pairs:
            material.n_single += 1
            continue
        material.codes.append(dict(codes))
        material.answers.append(answers)
        material.agreement.append(details.get("agreement"))
        material.spacings_mm.append(details.get("spacing_mm"))
        material.pairs.append(pairs)
        material.measures.append(pair_measures(details))
        material.subjects.append(unit.subject)
        material.beside.append(details.get("beside", {}))
        material.names.append(unit.name)
        material.decided.append(unit.decided)
        material.strata.append(unit.strata)
        material.voxel_mm3.append(details.get("voxel_mm3"))
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
    for population in (ALL, COMPLETE):
        yield from detected(material, population, n_seats)
    if not material.subjects:
        return
    for population in (ALL, COMPLETE):
        tables = readings_of(question, material, population, n_seats)
        apart = distances_of(question, material, population, n_seats)
        for name, spec in STATISTICS.items():
            if spec.accepts is PairTable and (name in apart.columns or is_missed(spec, apart)):
                yield Measured(name, population, (), spec.function(apart, level=LEVEL, seed=SEED))
            for table, scale in tables:
                if isinstance(table, spec.accepts) and scale in spec.scales and (knows_readers or not spec.fixed_panel):
                    for pair, part, estimate in estimates(spec, table, population, knows_readers=knows_readers):
                        yield Measured(named(name, part), population, pair, estimate)


def is_missed(spec: Statistic, apart: PairTable) -> bool:
    """Say whether a distance that no unit has is shown as undefined: the images, not the question, do not allow it."""
    return spec.unit in MILLIMETRES and bool({NO_SPACING, TOO_LARGE} & set(apart.flags))


def detected(material: Material, population: str, n_seats: int) -> Iterator[Measured]:
    """Yield how far readers found the same things, for a question that takes several marks."""
    if not material.marked:
        return
    seats = None if population == ALL else n_seats
    for name, table in (
        ("object_f1", found_table(material.marked, n_seats=seats)),
        ("panoptic_quality", drawn_table(material.marked, n_seats=seats)),
    ):
        for part, estimate in STATISTICS[name].compute(table, level=LEVEL, seed=SEED).items():
            yield Measured(named(name, part), population, (), estimate)


def readings_of(question: QuestionSpec, material: Material, population: str, n_seats: int) -> list[tuple[Reading, str]]:
    """Return the readings of one population, each with the scale that its statistics must allow."""
    if question.kind in REGIONS:
        keep = kept_pairs(material, population, n_seats)
        clusters = [material.subjects[place] for place in keep]
        return [(OverlapTable.from_units([material.pairs[place] for place in keep], clusters=clusters), "none")]
    if question.kind in ANSWERS:
        kept = [place for place, one in enumerate(material.answers) if population == ALL or len(one) == n_seats]
        rows = [material.answers[place] for place in kept]
        spacings = [material.spacings_mm[place] for place in kept]
        return [table_of_answers(question, rows, spacings, [material.subjects[place] for place in kept])]
    return coded(question, material, population, n_seats)


def coded(question: QuestionSpec, material: Material, population: str, n_seats: int) -> list[tuple[Reading, str]]:
    """Return codes as patterns, and numbers as numbers too."""
    keep = [place for place, codes in enumerate(material.codes) if population == ALL or len(codes) == n_seats]
    rows, subjects = [material.codes[place] for place in keep], [material.subjects[place] for place in keep]
    table = PatternTable.from_rows(rows, scale=scale_of(question, material), clusters=subjects)
    if question.kind != "measurement":
        return [(table, question.scale)]
    numbers = [{reader: float(value) for reader, value in row.items()} for row in rows]
    unit = str(question.definition.get("unit", ""))
    return [(table, question.scale), (NumberTable.from_rows(numbers, unit=unit, clusters=subjects), question.scale)]


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
    spec: Statistic, table: Reading, population: str, *, knows_readers: bool
) -> Iterator[tuple[tuple[str, ...], str, Estimate]]:
    """Yield pair, part and estimate: one pair for each two readers where the statistic compares two known people."""
    if spec.max_raters != 2 or not isinstance(table, PatternTable | NumberTable) or len(table.raters) <= 2:
        for part, estimate in spec.compute(table, level=LEVEL, seed=SEED).items():
            yield (), part, estimate
        return
    if not knows_readers or population != ALL:
        # Without known readers a pair names two different people in every case.
        return
    for first, second in combinations(table.raters, 2):
        for part, estimate in spec.compute(table.select((first, second)), level=LEVEL, seed=SEED).items():
            yield (first, second), part, estimate
