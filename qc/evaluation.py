"""Verb: adopt a protocol, take a case one step further."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction

from annotations import assignment, audit, due, locking
from annotations.due import Claim
from annotations.labels.base import canonical
from annotations.models import Case, Project, Purpose, Question, ReaderKind
from annotations.selectors import questions_of
from qc.audits import seat_auditor
from qc.errors import InvalidProtocol
from qc.models import ConsensusResult, Dispute, Evaluation, ProtocolVersion
from qc.protocols import chexpert_truth_and_benchmark
from qc.protocols.base import Assign, Close, Evaluate, ProtocolProblem, Step
from qc.protocols.mammography_double_reading import CONCORDANT
from qc.protocols.vindr_three_plus_panel import is_by_design
from qc.registry import METHODS, PROTOCOLS, RULES
from qc.seats import second_model
from qc.selectors import CaseFacts, case_facts, current_protocol, unit_states
from qc.settling.base import CODE_VERSION, REFER, CaseOutcome, CaseReads, Unit
from qc.settling.beside import is_regions_method
from qc.settling.checks import settle_and_check
from qc.settling.fitting import misfit
from qc.settling.measure import REGIONS

BOX = "box"
# A project is counted once the stream of its cases pauses, not after each of a thousand.
REPORT_PAUSE = timedelta(seconds=2)


@transaction.atomic
def adopt_protocol(*, actor: User, project: Project, document: Mapping[str, Any], reason: str = "") -> ProtocolVersion:
    """Put a protocol document in force; every case of the project is due under it. The audit keeps the reason."""
    check_document(project, document)
    digest = hashlib.sha256(canonical(dict(document)).encode()).hexdigest()
    current = current_protocol(project)
    if current is not None and current.digest == digest:
        return current
    version = ProtocolVersion.objects.create(
        project=project,
        number=(current.number + 1) if current else 1,
        name=document["protocol"],
        document=dict(document),
        digest=digest,
        adopted_by=actor,
        adopted_at=locking.now(),
    )
    due.mark(Case.objects.filter(project=project))
    body = {"number": version.number, "protocol": version.name, "digest": digest, "reason": reason.strip()[:2000]}
    audit.record(project=project, actor=actor, action="protocol.adopted", body=body)
    return version


def check_document(project: Project, document: Mapping[str, Any]) -> None:
    """Refuse a document that its protocol, the catalogues or the project's questions cannot carry."""
    name = str(document.get("protocol"))
    if name not in PROTOCOLS:
        known = ", ".join(PROTOCOLS)
        error = {"pointer": "#/protocol", "code": "unknown-protocol", "detail": f"{name} is not one of {known}."}
        raise InvalidProtocol("No such protocol.", errors=[error])
    try:
        PROTOCOLS[name].check(document)
    except ProtocolProblem as problem:
        error = {"pointer": f"#{problem.pointer}", "code": problem.code, "detail": problem.message}
        raise InvalidProtocol(problem.message, errors=[error]) from problem
    errors = [*project_errors(project, document), *question_errors(project, document["questions"])]
    if errors:
        raise InvalidProtocol("The protocol does not fit the project.", errors=errors)


def project_errors(project: Project, document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return which readers or answers that a document speaks of the project does not have."""
    errors = []
    model = second_model(document)
    if model and not project.readers.filter(code=model, kind=ReaderKind.MODEL).exists():
        detail = f"The project has no model {model}."
        errors.append({"pointer": "#/model", "code": "no-such-model", "detail": detail})
    if document["protocol"] == chexpert_truth_and_benchmark.NAME:
        drawn = project.readers.filter(reads_for=Purpose.BENCHMARK, deactivated_at__isnull=True).count()
        if drawn != document["benchmark"]:
            detail = f"{drawn} benchmark readers are drawn. Draw as many as the protocol states, before anybody reads."
            errors.append({"pointer": "#/benchmark", "code": "not-drawn", "detail": detail})
    known = {entry["code"] for one in questions_of(project) for entry in answers_to(one)}
    for place, answer in enumerate(document.get(CONCORDANT, [])):
        if answer not in known:
            detail = f"No question has the answer {answer}."
            errors.append({"pointer": f"#/{CONCORDANT}/{place}", "code": "unknown-answer", "detail": detail})
    return errors


def answers_to(question: Question) -> list[dict[str, Any]]:
    """Return the codes or levels of a question that has one answer of several."""
    member = {"category": "codes", "grade": "levels"}.get(question.kind)
    return list(question.definition[member]) if member else []


def question_errors(project: Project, policies: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return every mismatch between the document and the schema, with its pointer."""
    asked = questions_of(project)
    kinds = {question.code: question.kind for question in asked}
    codes = set(kinds)
    errors: list[dict[str, str]] = []
    for code in sorted(codes ^ set(policies)):
        detail = "The schema has no such question." if code in policies else "The document says nothing of it."
        errors.append({"pointer": f"#/questions/{code}", "code": "question-mismatch", "detail": detail})
    errors += [error for question in asked for error in matching_errors(question, policies.get(question.code))]
    for code, policy in policies.items():
        if policy["method"] not in METHODS:
            pointer = f"#/questions/{code}/method"
            errors.append({"pointer": pointer, "code": "unknown-method", "detail": f"No method {policy['method']}."})
        elif code in kinds:
            reason = misfit(kinds[code], policy["method"], policy.get("method_parameters", {}))
            if reason is not None:
                errors.append({"pointer": f"#/questions/{code}/method", "code": "method-misfit", "detail": reason})
        errors += beside_errors(code, kinds.get(code, ""), policy)
        for rule, limits in policy.get("rules", {}).items():
            pointer = f"#/questions/{code}/rules/{rule}"
            if rule not in RULES:
                errors.append({"pointer": pointer, "code": "unknown-rule", "detail": f"No rule {rule}."})
                continue
            try:
                RULES[rule].check_policy(limits)
            except ValueError as error:
                errors.append({"pointer": pointer, "code": "bad-policy", "detail": str(error)})
    return errors


def matching_errors(question: Question, policy: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return what is missing for the marks of a question to be matched across readers."""
    if policy is None or not question.takes_marks:
        return []
    member, words = ("match_iou", "by how much two boxes around one thing overlap")
    if question.kind != BOX:
        member, words = ("existence", "how the readers' marks decide whether a finding exists")
    if member in policy:
        return []
    pointer = f"#/questions/{question.code}/{member}"
    return [{"pointer": pointer, "code": "matching-missing", "detail": f"Readers give several marks: state {words}."}]


def beside_errors(code: str, kind: str, policy: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the methods beside the protocol's own that settle no regions, with their pointers."""
    detail = "{name} settles no regions; methods for other kinds are compared without being asked for."
    return [
        {"pointer": f"#/questions/{code}/beside/{place}", "code": "method-misfit", "detail": detail.format(name=name)}
        for place, name in enumerate(policy.get("beside", []))
        if kind not in REGIONS or not is_regions_method(name)
    ]


def advance_case(*, case: Case, claim: Claim) -> Step | None:
    """Take a case as far as it goes without a person: assign, evaluate, refer, close.

    Reads and computes with no transaction open, then locks the case and writes only if nothing changed
    meanwhile; otherwise the case stays due.
    """
    protocol = current_protocol(case.project)
    if protocol is None:
        with transaction.atomic():
            due.finish(claim)
        return None
    facts = case_facts(case, protocol)
    step = PROTOCOLS[protocol.name].next_step(facts.history(), protocol.document)
    outcome = None
    if isinstance(step, Evaluate):
        outcome = settle_and_check(facts.reads, protocol.document)
    with transaction.atomic():
        locking.lock(Case.objects.filter(pk=case.pk)).get()
        if case_facts(case, protocol).input_digest != facts.input_digest:
            due.put_back(claim)
            return step
        again = carry_out(facts, step, outcome)
        due.finish(claim)
        if again:
            due.mark(case)
    return step


def carry_out(facts: CaseFacts, step: Step, outcome: CaseOutcome | None) -> bool:
    """Write what a step asks for, inside the caller's transaction; says whether the protocol must be asked again."""
    if isinstance(step, Assign):
        seated = seat_readers(facts.case, step) > 0
        if not seated and facts.evaluation is not None:
            # Nobody is left who could read it: what the readers did not settle goes to a physician.
            write_disputes(facts, facts.evaluation, settle_and_check(facts.reads, facts.protocol.document))
        # New seats are part of the history.
        return seated
    if outcome is not None:
        evaluation = write_evaluation(facts, outcome)
        after = step_after(facts, evaluation)
        wants_reader = isinstance(after, Assign)
        n_opened = 0 if wants_reader else write_disputes(facts, evaluation, outcome)
        if isinstance(after, Close):
            seat_auditor(facts.case, facts.protocol.document)
        body = {"case": facts.case.key, "n_units": len(outcome.units), "n_disputes_opened": n_opened}
        audit.record(project=facts.case.project, actor=None, action="case.evaluated", body=body)
        pause = locking.now() + REPORT_PAUSE
        due.mark(facts.case.project, at=pause)
        return wants_reader
    return False


def step_after(facts: CaseFacts, evaluation: Evaluation) -> Step:
    """Return what the protocol asks for once it has seen an evaluation."""
    history = replace(facts.history(), units=unit_states(evaluation))
    return PROTOCOLS[facts.protocol.name].next_step(history, facts.protocol.document)


def seat_readers(case: Case, step: Assign) -> int:
    """Give free seats of a round to readers, drawn by a seed that anybody with the project's key can repeat."""
    seed = int(hashlib.sha256(f"{case.project.secret}|{case.key}|{step.round}".encode()).hexdigest()[:12], 16)
    readers = assignment.free_readers(project=case.project, case=case, n_readers=step.n_readers, seed=seed)
    return assignment.assign_readers(actor=None, project=case.project, cases=[case], readers=readers, round=step.round)


def write_evaluation(facts: CaseFacts, outcome: CaseOutcome) -> Evaluation:
    """Add the evaluation and one row for each unit."""
    evaluation = Evaluation.objects.create(
        project=facts.case.project,
        case=facts.case,
        protocol=facts.protocol,
        input_digest=facts.input_digest,
        code_version=CODE_VERSION,
        n_asked=len(facts.seats),
        n_finished=len(facts.reads.readers),
        facts=finding_facts(outcome, facts.reads),
        created_at=locking.now(),
    )
    ConsensusResult.objects.bulk_create(result_row(facts, evaluation, unit) for unit in outcome.units)
    return evaluation


def finding_facts(outcome: CaseOutcome, reads: CaseReads) -> dict[str, Any]:
    """Return how the marks were matched, for the report and for ``verify``."""
    return {
        "findings": [
            {
                "key": finding.key,
                "number": finding.number,
                "n_marks": len(finding.reads),
                "n_readers": len({read.reader for read in finding.reads}),
                "centre": [round(value, 2) for value in finding.centre],
                "is_split": finding.is_split,
            }
            for finding in outcome.findings
        ],
        "readers": list(reads.readers),
    }


def result_row(facts: CaseFacts, evaluation: Evaluation, unit: Unit) -> ConsensusResult:
    """Return the row of one unit."""
    consensus = unit.consensus
    return ConsensusResult(
        evaluation=evaluation,
        case=facts.case,
        question_id=facts.questions[unit.question],
        finding=unit.finding,
        number=unit.number,
        method=unit.method,
        outcome=consensus.outcome,
        label=unit.label,
        support=consensus.support,
        votes=dict(consensus.votes),
        inputs=[[read.reader, read.ref, read.digest] for read in unit.reads],
        values=dict(unit.values),
        details={**unit.details, "evidence": dict(unit.evidence), "cause": unit.cause},
        verdict=unit.verdict,
        rule=unit.rule,
    )


def write_disputes(facts: CaseFacts, evaluation: Evaluation, outcome: CaseOutcome) -> int:
    """Open a dispute for every referred unit that has none, and close those that are pointless now."""
    results = {(row.question_id, row.finding): row for row in evaluation.results.all()}
    referred = {(facts.questions[u.question], u.finding): u for u in outcome.units if u.verdict == REFER}
    standing: dict[tuple[int, str], Dispute] = {}
    rounds: dict[tuple[int, str], int] = {}
    for dispute in Dispute.objects.filter(case=facts.case).select_related("result").order_by("round"):
        key = (dispute.question_id, dispute.finding)
        rounds[key] = dispute.round
        same = key in referred and dispute.result.inputs == results[key].inputs
        if same and dispute.superseded_by_id is None:
            standing[key] = dispute
        elif dispute.closed_at is None:
            dispute.closed_at, dispute.superseded_by = evaluation.created_at, evaluation
            dispute.save(update_fields=["closed_at", "superseded_by"])
    new = [
        dispute_row(facts, results[key], unit, rounds.get(key, 0) + 1)
        for key, unit in referred.items()
        if key not in standing
    ]
    Dispute.objects.bulk_create(new)
    return len(new)


def dispute_row(facts: CaseFacts, result: ConsensusResult, unit: Unit, round_number: int) -> Dispute:
    """Return the dispute of one unit; its place among equals is drawn, so that it tells nothing."""
    generator = np.random.Generator(np.random.PCG64(int(facts.input_digest[:12], 16) + result.pk))
    return Dispute(
        project=facts.case.project,
        case=facts.case,
        question_id=result.question_id,
        finding=unit.finding,
        result=result,
        round=round_number,
        cause=unit.cause,
        explanation=unit.explanation,
        evidence=dict(unit.evidence),
        priority=priority_of(unit),
        jitter=float(generator.random()),
        seats=seats_by_design(facts.protocol.document),
        opened_at=locking.now(),
    )


def seats_by_design(document: Mapping[str, Any]) -> int:
    """Return how many physicians a dispute is given to: a panel where the protocol lets one decide every case."""
    return int(document["panel"]["seats"]) if is_by_design(document) else 1


def priority_of(unit: Unit) -> float:
    """Return the chance that a person changes the outcome: one minus the smoothed share of the leading answer."""
    votes = unit.consensus.votes
    if votes:
        return 1.0 - (max(votes.values()) + 1) / (sum(votes.values()) + len(votes) + 1)
    agreement = unit.values.get("dice", unit.details.get("agreement"))
    return 0.5 if agreement is None else min(1.0, max(0.0, 1.0 - float(agreement)))
