"""Which patients train, validate and test: drawn once, by patient, and kept by every later release."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from annotations.models import Project
from reports.errors import LeakySplit
from reports.exporters._csv import Cell, write_csv
from reports.models import GoldRelease
from reports.records import Content

COLUMNS = ("subject", "split", "stratum")
NAMES = ("train", "validation", "test")


def with_splits(
    project: Project, content: Content, asked: Mapping[str, Any] | None, parent: GoldRelease | None
) -> Content:
    """Return the content with the split of every patient, where one is asked for or the release before has one."""
    before = (parent.facts.get("splits") if parent is not None else None) or {}
    wanted = asked or ({name: before[name] for name in ("shares", "by", "seed")} if before else None)
    if wanted is None:
        return content
    rows = project.cases.select_related("image").order_by("key")
    cases = [(row.subject, row.strata, row.image.digest if hasattr(row, "image") else "") for row in rows]
    made = splits_of(cases, wanted, parent)
    files = {**content.files, "splits.csv": split_file(made)}
    return replace(content, facts={**content.facts, "splits": made}, files=files)


def splits_of(
    cases: Sequence[tuple[str, Mapping[str, Any], str]], asked: Mapping[str, Any], parent: GoldRelease | None
) -> dict[str, Any]:
    """Return the split of every patient with everything needed to draw it again.

    Patients of an earlier release keep the split that it gave them. The others are put in the order of a digest of
    the seed and their pseudonym, stratum by stratum, and dealt out so that each share is filled as evenly as it can be.

    Parameters
    ----------
    cases : sequence of (subject, strata, pixel digest)
        Every case of the release.
    asked : mapping
        ``shares``: split to share, adding up to 1; ``by``: an attribute of the cases to stratify by, or empty.
    parent : GoldRelease or None
        The release before this one.
    """
    shares, by = dict(asked["shares"]), str(asked.get("by") or "")
    before = dict((parent.facts.get("splits") or {}).get("subjects", {})) if parent is not None else {}
    strata = {subject: str(attributes.get(by, "")) if by else "" for subject, attributes, _ in cases}
    seed = str(asked.get("seed") or "1")
    found = dict(before)
    for stratum in sorted(set(strata.values())):
        members = [subject for subject, name in strata.items() if name == stratum]
        found.update(dealt(members, shares, seed, {one: before[one] for one in members if one in before}))
    subjects = {subject: found[subject] for subject in sorted(strata)}
    leaks = sorted(leaking(cases, subjects))
    if leaks:
        errors = [{"pointer": "#/splits", "code": "leak", "detail": detail} for detail in leaks[:50]]
        raise LeakySplit("Equal images stand on both sides of a split.", errors=errors)
    return {"shares": shares, "by": by, "seed": seed, "subjects": subjects, "strata": strata}


def dealt(subjects: Sequence[str], shares: Mapping[str, float], seed: str, before: Mapping[str, str]) -> dict[str, str]:
    """Return a split for each patient: each next one goes where most is lacking."""
    counts = {name: list(before.values()).count(name) for name in shares}
    found = dict(before)
    order = sorted((one for one in subjects if one not in before), key=lambda one: drawn(seed, one))
    for subject in order:
        total = len(found) + 1
        lacking = max(shares, key=lambda name: (shares[name] * total - counts[name], -NAMES.index(name)))
        found[subject] = lacking
        counts[lacking] += 1
    return found


def drawn(seed: str, subject: str) -> str:
    """Return the place of a patient in the draw."""
    return hashlib.sha256(f"{seed}|{subject}".encode()).hexdigest()


def leaking(cases: Sequence[tuple[str, Mapping[str, Any], str]], splits: Mapping[str, str]) -> Iterator[str]:
    """Yield each image that stands in two splits under different pseudonyms."""
    seen: dict[str, str] = {}
    for subject, _, digest in cases:
        if not digest:
            continue
        other = seen.setdefault(digest, subject)
        if splits[other] != splits[subject]:
            yield f"Patients {other} ({splits[other]}) and {subject} ({splits[subject]}) have the same image."


def split_file(splits: Mapping[str, Any]) -> bytes:
    """Return splits.csv, a row a patient."""
    rows: list[list[Cell]] = [
        [subject, name, splits["strata"][subject]] for subject, name in splits["subjects"].items()
    ]
    return write_csv(COLUMNS, rows)
