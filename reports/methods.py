"""Consensus methods side by side as plain view data: what each settles, and where it parts from the protocol's."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.urls import reverse

from annotations.models import Case, Project, Question
from qc.agreement.base import NOT_CONVERGED
from qc.consensus.base import SETTLED
from qc.models import Evaluation, MethodResult
from qc.registry import METHODS

SHOWN_CASES = 12
# A gain below this share of the units is none.
LEAST_GAIN = 0.001
OUTCOMES = {
    SETTLED: "settled",
    "tie": "tied",
    "no_majority": "without a majority",
    "insufficient": "with too few reads",
    "degenerate": "that leave the method undetermined",
}
METHOD_COLUMNS = ("method", "is_protocol", "n_units", "n_same", "n_parted", "n_settled", "converged", "iterations")


@dataclass(frozen=True, slots=True)
class PartedCase:
    """One unit on which two methods part."""

    case: str
    href: str
    number: int


@dataclass(frozen=True, slots=True)
class MethodLine:
    """One method on the units of a question; ``warning`` where it must not be trusted."""

    name: str
    title: str
    is_protocol: bool
    n_units: int
    n_settled: int
    others: str
    n_same: int
    n_parted: int
    share_same: float | None
    cases: tuple[PartedCase, ...]
    notes: tuple[str, ...]
    warning: str


def method_rows(run: Evaluation | None, question: Question) -> list[MethodResult]:
    """Return the methods of the newest run on one question, the protocol's own first."""
    if run is None:
        return []
    return list(MethodResult.objects.filter(evaluation=run, question=question).order_by("place", "pk"))


def method_lines(project: Project, rows: Sequence[MethodResult]) -> tuple[MethodLine, ...]:
    """Return each method with the cases on which it parts from the protocol's."""
    wanted = {key for row in rows for key, _ in row.parted[:SHOWN_CASES]}
    found = Case.objects.filter(project=project, key__in=wanted).values_list("key", "public_id")
    hrefs = {key: reverse("case", args=[project.slug, public_id]) for key, public_id in found}
    return tuple(_line(row, hrefs) for row in rows)


def _line(row: MethodResult, hrefs: Mapping[str, str]) -> MethodLine:
    others = [
        f"{count:,} {OUTCOMES.get(outcome, outcome)}" for outcome, count in row.outcomes.items() if outcome != SETTLED
    ]
    return MethodLine(
        name=row.method,
        title=METHODS[row.method].title,
        is_protocol=row.place == 0,
        n_units=row.n_units,
        n_settled=row.outcomes.get(SETTLED, 0),
        others=" · ".join(others),
        n_same=row.n_same,
        n_parted=row.n_units - row.n_same,
        share_same=row.n_same / row.n_units if row.n_units else None,
        cases=tuple(PartedCase(key, hrefs.get(key, ""), number) for key, number in row.parted[:SHOWN_CASES]),
        notes=tuple(notes_of(row.learned)),
        warning=warning_of(row.learned),
    )


def notes_of(learned: Mapping[str, Any]) -> Iterator[str]:
    """Yield in words what a method learned, and whether it should beat a vote."""
    expected = learned.get("expected")
    if expected is not None:
        model, vote = expected["model"], expected["vote"]
        start = (
            f"If its model holds, it is right in {100 * model:.1f} % of the units and the vote in {100 * vote:.1f} %"
        )
        yield f"{start}: nothing is gained over the vote." if model - vote < LEAST_GAIN else f"{start}."
    dice = [value for value in learned.get("dice", ()) if value is not None]
    if dice:
        yield f"Dice with the protocol's region: median {median(dice):.3f}, least {min(dice):.3f}, n {len(dice):,}."


def warning_of(learned: Mapping[str, Any]) -> str:
    """Return why a method must not be trusted here; empty where nothing is known against it."""
    if learned.get("undefined"):
        return f"nothing could be learned: {learned['undefined'].replace('_', ' ')}"
    if learned.get("converged") is False:
        return f"stopped at {learned['iterations']} iterations without converging"
    if learned.get("n_not_converged"):
        return f"{learned['n_not_converged']:,} units stopped without converging"
    flags = [flag.replace("_", " ") for flag in learned.get("flags", ()) if flag != NOT_CONVERGED]
    return ", ".join(flags)


def method_sheet(rows: Iterable[MethodResult]) -> Iterator[tuple[Any, ...]]:
    """Yield one row a method for a CSV file."""
    for row in rows:
        settled = row.outcomes.get(SETTLED, 0)
        yield (
            row.method,
            row.place == 0,
            row.n_units,
            row.n_same,
            row.n_units - row.n_same,
            settled,
            row.learned.get("converged"),
            row.learned.get("iterations"),
        )
