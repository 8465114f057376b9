"""Verb: measure a project's agreement, question by question, from the current units of its cases."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet, Value

from annotations import audit, due, locking
from annotations.due import Claim
from annotations.labels.base import canonical
from annotations.models import Assignment, Project, Purpose, Question, ReaderKind
from annotations.selectors import questions_of
from qc.benchmark import benchmarked, beside_truth
from qc.judging import Reading, decided_of, judged, paces, reader_rows, reading_of
from qc.models import AgreementResult, Evaluation, MethodResult, ReaderResult, SubgroupResult
from qc.retest import looks_of, repeated
from qc.selectors import current_protocol, current_results
from qc.settling.base import CODE_VERSION, QuestionSpec
from qc.settling.beside import Beside, methods_for, regions_side_by_side, side_by_side
from qc.settling.judging import Judged
from qc.settling.measure import REGIONS, Comparable, Material, Measured, material_of, measure, scale_of
from qc.settling.subgroups import Subgroup, sizes_of, subgroups

# Rows of one statement; SQLite bounds the values that one may hold.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What was found on one question."""

    question: Question
    material: Material
    estimates: list[Measured]
    beside: tuple[Beside, ...]
    judged: list[Judged]
    subgroups: list[Subgroup]


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
    reading = Reading() if there else reading_of(project)
    found = [] if there else list(measured_questions(project, protocol.document, reading))
    with transaction.atomic():
        if found and project_digest(project) != digest:
            # A case was evaluated meanwhile: the numbers would stand under the digest of other units.
            due.put_back(claim)
            return None
        if there is None:
            facts = {one.question.code: one.material.facts() for one in found}
            there = Evaluation.objects.create(**known, code_version=CODE_VERSION, facts=facts, created_at=locking.now())
            body = {"input": digest, "n_estimates": add_rows(there, found, paces(reading))}
            audit.record(project=project, actor=None, action="project.evaluated", body=body)
        due.finish(claim)
    return there


def add_rows(evaluation: Evaluation, found: Sequence["Found"], paces_: Sequence[Judged]) -> int:
    """Add everything that was found to an evaluation and return the number of estimates of agreement."""
    rows = [result_row(evaluation, one.question, estimate) for one in found for estimate in one.estimates]
    AgreementResult.objects.bulk_create(rows, batch_size=BATCH)
    methods = [method_row(evaluation, one, place, beside) for one in found for place, beside in enumerate(one.beside)]
    MethodResult.objects.bulk_create(methods, batch_size=BATCH)
    about = [(one.question, judged) for one in found for judged in one.judged]
    # How long a case takes is not told by question: it stands with the first.
    about += [(found[0].question, one) for one in paces_] if found else []
    ReaderResult.objects.bulk_create(reader_rows(evaluation, about), batch_size=BATCH)
    groups = [subgroup_row(evaluation, one.question, group) for one in found for group in one.subgroups]
    SubgroupResult.objects.bulk_create(groups, batch_size=BATCH)
    return len(rows)


def project_digest(project: Project) -> str:
    """Return one digest over the current case evaluations and the exclusions in force."""
    evaluations = list(
        current_results(project)
        .order_by("evaluation__case__key")
        .values_list("evaluation__case__key", "evaluation__input_digest")
        .distinct()
    )
    gone = project.cases.filter(exclusions__isnull=False, exclusions__revoked_at__isnull=True)
    # One question to the database for both: every page asks whether its figures are stale.
    rows = list(gone.values_list("key", Value("")).union(apart(project).values_list("case__key", "reader__code")))
    excluded = sorted(key for key, reader in rows if not reader)
    content: dict[str, Any] = {"cases": [list(pair) for pair in evaluations], "excluded": excluded}
    repeats = sorted([key, reader] for key, reader in rows if reader)
    if repeats:
        content["repeats"] = repeats
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def apart(project: Project) -> QuerySet[Assignment]:
    """Return the finished reads that bear on what is said of readers and on no case's evaluation."""
    others = Q(purpose__in=[Purpose.REPEAT, Purpose.BENCHMARK]) | Q(reader__kind=ReaderKind.MODEL)
    return Assignment.objects.filter(others, case__project=project, finished_at__isnull=False)


def measured_questions(project: Project, document: Mapping[str, Any], reading: Reading) -> Iterator[Found]:
    """Yield each question with what was compared and everything that was found."""
    sizes: dict[tuple[str, int], str] = {}
    looks, beside = looks_of(project), beside_truth(project)
    for question in questions_of(project):
        material = material_of(comparable_units(project, question))
        if question.kind in REGIONS:
            # Questions about a finding come after the one that marks it, and have its size.
            sizes.update(sizes_of(material))
        spec = QuestionSpec(question.code, question.kind, question.scale, question.definition)
        yield Found(
            question,
            material,
            list(measure(spec, material, n_seats=document["seats"], knows_readers=project.knows_readers)),
            methods_beside(project, question, material, document),
            [*judged(project, question, material, reading), *repeated(question, looks), *benchmarked(question, beside)],
            list(subgroups(material, sizes)),
        )


def comparable_units(project: Project, question: Question) -> Iterator[Comparable]:
    """Yield the units of a question, without those of cases that are excluded, in a fixed order."""
    rows = (
        current_results(project)
        .filter(question=question)
        .exclude(inputs=[])
        .exclude(case__exclusions__isnull=False, case__exclusions__revoked_at__isnull=True)
    )
    values = rows.values_list("case__key", "number", "rule", "details", "case__subject", "finding", "case__strata")
    decided = decided_of(project, question)
    # Sorted here and not by the database, whose order of texts depends on its collation.
    for key, number, rule, details, subject, finding, strata in sorted(values, key=lambda row: row[:2]):
        yield Comparable(rule, details, subject, (key, number), decided.get((key, finding)), strata)


def methods_beside(
    project: Project, question: Question, material: Material, document: Mapping[str, Any]
) -> tuple[Beside, ...]:
    """Return the consensus methods side by side on the units of a question."""
    if question.kind in REGIONS:
        return regions_side_by_side(material)
    if not material.subjects or not any(material.codes):
        return ()
    spec = QuestionSpec(question.code, question.kind, question.scale, question.definition)
    n_readers = len({reader for codes in material.codes for reader in codes})
    names = methods_for(spec, knows_readers=project.knows_readers, n_readers=n_readers)
    policy = document["questions"].get(question.code)
    return side_by_side(material, scale_of(spec, material), names, policy) if names and policy else ()


def method_row(evaluation: Evaluation, found: Found, place: int, one: Beside) -> MethodResult:
    """Return the row of one method; ``place`` is 0 for the protocol's own, where it stands among them."""
    return MethodResult(
        evaluation=evaluation,
        question=found.question,
        method=one.method,
        place=place if found.question.kind not in REGIONS else place + 1,
        outcomes=dict(one.outcomes),
        n_units=one.n_units,
        n_same=one.n_same,
        parted=[list(found.material.names[unit]) for unit in one.parted],
        learned=dict(one.learned),
    )


def subgroup_row(evaluation: Evaluation, question: Question, one: Subgroup) -> SubgroupResult:
    """Return the row of one group."""
    return SubgroupResult(
        evaluation=evaluation,
        question=question,
        attribute=one.attribute[:80],
        group=one.group[:200],
        n_units=one.n_units,
        mean=one.mean,
        gap=one.gap.as_dict(),
        test=one.test.as_dict(),
    )


def result_row(evaluation: Evaluation, question: Question, one: Measured) -> AgreementResult:
    """Return the row of one estimate."""
    return AgreementResult(
        evaluation=evaluation,
        question=question,
        statistic=one.statistic,
        population=one.population,
        pair=list(one.pair),
        estimate=one.estimate.as_dict(),
    )
