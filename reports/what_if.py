"""What another limit would send to physicians, and what further cases will cost, as plain view data."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from annotations.models import Case, Project, Question
from qc.judges import minutes_of
from qc.models import ConsensusResult, ProtocolVersion, Verdict
from qc.selectors import current_results
from qc.settling.case import EXISTENCE
from qc.settling.forecast import Forecast, forecast
from qc.settling.measure import SEED
from qc.settling.what_if import Shift, Standing, limited, shift, side_of, values_of, with_limit
from reports.charts.base import Chart
from reports.charts.distribution import Limit, Span, distribution

SHOWN_CASES = 12
LOOKED_AT = (Verdict.ACCEPT, Verdict.REFER)
FIELDS = (
    "case__key", "case__subject", "case__strata", "number", "verdict", "rule", "method", "values", "inputs",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """One rule of one question with the limit that is tried."""

    question: Question
    rule: str
    statistic: str
    side: str
    now: float
    limit: float


def trial_of(
    protocol: ProtocolVersion | None, questions: Sequence[Question], code: str, rule: str, limit: str
) -> Trial | None:
    """Return what is asked for, or the first limit that there is; None where no question has one.

    A limit that is no number is taken for the one in force.
    """
    if protocol is None:
        return None
    rules = {one.code: protocol.document["questions"].get(one.code, {}).get("rules", {}) for one in questions}
    having = [one for one in questions if limited(rules[one.code])]
    question = next((one for one in having if one.code == code), having[0] if having else None)
    if question is None:
        return None
    names = limited(rules[question.code])
    chosen = rule if rule in names else names[0]
    limits = rules[question.code][chosen]
    side = side_of(limits)
    now = float(limits[side])
    return Trial(question, chosen, str(limits["statistic"]), side, now, _number(limit, now))


def limits_of(protocol: ProtocolVersion | None, questions: Sequence[Question]) -> list[dict[str, str]]:
    """Return every limit of the protocol that can be tried, with its address."""
    if protocol is None:
        return []
    return [
        {
            "title": f"{question.title}: {policy[rule]['statistic'].replace('_', ' ')}",
            "href": f"?question={question.code}&rule={rule}",
            "question": question.code,
            "rule": rule,
        }
        for question in questions
        for policy in [protocol.document["questions"].get(question.code, {}).get("rules", {})]
        for rule in limited(policy)
    ]


def _number(text: str, otherwise: float) -> float:
    try:
        value = float(text)
    except ValueError:
        return otherwise
    return value if abs(value) < 1e9 else otherwise


def standings(project: Project, question: Question) -> list[Standing]:
    """Return the units of a question that the rules look at, as they stand now."""
    rows = (
        current_results(project)
        .filter(question=question, verdict__in=LOOKED_AT)
        .exclude(method=EXISTENCE)
        .exclude(rule="cannot_assess")
        .exclude(case__exclusions__isnull=False, case__exclusions__revoked_at__isnull=True)
        .order_by("case__key", "number")
    )
    return [_standing(row, question.kind) for row in rows.values(*FIELDS)]


def _standing(row: Mapping[str, Any], kind: str) -> Standing:
    values = dict(row["values"])
    undefined = values.pop("undefined", {})
    readers = tuple(sorted({reader for reader, _, _ in row["inputs"]}))
    return Standing(
        case=row["case__key"],
        subject=row["case__subject"],
        number=row["number"],
        kind=kind,
        is_referred=row["verdict"] == Verdict.REFER,
        rule=row["rule"],
        values=values,
        undefined=undefined,
        n_answered=len(readers),
        readers=readers,
        strata=row["case__strata"],
    )


def tried(protocol: ProtocolVersion, trial: Trial, units: Sequence[Standing]) -> Shift:
    """Return what the limit that is tried would change."""
    rules = protocol.document["questions"][trial.question.code]["rules"]
    return shift(units, with_limit(rules, trial.rule, trial.limit))


def picture(trial: Trial, units: Sequence[Standing]) -> Chart:
    """Draw how the value that the rule compares is spread, with the limit that is tried."""
    values = values_of(units, trial.statistic)
    known = [value for value in values if value is not None]
    low, high = min([0.0, *known]), max([1.0, *known])
    words = trial.statistic.replace("_", " ")
    return distribution(
        values,
        name="what-if",
        title=f"{words.capitalize()} of each unit",
        span=Span(words, low, high),
        limit=Limit(trial.limit, f"limit {trial.limit:g}"),
    )


def case_links(project: Project, units: Sequence[Standing]) -> list[dict[str, Any]]:
    """Return the first units with the way to their cases."""
    shown = units[:SHOWN_CASES]
    found = dict(
        Case.objects.filter(project=project, key__in=[unit.case for unit in shown]).values_list("key", "public_id")
    )
    return [
        {"case": unit.case, "number": unit.number, "href": reverse("case", args=[project.slug, found[unit.case]])}
        for unit in shown
    ]


def ahead(project: Project, n_ahead: int) -> Forecast:
    """Return what so many further cases are expected to bring, judged by the cases that were evaluated."""
    rows = current_results(project).exclude(case__exclusions__isnull=False, case__exclusions__revoked_at__isnull=True)
    cases = dict(rows.values_list("case__key", "case__subject").distinct())
    referred = Counter(rows.filter(verdict=Verdict.REFER).values_list("case__subject", flat=True))
    subjects = Counter(cases.values())
    pairs = [(number, referred[subject]) for subject, number in sorted(subjects.items())]
    return forecast(pairs, n_ahead=n_ahead, minutes=list(minutes_of(project).values()), seed=SEED)


def open_cases(project: Project) -> int:
    """Return how many cases no evaluation has seen."""
    return project.cases.exclude(pk__in=ConsensusResult.objects.filter(case__project=project).values("case")).count()


def changed_document(protocol: ProtocolVersion, trial: Trial) -> dict[str, Any]:
    """Return the protocol's document with the limit that is tried."""
    document = dict(protocol.document)
    questions = {code: dict(policy) for code, policy in document["questions"].items()}
    rules = questions[trial.question.code]["rules"]
    questions[trial.question.code]["rules"] = with_limit(rules, trial.rule, trial.limit)
    return {**document, "questions": questions}
