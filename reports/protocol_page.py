"""What a protocol does and what a change of it touches, as plain view data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.models import AuditEvent, Case, Project, Question
from qc.models import ProtocolVersion
from qc.protocols.base import flow_of
from qc.registry import METHODS, PROTOCOLS
from qc.selectors import ADJUDICATED, AUTO_ACCEPTED, IN_DISPUTE, PANEL, Ledger
from reports.charts.base import Chart
from reports.charts.flow import FlowStage, flow

SHOWN_VERSIONS = 20
# Members by which every question is settled.
BEAR_ON_ALL = (
    "protocol", "seats", "most", "minimum", "matching", "model", "model_votes", "model_check", "arbitrate_concordant",
    "profile",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One member of the document that differs; absent is an empty text."""

    where: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Touched:
    """What a question's change bears on: units that are settled by rule now, in dispute, or decided by a person."""

    question: Question
    n_accepted: int
    n_disputed: int
    n_decided: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a project's protocol."""

    number: int
    title: str
    by: str
    at: Any
    digest: str
    reason: str


def picture(document: Mapping[str, Any]) -> Chart:
    """Draw the flow of a case under a checked document."""
    stages = flow_of(PROTOCOLS[document["protocol"]], document)
    shown = [FlowStage(stage.title, stage.settled, stage.otherwise) for stage in stages]
    return flow(shown, name="protocol", title="What happens to a case")


def sentences(questions: Sequence[Question], document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return each question with what settles it and what goes to a physician, in words."""
    return [(question.title, " ".join(words_of(document["questions"][question.code]))) for question in questions]


def words_of(policy: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a policy says, sentence by sentence."""
    if policy.get("existence"):
        yield "A finding exists where more than half of the readers marked it."
    yield f"Settled by {METHODS[policy['method']].title.lower()}."
    for name, limits in policy["rules"].items():
        if name == "by_design":
            yield "Every case goes to a physician."
        elif "answers" in limits:
            yield f"A physician confirms {', '.join(limits['answers'])}."
        elif "statistic" in limits or "maximum_mm" in limits:
            yield f"Otherwise a physician: {limit_words(limits)}."
    yield "Ties and what has no majority go to a physician."


def limit_words(limits: Mapping[str, Any]) -> str:
    """Return a limit in words."""
    name = str(limits.get("statistic", "distance")).replace("_", " ")
    if "minimum" in limits:
        return f"{name} of at least {limits['minimum']:g}"
    return f"{name} of at most {limits.get('maximum', limits.get('maximum_mm', 0)):g}"


def changes(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterator[Change]:
    """Yield every member that differs, deepest first, by its place in the document."""
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        where = f"{path} › {name}" if path else name
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from changes(old, new, where)
        elif old != new:
            yield Change(where.replace("_", " "), shown(old), shown(new))


def shown(value: Any) -> str:
    """Return a member's value as a person writes it."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name.replace('_', ' ')} {shown(one)}".strip() for name, one in value.items()) or "stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value).replace("_", " ")


def touched(
    questions: Sequence[Question], before: Mapping[str, Any], after: Mapping[str, Any], ledger: Ledger
) -> list[Touched]:
    """Return the questions that a change bears on, with how their cells stand now."""
    old, new = before.get("questions", {}), after.get("questions", {})
    everywhere = any(before.get(name) != after.get(name) for name in BEAR_ON_ALL)
    found = []
    for question in questions:
        if everywhere or old.get(question.code) != new.get(question.code):
            counts = ledger.by_question[question.code]
            decided = counts[ADJUDICATED] + counts[PANEL]
            found.append(Touched(question, counts[AUTO_ACCEPTED], counts[IN_DISPUTE], decided))
    return found


def n_read(project: Project) -> int:
    """Return how many cases somebody has read."""
    return Case.objects.filter(project=project, assignments__finished_at__isnull=False).distinct().count()


def versions_of(project: Project) -> list[Version]:
    """Return the versions of a protocol with who adopted each and why, newest first."""
    rows = ProtocolVersion.objects.filter(project=project).select_related("adopted_by").order_by("-number")
    events = AuditEvent.objects.filter(project=project, action="protocol.adopted").order_by("-number")
    why = {event.body["number"]: event.body.get("reason", "") for event in events[:SHOWN_VERSIONS]}
    return [
        Version(
            row.number,
            PROTOCOLS[row.name].title if row.name in PROTOCOLS else row.name,
            row.adopted_by.get_full_name() or row.adopted_by.get_username(),
            row.adopted_at,
            row.digest,
            why.get(row.number, ""),
        )
        for row in rows[:SHOWN_VERSIONS]
    ]
