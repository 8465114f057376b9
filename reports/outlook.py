"""What is still ahead of a project: when it will be done, what a settled case costs, what needs somebody now."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse

from annotations import locking
from annotations.models import Annotation, Assignment, AuditEvent, Exclusion, Project, Question
from qc.agreement.base import TOO_FEW, Estimate
from qc.models import AgreementResult, Dispute, Evaluation, ReaderResult
from qc.selectors import open_disputes, ranked_results
from qc.settling.completion import BEYOND, FEWEST_DAYS, FEWEST_READS, MOST_DAYS, STOPPED, Completion, completion
from qc.settling.judging import OTHERS
from qc.settling.means import mean_over_patients
from qc.settling.measure import ALL, SEED
from reports.kept import kept
from reports.panels import ALPHA, LEAST_ALPHA, PERCENT
from reports.readers import FAILS, least_of, verdict_of

SETTLED_RANKS = frozenset({2, 3, 4})
CLOSED_RANKS = frozenset({0, 1}) | SETTLED_RANKS
# A dispute is answered within two weeks, or somebody is told.
LONGEST_WAIT_DAYS = 14
MOST_RATE = 100_000.0
# Where so many pairs give the same answer, a low α comes from one rare answer and not from disagreement.
NEARLY_ALL = 0.9
WHY_NO_FORECAST = {
    TOO_FEW: f"it takes {FEWEST_DAYS} days and {FEWEST_READS} readings made here",
    STOPPED: f"nothing was read in the last {FEWEST_DAYS} days",
    BEYOND: "at this pace it would take more than ten years",
}
OUTLOOK_COLUMNS = ("what", "value", "low", "high", "n", "unit", "reason")


@dataclass(frozen=True, slots=True)
class Finish:
    """The forecast with its days as dates."""

    numbers: Completion
    on: date | None
    earliest: date | None
    latest: date | None
    why: str


@dataclass(frozen=True, slots=True)
class Effort:
    """Minutes and money of a settled case; ``n_untimed`` settled cases have a reading whose time nobody knows."""

    n_settled: int
    n_untimed: int
    reading: Estimate
    deciding: Estimate
    cost: Estimate | None
    reader_rate: float | None
    physician_rate: float | None


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule that holds now: what it is, why it speaks, and the way out."""

    code: str
    title: str
    reason: str
    way: str
    href: str


def finish_of(project: Project) -> Finish:
    """Return when the readings that are asked for will be finished; readings from files say nothing of a pace."""
    return kept(project, "finish", [], lambda: _finish(project))


def _finish(project: Project) -> Finish:
    excluded = Exclusion.objects.filter(case__project=project, revoked_at__isnull=True).values("case")
    seats = Assignment.objects.filter(case__project=project)
    n_left = seats.filter(finished_at__isnull=True).exclude(case__in=excluded).count()
    today = locking.now().date()
    since = today - timedelta(days=MOST_DAYS)
    recent = seats.filter(finished_at__date__gte=since).values_list("case_id", "reader_id", "finished_at")
    # Asked for as a whole: a subquery for each seat would search a reader's answers anew each time.
    from_file = set(
        Annotation.objects.filter(case__project=project, batch__isnull=False)
        .order_by()
        .values_list("case_id", "reader_id")
        .distinct()
    )
    days = Counter(at.date() for case, reader, at in recent if at is not None and (case, reader) not in from_file)
    first = min(days, default=today)
    daily = [days[first + timedelta(days=number)] for number in range((today - first).days)]
    found = completion(daily, n_left, seed=SEED)
    on, earliest, latest = (_day(today, one) for one in (found.days, found.low, found.high))
    return Finish(found, on, earliest, latest, WHY_NO_FORECAST.get(found.undefined, found.undefined))


def _day(today: date, days: float | None) -> date | None:
    return None if days is None else today + timedelta(days=days)


def effort_of(project: Project, reader_rate: float | None = None, physician_rate: float | None = None) -> Effort:
    """Return the minutes, and with both rates the cost, of a settled case, with bounds over patients."""
    parts = [reader_rate, physician_rate]
    return kept(project, "effort", parts, lambda: _effort(project, reader_rate, physician_rate))


def _effort(project: Project, reader_rate: float | None, physician_rate: float | None) -> Effort:
    subjects = settled_cases(project)
    reading, unknown = reading_minutes(project)
    timed = [case for case in sorted(subjects) if case in reading and case not in unknown]
    deciding = deciding_minutes(project)
    people = [subjects[case] for case in timed]
    spent = [reading[case] for case in timed]
    decided = [deciding.get(case, 0.0) for case in timed]
    cost = None
    if reader_rate is not None and physician_rate is not None:
        money = [(a * reader_rate + b * physician_rate) / 60 for a, b in zip(spent, decided, strict=True)]
        cost = mean_over_patients(money, people)
    return Effort(
        n_settled=len(subjects),
        n_untimed=len(subjects) - len(timed),
        reading=mean_over_patients(spent, people, unit="min"),
        deciding=mean_over_patients(decided, people, unit="min"),
        cost=cost,
        reader_rate=reader_rate,
        physician_rate=physician_rate,
    )


def settled_cases(project: Project) -> dict[int, str]:
    """Return the cases with something settled and nothing open, with their patients."""
    ranks: dict[int, set[int]] = {}
    subjects: dict[int, str] = {}
    rows = ranked_results(project).filter(case__due_at__isnull=True)
    rows = rows.exclude(case__exclusions__isnull=False, case__exclusions__revoked_at__isnull=True)
    for case, subject, rank in rows.values_list("case_id", "case__subject", "rank"):  # type: ignore[misc]
        ranks.setdefault(case, set()).add(rank)
        subjects[case] = subject
    return {case: subjects[case] for case, found in ranks.items() if found <= CLOSED_RANKS and found & SETTLED_RANKS}


def reading_minutes(project: Project) -> tuple[dict[int, float], set[int]]:
    """Return the active minutes of all readings of each case, and the cases with a reading that was not timed."""
    pairs = (
        Annotation.objects.filter(case__project=project)
        .values_list("case_id", "reader_id")
        .annotate(total=Sum("seconds"), n_timed=Count("seconds"))
    )
    minutes: dict[int, float] = {}
    unknown = set()
    for case, _, total, n_timed in pairs:
        minutes[case] = minutes.get(case, 0.0) + (total or 0.0) / 60
        if not n_timed:
            unknown.add(case)
    return minutes, unknown


def deciding_minutes(project: Project) -> dict[int, float]:
    """Return the minutes between taking a dispute and signing it, added up by case."""
    cases = dict(Dispute.objects.filter(project=project).values_list("public_id", "case_id"))
    by_name = {str(name): case for name, case in cases.items()}
    taken: dict[str, Any] = {}
    found: dict[int, float] = {}
    events = AuditEvent.objects.filter(project=project, action__in=["dispute.claimed", "dispute.resolved"])
    for action, body, at in events.order_by("number").values_list("action", "body", "at"):
        name = str(body["dispute"])
        if action == "dispute.claimed":
            taken[name] = at
        elif name in taken and name in by_name:
            spent = (at - taken.pop(name)).total_seconds() / 60
            found[by_name[name]] = found.get(by_name[name], 0.0) + spent
    return found


def rate_of(text: str) -> float | None:
    """Return a rate an hour from an address; None for what is no amount."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= MOST_RATE else None


def alerts_of(project: Project, run: Evaluation | None, finish: Finish) -> tuple[Alert, ...]:
    """Return every rule that holds now, most urgent first."""
    return kept(project, "alerts", [run.pk if run else 0], lambda: alerts_now(project, run, finish))


def alerts_now(project: Project, run: Evaluation | None, finish: Finish) -> tuple[Alert, ...]:
    """Return the same without what is kept: some rules come to hold by the clock alone."""
    return (
        *_waiting(project),
        *_silence(project, finish),
        *_weak_questions(project, run),
        *_weak_readers(project, run),
        *_drifting(project, run),
    )


def _waiting(project: Project) -> Iterator[Alert]:
    limit = locking.now() - timedelta(days=LONGEST_WAIT_DAYS)
    old = open_disputes(project).filter(opened_at__lt=limit).count()
    if old:
        yield Alert(
            "dispute-waits",
            "Disputes wait too long",
            f"{old:,} of them for more than {LONGEST_WAIT_DAYS} days.",
            "Ask a further physician, or see what another limit would send.",
            reverse("what-if", args=[project.slug]),
        )


def _silence(project: Project, finish: Finish) -> Iterator[Alert]:
    if finish.numbers.undefined == STOPPED:
        yield Alert(
            "nobody-reads",
            "Nobody reads",
            f"{finish.numbers.n_left:,} readings are asked for and none was finished in {FEWEST_DAYS} days.",
            "See who has seats left, and remind or replace them.",
            reverse("overview", args=[project.slug]),
        )


def _weak_questions(project: Project, run: Evaluation | None) -> Iterator[Alert]:
    rows = AgreementResult.objects.filter(evaluation=run, population=ALL, pair=[], statistic__in=[ALPHA, PERCENT])
    by_question: dict[Question, dict[str, Mapping[str, Any]]] = {}
    for row in rows.select_related("question").order_by("question__position"):
        by_question.setdefault(row.question, {})[row.statistic] = row.estimate
    for question, found in by_question.items():
        one, same = found.get(ALPHA), found.get(PERCENT)
        if one is None or one["high"] is None or one["high"] >= LEAST_ALPHA:
            continue
        if same is not None and same["low"] is not None and same["low"] >= NEARLY_ALL:
            # One rare answer makes α low by itself: the question's own page says so, and nobody is alarmed.
            continue
        yield Alert(
            "low-agreement",
            f"Readers disagree on “{question.title}”",
            f"α {one['value']:.3f}; even its upper bound {one['high']:.3f} lies below {LEAST_ALPHA} "
            f"(n {one['n_units']:,}).",
            "See which answers stand against each other.",
            reverse("agreement-question", args=[project.slug, question.code]),
        )


def _weak_readers(project: Project, run: Evaluation | None) -> Iterator[Alert]:
    rows = ReaderResult.objects.filter(evaluation=run, statistic="accuracy", part="accuracy", against=OTHERS)
    document: Mapping[str, Any] | None = run.protocol.document if run else None
    for row in rows.select_related("question", "reader").order_by("question__position", "reader__code"):
        least = least_of(document, row.question.code)
        if verdict_of(row.result, least) == FAILS:
            yield Alert(
                "reader-fails",
                f"Reader {row.reader.code} misses the requirement on “{row.question.title}”",
                f"Right in {row.result['value']:.3f}; even the upper bound {row.result['high']:.3f} lies below "
                f"{least:.2f} (n {row.result['n_units']:,}).",
                "Look at the reader's cases before anything is decided.",
                reverse("reader", args=[project.slug, row.reader.code]),
            )


def _drifting(project: Project, run: Evaluation | None) -> Iterator[Alert]:
    rows = ReaderResult.objects.filter(evaluation=run, statistic="error_cusum", against=OTHERS)
    for row in rows.select_related("question", "reader").order_by("question__position", "reader__code"):
        signals: Sequence[int] = row.result.get("signals") or ()
        if signals:
            yield Alert(
                "reader-drifts",
                f"Errors of reader {row.reader.code} pile up on “{row.question.title}”",
                f"The chart of errors crossed its limit at read {signals[-1] + 1} of {row.result['n_units']:,}.",
                "Compare the reads before and after it; propose a blind re-read of a sample.",
                reverse("reader", args=[project.slug, row.reader.code]),
            )


def outlook_rows(finish: Finish, effort: Effort) -> Iterator[tuple[Any, ...]]:
    """Yield one row a figure for a CSV file."""
    numbers = finish.numbers
    yield "readings_left", numbers.n_left, None, None, None, "", ""
    yield "readings_a_day", numbers.per_day, None, None, numbers.n_days, "", ""
    yield "days_left", numbers.days, numbers.low, numbers.high, numbers.n_reads, "d", numbers.undefined
    for name, one in (("reading", effort.reading), ("deciding", effort.deciding), ("cost", effort.cost)):
        if one is not None:
            reason = one.undefined or one.interval_undefined or ""
            yield f"{name}_a_settled_case", one.value, one.low, one.high, one.n_units, one.unit, reason
