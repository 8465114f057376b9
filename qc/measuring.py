"""Verb: measure a project's agreement, question by question, from the current units of its cases."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from django.db import transaction

from annotations import audit, due, locking
from annotations.due import Claim
from annotations.labels.base import canonical
from annotations.models import Project, Question
from annotations.selectors import questions_of
from qc.agreement.base import Estimate, Statistic
from qc.models import AgreementResult, Evaluation, Verdict
from qc.readings.masks import PairCount
from qc.readings.overlap_table import OverlapTable
from qc.readings.pattern_table import PatternTable
from qc.readings.scale import Scale
from qc.registry import STATISTICS
from qc.selectors import current_protocol, current_results
from qc.settling.base import CODE_VERSION

ALL = "all"
COMPLETE = "complete"
LEVEL = 0.95
SEED = 20260101
REPLICATES = 2000


@dataclass(slots=True)
class Material:
    """The units of one question: codes by reader, or pairs of regions, with the subject of each."""

    codes: list[dict[str, str]] = field(default_factory=list)
    pairs: list[list[PairCount]] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    n_split: int = 0
    n_single: int = 0


def evaluate_project(*, project: Project, claim: Claim) -> Evaluation | None:
    """Measure agreement over the current units and add the results; the same input is measured once."""
    protocol = current_protocol(project)
    if protocol is None:
        with transaction.atomic():
            due.finish(claim)
        return None
    digest = project_digest(project)
    known = {"project": project, "case": None, "protocol": protocol, "input_digest": digest}
    there = Evaluation.objects.filter(**known, code_version=CODE_VERSION).first()
    measured = [] if there else list(measure(project, protocol.document["seats"]))
    with transaction.atomic():
        if there is None:
            there = Evaluation.objects.create(
                **known, code_version=CODE_VERSION, facts=dict(measured_facts(measured)), created_at=locking.now()
            )
            for row in (row for _, _, rows in measured for row in rows):
                row.evaluation = there
            AgreementResult.objects.bulk_create(row for _, _, rows in measured for row in rows)
            body = {"input": digest, "n_estimates": sum(len(rows) for _, _, rows in measured)}
            audit.record(project=project, actor=None, action="project.evaluated", body=body)
        due.finish(claim)
    return there


def project_digest(project: Project) -> str:
    """Return one digest over the current case evaluations and the exclusions in force."""
    evaluations = list(
        current_results(project)
        .order_by("evaluation__case__key")
        .values_list("evaluation__case__key", "evaluation__input_digest")
        .distinct()
    )
    excluded = sorted(
        project.cases.filter(exclusions__isnull=False, exclusions__revoked_at__isnull=True).values_list(
            "key", flat=True
        )
    )
    content = {"cases": [list(pair) for pair in evaluations], "excluded": excluded}
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def measured_facts(measured: Sequence[tuple[Question, Material, Any]]) -> Iterator[tuple[str, dict[str, int]]]:
    """Yield for each question what was counted and what was left out."""
    for question, material, _ in measured:
        yield (
            question.code,
            {
                "n_units": len(material.subjects),
                "n_single": material.n_single,
                "n_split": material.n_split,
            },
        )


def measure(project: Project, n_seats: int) -> Iterator[tuple[Question, Material, list[AgreementResult]]]:
    """Yield each question with its material and its estimates."""
    for question in questions_of(project):
        material = material_of(project, question)
        yield question, material, list(estimates(project, question, material, n_seats))


def material_of(project: Project, question: Question) -> Material:
    """Return the units of a question that can be compared, without cases that are excluded."""
    material = Material()
    rows = (
        current_results(project)
        .filter(question=question, verdict__in=[Verdict.ACCEPT, Verdict.REFER])
        .exclude(case__exclusions__isnull=False, case__exclusions__revoked_at__isnull=True)
        .order_by("case__key", "number")
    )
    for rule, details, subject in rows.values_list("rule", "details", "case__subject"):
        if rule == "split_merge":
            material.n_split += 1
            continue
        codes = details.get("codes") or {reader: str(value) for reader, value in details.get("numbers", {}).items()}
        pairs = [PairCount(*pair) for pair in details.get("pairs", [])]
        if len(codes) < 2 and not pairs:
            material.n_single += 1
            continue
        material.codes.append(codes)
        material.pairs.append(pairs)
        material.subjects.append(subject)
    return material


def scale_of(question: Question, material: Material) -> Scale:
    """Return the declared scale; for numbers, the values that occur."""
    if question.kind == "grade":
        return Scale(question.scale, tuple(str(level["code"]) for level in question.definition["levels"]))
    if question.kind == "category":
        return Scale(question.scale, tuple(str(code["code"]) for code in question.definition["codes"]))
    values = sorted({value for codes in material.codes for value in codes.values()}, key=float)
    return Scale(question.scale, tuple(values))


def estimates(project: Project, question: Question, material: Material, n_seats: int) -> Iterator[AgreementResult]:
    """Yield every estimate that the question's kind and scale allow, for both populations."""
    if not material.subjects:
        return
    for population in (ALL, COMPLETE):
        if question.kind in {"mask", "polygon"}:
            table: PatternTable | OverlapTable = overlap_table(material, population, n_seats)
            scale = "none"
        else:
            pattern = PatternTable.from_rows(
                material.codes, scale=scale_of(question, material), clusters=material.subjects
            )
            table = pattern if population == ALL else complete_table(material, question, n_seats)
            scale = question.scale
        for name, spec in STATISTICS.items():
            if isinstance(table, spec.accepts) and scale in spec.scales:
                yield from estimate_rows(project, question, (name, spec), population, table)


def overlap_table(material: Material, population: str, n_seats: int) -> OverlapTable:
    """Return the pairs of regions of all units, or of those that every reader drew."""
    n_pairs = n_seats * (n_seats - 1) // 2
    keep = [place for place, pairs in enumerate(material.pairs) if population == ALL or len(pairs) == n_pairs]
    return OverlapTable.from_units(
        [material.pairs[place] for place in keep], clusters=[material.subjects[place] for place in keep]
    )


def complete_table(material: Material, question: Question, n_seats: int) -> PatternTable:
    """Return the ratings of the units that as many readers rated as were asked."""
    keep = [place for place, codes in enumerate(material.codes) if len(codes) == n_seats]
    return PatternTable.from_rows(
        [material.codes[place] for place in keep],
        scale=scale_of(question, material),
        clusters=[material.subjects[place] for place in keep],
    )


def estimate_rows(
    project: Project,
    question: Question,
    entry: tuple[str, Statistic],
    population: str,
    table: PatternTable | OverlapTable,
) -> Iterator[AgreementResult]:
    """Yield one row, or one for each pair of readers where the statistic compares two known people."""
    name, spec = entry
    raters = table.raters if isinstance(table, PatternTable) else ()
    if spec.max_raters != 2 or not isinstance(table, PatternTable) or len(raters) <= 2:
        yield result_row(question, name, population, spec.function(table, level=LEVEL, seed=SEED))
        return
    if not project.knows_readers or population != ALL:
        # Without known readers a pair names two different people in every case.
        return
    for first, second in combinations(raters, 2):
        estimate = spec.function(table.select((first, second)), level=LEVEL, seed=SEED)
        row = result_row(question, name, population, estimate)
        row.pair = [first, second]
        yield row


def result_row(question: Question, name: str, population: str, estimate: Estimate) -> AgreementResult:
    """Return the row of one estimate."""
    return AgreementResult(question=question, statistic=name, population=population, estimate=estimate.as_dict())
