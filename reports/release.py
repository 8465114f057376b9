"""Verb: freeze a release, build its files, render it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.db import transaction

from annotations import audit, due, locking
from annotations.due import Claim
from annotations.errors import NotFound
from annotations.models import AuditHead, Project
from annotations.permissions import require
from annotations.storing import store_bytes, stored_bytes
from qc.adjudication import check_password
from qc.models import ProtocolVersion
from qc.selectors import current_protocol
from qc.settling.base import CODE_VERSION
from reports.comparing import diff_releases, next_version
from reports.errors import BusyProject, NotReleasable, NotRenderable, PackageNotReady, SameContent
from reports.exporters._cases import grids_of, places_of
from reports.exporters.base import (
    ExportProblem,
    Format,
    GoldBundle,
    Record,
    digest_of,
    export,
    format_of,
    json_file,
    json_lines,
    narrowed,
    refusals,
    release_digest,
)
from reports.exporters.manifest import MANIFEST, PUBLIC_KEY, SIGNATURE, manifest, zipped
from reports.lifecycle import FROZE, is_signed, put_signature, signature_forms
from reports.models import GoldRecord, GoldRelease, ReleaseFile
from reports.preflight import current_statistics, draft_preflight, newest_release
from reports.records import Content, content_of
from reports.registry import EXPORTERS
from reports.signing import key_id, public_pem, signing_key
from reports.splits import with_splits

FOLDER = "releases"
BATCH = 1000
FREEZE_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Extra:
    """What a release may be asked for beside its labels.

    ``splits`` as ``reports.splits`` takes them; ``raise_to`` raises the version more than the changes ask for.
    """

    splits: Mapping[str, Any] | None = None
    raise_to: str = ""


# The steps that whoever waits for a release is told of: looked ahead, gathered, addressed and stored.
STEPS = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits for a release: told how many steps are done, and closed in the transaction that writes it."""

    step: Callable[[int], None] = lambda _: None
    close: Callable[[GoldRelease], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a release is asked for with."""

    note: str = ""
    require_complete: bool = False
    extra: Extra = Extra()


def freeze_release(
    *,
    actor: User,
    project: Project,
    note: str = "",
    password: str | None = None,
    require_complete: bool = False,
    extra: Extra | None = None,
) -> GoldRelease:
    """Freeze the settled labels of a project as its next release here and now; its files are built by the worker.

    For commands, which may wait; over HTTP a release is ordered (``reports.ordering``).
    """
    require(actor, project, "release.freeze")
    if password is not None:
        check_password(actor, password)
    return freeze_content(actor, project, Wanted(note, require_complete, extra or Extra()), Waiting())


def freeze_content(actor: User, project: Project, wanted: Wanted, waiting: Waiting) -> GoldRelease:
    """Freeze what is settled, for whoever waits for it.

    Reads and computes with no transaction open, then locks the project and writes only if nothing changed
    meanwhile. Open cells are listed, not hidden, and forbid nothing unless a complete release is asked for.
    Where the protocol asks for two signatures the files are made once another person has signed.
    """
    for _ in range(FREEZE_ATTEMPTS):
        state = state_of(project)
        waiting.step(0)
        content = checked_content(project, wanted, waiting)
        waiting.step(2)
        frozen = frozen_content(with_splits(project, content, wanted.extra.splits, newest_release(project)))
        waiting.step(STEPS)
        with transaction.atomic():
            locking.lock(Project.objects.filter(pk=project.pk)).get()
            # The head of the audit chain moves with every change, and nobody can append while it is locked.
            locking.lock(AuditHead.objects.filter(project=project)).get()
            if state_of(project) == state:
                made = write_release(
                    actor, project, wanted.note, content, replace(frozen, raise_to=wanted.extra.raise_to)
                )
                waiting.close(made)
                return made
    raise BusyProject("The project changed while it was being frozen. Ask again in a moment.")


def state_of(project: Project) -> tuple[Any, ...]:
    """Return a mark that moves with every change of what a release would hold."""
    head = AuditHead.objects.filter(project=project).values_list("number", "hash").first()
    due_cases = project.cases.filter(due_at__isnull=False).count()
    return head, due_cases, project.imports.filter(finished_at__isnull=True).count()


def checked_content(project: Project, wanted: Wanted, waiting: Waiting) -> Content:
    """Return what a release would hold, or refuse with every reason that forbids it."""
    preflight = draft_preflight(project)
    errors = [{"pointer": "#", **reason} for reason in preflight.blockers]
    if wanted.require_complete and preflight.n_open_cells:
        detail = f"{preflight.n_open_cells} cells are open, and a complete release was asked for."
        errors.append({"pointer": "#", "code": "cells-open", "detail": detail})
    protocol = current_protocol(project)
    statistics = current_statistics(project, protocol) if protocol is not None and not errors else None
    if protocol is None or statistics is None:
        detail = " ".join(error["detail"] for error in errors)
        raise NotReleasable(detail or "The project changed meanwhile. Ask again in a moment.", errors=errors)
    waiting.step(1)
    return content_of(project, protocol, statistics)


@dataclass(frozen=True, slots=True)
class Frozen:
    """A release as far as it can be made before the project is locked: rows, address, and files stored already."""

    rows: list[GoldRecord]
    digest: str
    evidence: dict[str, dict[str, Any]]
    facts: dict[str, Any]
    raise_to: str = ""


def frozen_content(content: Content) -> Frozen:
    """Store the files of a content under their digests and make its rows and its address."""
    rows = [record_row(record) for record in content.records]
    digest = release_digest((((row.case, row.question, row.finding), row.digest) for row in rows), content.ledger)
    evidence: dict[str, dict[str, Any]] = {}
    for name, data in content.files.items():
        file_digest, path = store_bytes(data, FOLDER)
        evidence[name] = {"path": path, "digest": file_digest, "size": len(data)}
    return Frozen(rows, digest, evidence, content.facts)


def write_release(actor: User, project: Project, note: str, content: Content, frozen: Frozen) -> GoldRelease:
    """Write the release, its records and the audit event, inside the caller's transaction."""
    rows, digest = frozen.rows, frozen.digest
    same = project.releases.filter(digest=digest).first()
    if same is not None:
        raise SameContent(f"Same content as release {same.number}.", data={"release": same.number, "digest": digest})
    parent, moment = newest_release(project), locking.now()
    software = {"name": "Consilium", "version": settings.VERSION, "code_version": CODE_VERSION}
    release = GoldRelease.objects.create(
        project=project,
        number=(parent.number + 1) if parent else 1,
        version=next_version(parent, rows, frozen.raise_to),
        protocol=cast(ProtocolVersion, current_protocol(project)),
        parent=parent,
        note=note.strip(),
        frozen_by=actor,
        frozen_at=moment,
        digest=digest,
        ledger=content.ledger,
        facts={**frozen.facts, "software": software, "evidence": frozen.evidence},
        due_at=None,
    )
    put_signature(release, actor, FROZE)
    if is_signed(release):
        due.mark(release)
        release.refresh_from_db(fields=["due_at"])
    for row in rows:
        row.release = release
    GoldRecord.objects.bulk_create(rows, batch_size=BATCH)
    body = {"number": release.number, "digest": digest, "n_units": len(rows)}
    audit.record(project=project, actor=actor, action="release.frozen", body=body)
    return release


def record_row(record: Record) -> GoldRecord:
    """Return the row of one unit."""
    return GoldRecord(
        case=record["case"],
        subject=record["subject"],
        question=record["question"],
        finding=record["finding"],
        disposition=record["disposition"],
        record=record,
        digest=digest_of(record),
    )


def build_files(*, release: GoldRelease, claim: Claim) -> GoldRelease:
    """Render the package from the frozen rows alone and close the work; a second rendering is the same bytes."""
    if release.files.exists():
        with transaction.atomic():
            due.finish(claim)
        return release
    files = package_files(release)
    stored = {name: (len(data), *store_bytes(data, FOLDER)) for name, data in files.items()}
    with transaction.atomic():
        due.renew(claim)
        ReleaseFile.objects.bulk_create(
            ReleaseFile(release=release, name=name, size=size, digest=digest, path=path)
            for name, (size, digest, path) in sorted(stored.items())
        )
        body = {"number": release.number, "manifest": stored[MANIFEST][1], "package": stored[archive_name(release)][1]}
        audit.record(project=release.project, actor=None, action="release.built", body=body)
        due.finish(claim)
    return release


def package_files(release: GoldRelease) -> dict[str, bytes]:
    """Return every file of the package by name, and the archive that holds them all."""
    bundle = bundle_of(release)
    files = {name: stored_bytes(entry["path"]) for name, entry in release.facts["evidence"].items()}
    files["gold.csv"] = export(EXPORTERS["csv_table"], bundle)
    files["gold.jsonl"] = export(EXPORTERS["jsonl"], bundle)
    files["datasheet.md"] = export(EXPORTERS["datasheet"], bundle)
    files["dossier.html"] = export(EXPORTERS["dossier"], bundle)
    files["open.jsonl"] = json_lines(bundle.others())
    files["protocol.json"] = json_file(bundle.protocol)
    files["schema.json"] = json_file(bundle.schema)
    files["stats.json"] = json_file({"statistics": list(bundle.statistics), "measured": release.facts["measured"]})
    if release.parent is not None:
        changes = diff_releases(release.parent, release).as_dict()
        files["diff.json"] = json_file({"parent": bundle.release["parent"], **changes})
    key = signing_key()
    about = {
        "project": dict(bundle.project),
        "readers": list(bundle.readers),
        "ledger": release.ledger,
        "signatures": signature_forms(release),
    }
    files[MANIFEST] = manifest({**bundle.release, **about}, files, key_id(key))
    files[SIGNATURE] = key.sign(files[MANIFEST])
    files[PUBLIC_KEY] = public_pem(key)
    files[archive_name(release)] = zipped(files)
    return files


def bundle_of(release: GoldRelease) -> GoldBundle:
    """Return a release as the plain data that exporters render."""
    evidence = release.facts["evidence"]
    grids = grids_of(stored_bytes(evidence["cases.csv"]["path"]))
    # Releases of before it was kept how images lie have no file that says so.
    places = places_of(stored_bytes(evidence["images.jsonl"]["path"])) if "images.jsonl" in evidence else {}
    records = list(release.records.order_by("pk").values_list("record", flat=True))
    return replace(outer_bundle(release), records=records, cases=grids, places=places)


def outer_bundle(release: GoldRelease) -> GoldBundle:
    """Return what the release's own row says, without its records: enough to know which formats can hold it."""
    facts, parent = release.facts, release.parent
    return GoldBundle(
        project=facts["project"],
        release={
            "number": release.number,
            "version": release.version,
            "digest": release.digest,
            "frozen_at": release.frozen_at.isoformat(),
            "note": release.note,
            "parent": {"number": parent.number, "digest": parent.digest} if parent else None,
            "software": facts["software"],
        },
        schema=facts["schema"],
        protocol=facts["protocol"],
        readers=facts["readers"],
        ledger=release.ledger,
        counts=facts["counts"],
        statistics=facts["statistics"],
        records=[],
    )


def formats_of(release: GoldRelease) -> list[Format]:
    """Return every format with what it can hold of this release."""
    bundle = outer_bundle(release)
    return [format_of(name, spec, bundle) for name, spec in EXPORTERS.items()]


def render_release(
    *, release: GoldRelease, exporter: str, questions: Sequence[str] = (), most_voxels: int | None = None
) -> bytes:
    """Render the frozen records in one format, whole or for some questions; no part of the signed package.

    A question that the format cannot hold is refused with the reason, and has to be left out by name;
    ``most_voxels`` bounds a heavy format where somebody waits for the answer.
    """
    if exporter not in EXPORTERS:
        raise NotFound(f"There is no format {exporter!r}; the formats are: {', '.join(EXPORTERS)}.")
    spec, bundle = EXPORTERS[exporter], bundle_of(release)
    asked = {str(question["code"]) for question in bundle.schema["questions"]}
    if questions and spec.is_whole and set(questions) != asked:
        raise NotRenderable(f"{spec.title} describes the release as a whole.", data={"code": "whole-only"})
    if most_voxels is not None and spec.is_heavy and bundle.n_voxels > most_voxels:
        raise NotRenderable(f"The cases have {bundle.n_voxels:,} voxels; write the file with 'manage.py export'.")
    try:
        return export(spec, narrowed(bundle, questions) if questions else bundle)
    except ExportProblem as problem:
        reasons = refusals(spec, bundle).items() if not questions else ()
        errors = [{"pointer": f"#/{code}", "code": problem.code, "detail": reason} for code, reason in reasons]
        raise NotRenderable(problem.message, data={"code": problem.code}, errors=errors) from problem


def rendering_name(release: GoldRelease, exporter: str) -> str:
    """Return the file name of a rendering."""
    return f"{release.project.slug}-release-{release.number}-{exporter.replace('_', '-')}.{EXPORTERS[exporter].suffix}"


def archive_name(release: GoldRelease) -> str:
    """Return the file name of the package."""
    return f"{release.project.slug}-release-{release.number}.zip"


def package_zip(release: GoldRelease) -> BinaryIO:
    """Return the package as an open stream, or refuse while it is being made."""
    row = release.files.filter(name=archive_name(release)).first()
    if row is None:
        raise PackageNotReady("The files of this release are still being made.")
    return cast(BinaryIO, default_storage.open(row.path, "rb"))
