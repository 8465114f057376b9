"""Reads of what the labels mean: case histories, the ledger, the queue. Nothing here writes."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Case as When_
from django.db.models import Exists, IntegerField, Max, OuterRef, Q, QuerySet, Value, When

from annotations import locking
from annotations.labels.base import canonical
from annotations.models import (
    Annotation,
    Assignment,
    Case,
    Exclusion,
    Exposure,
    Project,
    Question,
    Role,
)
from annotations.selectors import Answer, questions_of, standing_answers
from qc.cases import specs_of, unread
from qc.models import (
    Adjudication,
    ConsensusResult,
    Decision,
    Dispute,
    Evaluation,
    PanelVote,
    ProtocolVersion,
    Verdict,
)
from qc.protocols.base import History, Seat, UnitState
from qc.seats import checks_of, counting_sittings, reads_of, seats_of, second_of
from qc.settling.base import CODE_VERSION, CaseReads, Check, settled_as

# Dispositions of a cell (case × question), in the order of the ledger; exactly one holds.
EXCLUDED = "excluded"
OBJECTIVE = "objective"
PANEL = "panel"
ADJUDICATED = "adjudicated"
IN_DISPUTE = "in_dispute"
AUTO_ACCEPTED = "auto_accepted"
COLLECTING = "collecting"
DISPOSITIONS = (AUTO_ACCEPTED, ADJUDICATED, PANEL, OBJECTIVE, IN_DISPUTE, EXCLUDED, COLLECTING)

# A cell stands as its most open unit does: the larger number wins. Units that do not apply come last.
RANKS = {
    0: (EXCLUDED, "not applicable"),
    1: (EXCLUDED, "cannot be assessed"),
    2: (AUTO_ACCEPTED, ""),
    3: (ADJUDICATED, ""),
    4: (PANEL, ""),
    5: (COLLECTING, "waits for its finding"),
    6: (COLLECTING, "waits for a further reader"),
    7: (IN_DISPUTE, ""),
}


# Units of these ranks have a label, by rule or by a person.
SETTLED_BY_RULE = 2
SETTLED_BY_PERSON = frozenset({3, 4})
# Readers of the first round were due whatever anybody answered; agreement is measured on them alone.
FIRST_ROUND = 1


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Everything that the next step of a case depends on, read at one moment."""

    case: Case
    protocol: ProtocolVersion
    questions: dict[str, int]
    reads: CaseReads
    seats: tuple[Seat, ...]
    input_digest: str
    evaluation: Evaluation | None
    units: tuple[UnitState, ...] | None

    def history(self) -> History:
        """Return the history as the protocol sees it."""
        return History(self.seats, self.units, has_model_read=self.reads.second is not None)


def current_protocol(project: Project) -> ProtocolVersion | None:
    """Return the protocol version in force."""
    return project.protocols.order_by("-number").first()


def newest_run(project: Project) -> Evaluation | None:
    """Return the newest evaluation of the whole project."""
    return (
        Evaluation.objects.filter(project=project, case__isnull=True)
        .select_related("protocol", "project")
        .order_by("-pk")
        .first()
    )


def case_facts(case: Case, protocol: ProtocolVersion) -> CaseFacts:
    """Read a case's seats, standing answers, decisions and current evaluation."""
    questions = questions_of(case.project)
    seats = seats_of(case, protocol.document)
    sittings = counting_sittings(case, protocol.document)
    finished = sorted(sittings)
    standing = standing_answers(case)
    answers = [one for one in standing if sittings.get(one.reader) == one.sitting]
    decided = decisions_of(case)
    codes = {question.pk: question.code for question in questions}
    checks = checks_of(case, protocol.document, standing, codes)
    second = second_of(case, protocol.document, standing, codes)
    digest = input_digest(seats, answers, decided, checks, second)
    evaluation = Evaluation.objects.filter(
        case=case, input_digest=digest, protocol=protocol, code_version=CODE_VERSION
    ).first()
    return CaseFacts(
        case=case,
        protocol=protocol,
        questions={question.code: question.pk for question in questions},
        reads=replace(
            unread(case, specs_of(questions)),
            readers=tuple(finished),
            block=frozenset(seat.reader for seat in seats if seat.round == FIRST_ROUND),
            reads=reads_of(answers, codes),
            decided=decided,
            checks=checks,
            second=second,
        ),
        seats=seats,
        input_digest=digest,
        evaluation=evaluation,
        units=unit_states(evaluation) if evaluation else None,
    )


def decisions_of(case: Case) -> dict[tuple[str, str], str]:
    """Return the newest signed decision of each unit of a case."""
    rows = Adjudication.objects.filter(dispute__case=case).order_by("dispute__round")
    values = rows.values_list("dispute__question__code", "dispute__finding", "decision", "label")
    return {(question, finding): settled_as(decision, label) for question, finding, decision, label in values}


def input_digest(
    seats: Iterable[Seat],
    answers: Iterable[Answer],
    decided: Mapping[tuple[str, str], str],
    checks: Iterable[Check] = (),
    second: Check | None = None,
) -> str:
    """Return one digest over everything that settling a case depends on."""
    content: dict[str, Any] = {
        "seats": [[seat.reader, seat.round, seat.is_finished] for seat in seats],
        "answers": [[a.question_id, a.reader, a.mark, a.digest] for a in answers],
        "decided": sorted([*unit, decision] for unit, decision in decided.items()),
    }
    read = [[c.purpose, c.reader, [[r.question, r.mark, r.digest] for r in c.reads]] for c in checks]
    if read:
        # Only where there are any, so that a case without them keeps the digest it had before there were checks.
        content["checks"] = read
    if second is not None:
        content["second"] = [second.reader, [[r.question, r.mark, r.digest] for r in second.reads]]
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def unit_states(evaluation: Evaluation) -> tuple[UnitState, ...]:
    """Return where each unit of an evaluation stands for the protocol."""
    adjudicated = Exists(adjudications_of_unit())
    applicable = evaluation.results.exclude(verdict=Verdict.NOT_APPLICABLE)
    rows = applicable.annotate(is_adjudicated=adjudicated).order_by("question__position", "number")
    values = rows.values_list("question__code", "finding", "verdict", "is_adjudicated", "details")
    return tuple(
        UnitState(
            question,
            finding,
            Verdict.REFER if verdict == Verdict.WAIT else verdict,
            settled,
            int(details.get("open_seats", 0)),
        )
        for question, finding, verdict, settled, details in values
    )


def adjudications_of_unit() -> QuerySet[Adjudication]:
    """Return, for an outer unit, the adjudications of its newest dispute."""
    return Adjudication.objects.filter(
        dispute__case=OuterRef("case"),
        dispute__question=OuterRef("question"),
        dispute__finding=OuterRef("finding"),
        dispute__superseded_by__isnull=True,
    )


def current_results(project: Project) -> QuerySet[ConsensusResult]:
    """Return the units of the newest evaluation of each case under the protocol in force."""
    # One grouping for all cases: a subquery for each unit would be asked tens of thousands of times.
    newest = Evaluation.objects.filter(project=project, case__isnull=False).values("case").annotate(top=Max("id"))
    return ConsensusResult.objects.filter(evaluation_id__in=newest.values("top"))


def ranked_results(project: Project) -> QuerySet[ConsensusResult]:
    """Return the current units with ``rank`` (see RANKS)."""
    return ranked(current_results(project))


def ranked(rows: QuerySet[ConsensusResult]) -> QuerySet[ConsensusResult]:
    """Return units with ``rank`` (see RANKS)."""
    open_dispute = Dispute.objects.filter(
        case=OuterRef("case"), question=OuterRef("question"), finding=OuterRef("finding"), closed_at__isnull=True
    )
    decided = adjudications_of_unit()
    rank = When_(
        When(Exists(open_dispute), then=Value(7)),
        When(Q(verdict=Verdict.WAIT), then=Value(5)),
        When(Exists(decided.filter(decision__in=[Decision.EXCLUDE, Decision.NO_CONSENSUS])), then=Value(1)),
        When(Exists(decided.filter(decision=Decision.PANEL)), then=Value(4)),
        When(Exists(decided), then=Value(3)),
        When(Q(verdict=Verdict.REFER), then=Value(6)),
        When(Q(verdict=Verdict.NOT_APPLICABLE), then=Value(0)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return rows.annotate(rank=rank)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every cell of a project in exactly one disposition; the counts close to N."""

    n_cases: int
    n_questions: int
    counts: dict[str, int]
    by_question: dict[str, dict[str, int]]
    excluded_why: dict[str, int]
    collecting_why: dict[str, int]

    @property
    def n_cells(self) -> int:
        """Return N, cases times questions."""
        return self.n_cases * self.n_questions

    @property
    def is_closed(self) -> bool:
        """Say whether the seven counts sum to N, in total and for each question."""
        each = all(sum(counts.values()) == self.n_cases for counts in self.by_question.values())
        return each and sum(self.counts.values()) == self.n_cells


def ledger(project: Project, questions: Sequence[Question] | None = None) -> Ledger:
    """Return where every cell of the project stands, at this moment; ``questions`` where they are known already."""
    questions = questions_of(project) if questions is None else questions
    case_ids = set(project.cases.values_list("pk", flat=True))
    excluded = dict(
        Exclusion.objects.filter(case__project=project, revoked_at__isnull=True).values_list("case_id", "reason")
    )
    due = set(project.cases.filter(due_at__isnull=False).values_list("pk", flat=True))
    cells = ranked_results(project).values("case_id", "question_id").annotate(top=Max("rank"))
    ranks = {(row["case_id"], row["question_id"]): row["top"] for row in cells}
    by_question: dict[str, dict[str, int]] = {}
    why: dict[str, Counter[str]] = {EXCLUDED: Counter(), COLLECTING: Counter()}
    total: Counter[str] = Counter()
    for question in questions:
        counts: Counter[str] = Counter()
        for case_id in case_ids:
            disposition, reason = disposition_of(case_id, ranks.get((case_id, question.pk)), excluded, due)
            counts[disposition] += 1
            if disposition in why:
                why[disposition][reason] += 1
        by_question[question.code] = {name: counts[name] for name in DISPOSITIONS}
        total += counts
    return Ledger(
        n_cases=len(case_ids),
        n_questions=len(questions),
        counts={name: total[name] for name in DISPOSITIONS},
        by_question=by_question,
        excluded_why=dict(why[EXCLUDED].most_common()),
        collecting_why=dict(why[COLLECTING].most_common()),
    )


def disposition_of(case_id: int, rank: int | None, excluded: Mapping[int, str], due: set[int]) -> tuple[str, str]:
    """Return the disposition of one cell and its reason; the first that fits wins."""
    if case_id in excluded:
        return EXCLUDED, excluded[case_id]
    if case_id in due and rank not in {3, 4, 7}:
        # New facts arrived: what was accepted before them is stale until it is evaluated again.
        return COLLECTING, "to be evaluated"
    if rank is None:
        return COLLECTING, "reads outstanding"
    return RANKS[rank]


def open_disputes(project: Project) -> QuerySet[Dispute]:
    """Return the project's open disputes in the order of the queue."""
    rows = Dispute.objects.filter(project=project, closed_at__isnull=True)
    return rows.exclude(case__exclusions__revoked_at__isnull=True, case__exclusions__isnull=False).order_by(
        "-priority", "jitter", "pk"
    )


def is_independent(user: User) -> Q:
    """Return the condition on a dispute that this person neither read its case nor saw an answer outside the queue."""
    # Asked once for a person, not once for each dispute.
    read = Assignment.objects.filter(reader__user=user).values("case")
    wrote = Annotation.objects.filter(created_by=user).values("case")
    seen = Exposure.objects.filter(viewer=user).exclude(stage="adjudication").values("case")
    return ~Q(case__in=read) & ~Q(case__in=wrote) & ~Q(case__in=seen) & may_vote(user)


def may_vote(user: User) -> Q:
    """Return the condition on a dispute before a panel that this person has a vote in its turn.

    Whoever referred it has none; in a later turn only the members of the first vote, each once. Where a turn has
    lasted for longer than the protocol gives it, any one of them may settle it alone, votes or none.
    """
    voted = PanelVote.objects.filter(dispute=OuterRef("pk"), voter=user)
    is_single = Q(seats=1) | Q(panel_until__lt=locking.now())
    is_first = Q(turn=1) & ~Exists(voted)
    is_later = Q(turn__gt=1) & Exists(voted.filter(turn=1)) & ~Exists(voted.filter(turn=OuterRef("turn")))
    return (is_single | is_first | is_later) & ~Q(referred_by=user, referred_by__isnull=False)


def queue_for(user: User, project: Project) -> QuerySet[Dispute]:
    """Return the disputes that this adjudicator may settle and nobody else holds."""
    free = Q(held_until__isnull=True) | Q(held_until__lt=locking.now()) | Q(held_by=user)
    return open_disputes(project).filter(free & is_independent(user)).select_related("case", "question")


def disputes_visible_to(user: User) -> QuerySet[Dispute]:
    """Return the disputes of the projects in which the user is QA lead or adjudicator."""
    return Dispute.objects.filter(
        project__memberships__user_id=user.pk,
        project__memberships__role__in=[Role.QA_LEAD, Role.ADJUDICATOR],
    )


def progress(project: Project) -> dict[str, Any]:
    """Return how far the worker is: cases evaluated of N, and what waits or is stuck."""
    n_cases = project.cases.count()
    waiting = project.cases.filter(due_at__isnull=False)
    batches = project.imports.filter(finished_at__isnull=True)
    return {
        "n_cases": n_cases,
        "n_due": waiting.count(),
        "n_stuck": waiting.filter(attempts__gte=Case.attempt_limit).count(),
        "n_imports": batches.count(),
        "is_reporting": project.due_at is not None,
    }
