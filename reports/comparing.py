"""Two releases compared unit by unit, and the version that follows from what changed."""

from collections.abc import Sequence

from reports.exporters.base import Record
from reports.exporters.difference import MAJOR, MINOR, PATCH, Difference, Unit, difference
from reports.models import GoldRecord, GoldRelease

BATCH = 1000
# From the greatest change of version to the least.
BUMPS = (MAJOR, MINOR, PATCH)


def next_version(parent: GoldRelease | None, rows: Sequence[GoldRecord], raise_to: str) -> str:
    """Return the semantic version: as much higher as the changes ask for, or as a person raises it, never less."""
    if parent is None:
        return "1.0.0"
    before = record_digests(parent)
    after = {(row.case, row.question, row.finding): row for row in rows}
    same = {unit for unit, row in after.items() if before.get(unit) == row.digest}
    changed = {unit: row.record for unit, row in after.items() if unit not in same}
    bump = difference(changed_records(parent, same), changed, n_same=len(same)).bump
    if raise_to in BUMPS and BUMPS.index(raise_to) < BUMPS.index(bump):
        bump = raise_to
    major, minor, patch = (int(part) for part in (parent.version or f"{parent.number}.0.0").split("."))
    return {
        MAJOR: f"{major + 1}.0.0",
        MINOR: f"{major}.{minor + 1}.0",
        PATCH: f"{major}.{minor}.{patch + 1}",
    }[bump]


def diff_releases(old: GoldRelease, new: GoldRelease) -> Difference:
    """Return what changed from one release to another, unit by unit, with the cause."""
    before, after = record_digests(old), record_digests(new)
    same = {unit for unit, digest in before.items() if after.get(unit) == digest}
    return difference(changed_records(old, same), changed_records(new, same), n_same=len(same))


def record_digests(release: GoldRelease) -> dict[Unit, str]:
    """Return the digest of each record by unit."""
    rows = release.records.values_list("case", "question", "finding", "digest")
    return {(case, question, finding): digest for case, question, finding, digest in rows}


def changed_records(release: GoldRelease, same: set[Unit]) -> dict[Unit, Record]:
    """Return the records of a release whose units are not among these."""
    wanted = [
        pk for pk, *unit in release.records.values_list("pk", "case", "question", "finding") if tuple(unit) not in same
    ]
    found: dict[Unit, Record] = {}
    for start in range(0, len(wanted), BATCH):
        for row in GoldRecord.objects.filter(pk__in=wanted[start : start + BATCH]):
            found[row.case, row.question, row.finding] = row.record
    return found
