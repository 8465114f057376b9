"""What a release would hold if it were frozen now, and what forbids it."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Q

from annotations.models import Case, Project
from qc.measuring import project_digest
from qc.models import Evaluation, ProtocolVersion
from qc.selectors import COLLECTING, IN_DISPUTE, Ledger, current_protocol, ledger, open_disputes, ranked_results
from qc.settling.base import CODE_VERSION
from reports.models import GoldRelease

# Ranks of units that have a gold label (qc.selectors.RANKS): accepted, adjudicated and by a panel.
GOLD_RANKS = (2, 3, 4)


@dataclass(frozen=True, slots=True)
class Preflight:
    """What a release would hold now, what it would leave open, and what forbids it."""

    ledger: Ledger
    n_units: int
    n_gold_units: int
    n_open_disputes: int
    n_open_cells: int
    n_due: int
    n_stuck: int
    n_imports: int
    blockers: tuple[dict[str, str], ...]

    @property
    def is_ready(self) -> bool:
        """Whether nothing forbids a release; open disputes do not."""
        return not self.blockers


def draft_preflight(project: Project) -> Preflight:
    """Look at the project without writing: what a release would hold, and what forbids it."""
    counts = ledger(project)
    units = ranked_results(project)
    excluded = {"case__exclusions__isnull": False, "case__exclusions__revoked_at__isnull": True}
    due_cases = project.cases.filter(due_at__isnull=False).aggregate(
        n=Count("pk"), stuck=Count("pk", filter=Q(attempts__gte=Case.attempt_limit))
    )
    n_due, n_imports = due_cases["n"], project.imports.filter(finished_at__isnull=True).count()
    return Preflight(
        ledger=counts,
        n_units=units.count(),
        n_gold_units=units.filter(Q(rank__in=GOLD_RANKS)).exclude(**excluded).count(),
        n_open_disputes=open_disputes(project).count(),
        n_open_cells=counts.counts[IN_DISPUTE] + counts.counts[COLLECTING],
        n_due=n_due,
        n_stuck=due_cases["stuck"],
        n_imports=n_imports,
        blockers=tuple(blockers(project, counts, n_due, n_imports)),
    )


def blockers(project: Project, counts: Ledger, n_due: int, n_imports: int) -> Iterator[dict[str, str]]:
    """Yield each reason that forbids a release, with a code and a sentence."""
    protocol = current_protocol(project)
    if protocol is None or not counts.n_questions or not counts.n_cases:
        yield {"code": "nothing-to-release", "detail": "A release needs cases, questions and a protocol in force."}
        return
    if not counts.is_closed:
        total = sum(counts.counts.values())
        detail = f"The dispositions sum to {total} and not to {counts.n_cells}."
        yield {"code": "ledger-open", "detail": detail}
    if n_imports:
        yield {"code": "imports-running", "detail": f"{n_imports} imports are not finished."}
    if n_due:
        yield {"code": "cases-due", "detail": f"{n_due} cases wait to be evaluated."}
    elif current_statistics(project, protocol) is None:
        yield {"code": "statistics-stale", "detail": "The agreement of the present reads has not been measured yet."}


def current_statistics(project: Project, protocol: ProtocolVersion) -> Evaluation | None:
    """Return the project's measurement of exactly the present units; None when it is out of date."""
    return Evaluation.objects.filter(
        project=project,
        case=None,
        protocol=protocol,
        input_digest=project_digest(project),
        code_version=CODE_VERSION,
    ).first()


def newest_release(project: Project) -> GoldRelease | None:
    """Return the release with the highest number."""
    return project.releases.order_by("-number").first()
