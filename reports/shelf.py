"""Releases as plain view data: the list, and one release with its files and changes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse

from annotations.errors import NotFound
from annotations.models import Project
from reports import comparing, lifecycle
from reports import release as releasing
from reports.exporters.base import Format
from reports.exporters.difference import Difference
from reports.models import GoldRelease, NoticeKind, ReleaseNotice
from reports.scorecards import BINS, SAYS, Bin, bins_of
from reports.wording import protocol_title

SHOWN_CHANGES = 50
# Formats that are files of the package already.
PACKAGED = frozenset({"csv_table", "jsonl", "datasheet", "dossier"})
CHANGES = {
    "added": "added",
    "removed": "removed",
    "label": "with another label",
    "disposition": "that stand elsewhere",
    "provenance": "with another origin",
    "evidence": "with other evidence",
}


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One release in the list."""

    number: int
    href: str
    frozen_at: Any
    frozen_by: str
    n_units: int
    n_gold: int
    state: str
    mark: str
    digest: str
    note: str
    version: str


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file of a package."""

    name: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class FormatLine:
    """A format that is no part of the package; without an address where it holds none of the questions."""

    title: str
    href: str
    without: str
    loses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """One release with everything that its page shows."""

    line: ReleaseLine
    release: GoldRelease
    bins: tuple[Bin, ...]
    n: int
    files: tuple[FileLine, ...]
    package: FileLine | None
    package_href: str
    parent_href: str
    parent_number: int | None
    changes: tuple[Any, ...]
    n_changes: int
    change_words: str
    software: str
    protocol: str
    formats: tuple[FormatLine, ...]
    signatures: tuple[Any, ...]
    is_signed: bool
    notices: tuple[Any, ...]
    holders: tuple[Any, ...]
    splits: Mapping[str, int]


def release_lines(project: Project) -> tuple[ReleaseLine, ...]:
    """Return the releases, newest first."""
    rows = (
        project.releases.select_related("frozen_by", "protocol", "project")
        .annotate(
            n_signed=Count("signatures", distinct=True),
            n_notices=Count("notices", distinct=True),
            is_withdrawn=Exists(ReleaseNotice.objects.filter(release=OuterRef("pk"), kind=NoticeKind.WITHDRAWAL)),
        )
        .defer("facts")
        .annotate(n_units=Count("records", distinct=True))
        .order_by("-number")
    )
    return tuple(
        release_line(row, row.n_units, Standing(row.n_signed, row.n_notices, row.is_withdrawn)) for row in rows
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What was signed and said of a release."""

    n_signed: int
    n_notices: int
    is_withdrawn: bool


def standing_of(row: GoldRelease) -> Standing:
    """Return what was signed and said of one release."""
    kinds = [one.kind for one in row.notices.all()]
    return Standing(len(row.signatures.all()), len(kinds), NoticeKind.WITHDRAWAL in kinds)


def release_line(row: GoldRelease, n_units: int, standing: Standing) -> ReleaseLine:
    """Return one release as a row."""
    state, mark = {"done": ("released", "good"), "stuck": ("its files could not be made", "bad")}.get(
        row.work_state, ("its files are being made", "accent")
    )
    if 0 < standing.n_signed < lifecycle.n_needed(row):
        state, mark = "waits for a signature", "warn"
    if standing.is_withdrawn:
        state, mark = "withdrawn", "bad"
    elif standing.n_notices:
        state, mark = "has an erratum", "warn"
    counts = counts_in(row.ledger)
    settled = ("auto_accepted", "adjudicated", "panel", "objective")
    return ReleaseLine(
        number=row.number,
        href=reverse("release", args=[row.project.slug, row.number]),
        frozen_at=row.frozen_at,
        frozen_by=row.frozen_by.get_full_name() or row.frozen_by.get_username(),
        n_units=n_units,
        n_gold=sum(counts.get(name, 0) for name in settled),
        state=state,
        mark=mark,
        digest=row.digest,
        note=row.note,
        version=row.version or f"{row.number}",
    )


def counts_in(ledger: Mapping[str, Any]) -> dict[str, int]:
    """Return the seven counts of a frozen ledger, whichever member holds them."""
    held = ledger.get("counts", ledger)
    return {name: int(held.get(name, 0)) for name in BINS}


def release_numbered(project: Project, number: int) -> GoldRelease:
    """Return a release by its number, or 404."""
    row = (
        project.releases.filter(number=number)
        .select_related("frozen_by", "parent", "project", "protocol")
        .prefetch_related("notices", "signatures")
        .first()
    )
    if row is None:
        raise NotFound("No such release.")
    return row


def release_view(row: GoldRelease) -> ReleaseView:
    """Return everything that a release's page shows."""
    archive = releasing.archive_name(row)
    files = [FileLine(one.name, one.size, one.digest) for one in row.files.order_by("name")]
    package = next((one for one in files if one.name == archive), None)
    bins = bins_of(counts_in(row.ledger), SAYS, {})
    changed = comparing.diff_releases(row.parent, row) if row.parent is not None else None
    changes = changed.changes if changed is not None else ()
    software = row.facts.get("software", {})
    parent = row.parent
    return ReleaseView(
        line=release_line(row, row.records.count(), standing_of(row)),
        release=row,
        bins=bins,
        n=sum(one.count for one in bins),
        files=tuple(one for one in files if one.name != archive),
        package=package,
        package_href=reverse("release-package", args=[row.project.slug, row.number]),
        parent_href=reverse("release", args=[row.project.slug, parent.number]) if parent else "",
        parent_number=parent.number if parent else None,
        changes=tuple(changes[:SHOWN_CHANGES]),
        n_changes=len(changes),
        change_words=change_words(changed) if changed is not None else "",
        software=f"{software.get('name', 'Consilium')} {software.get('version', '')}".strip(),
        protocol=protocol_title(row.protocol),
        formats=tuple(format_line(one, row) for one in releasing.formats_of(row) if one.name not in PACKAGED),
        signatures=tuple(row.signatures.all()),
        is_signed=lifecycle.is_signed(row),
        notices=tuple(row.notices.all()),
        holders=tuple(lifecycle.holders(row)),
        splits=dict(Counter((row.facts.get("splits") or {}).get("subjects", {}).values())),
    )


def format_line(one: Format, row: GoldRelease) -> FormatLine:
    """Return a format with the address of what it can hold; the rest is named, and left out by the address."""
    path = reverse("api-format", args=[row.project.slug, row.number, one.name])
    asked = f"?questions={','.join(one.questions)}" if one.refused else ""
    return FormatLine(
        title=one.spec.title,
        href=path + asked if one.questions else "",
        without=", ".join(one.refused),
        loses=one.spec.loses,
    )


def change_words(changed: Difference) -> str:
    """Return how many units changed in which way."""
    parts = [f"{count:,} {CHANGES.get(what, what)}" for what, count in changed.counts().items()]
    return " · ".join([*parts, f"{changed.n_same:,} as they were"])
