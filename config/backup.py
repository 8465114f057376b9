"""A whole installation in one archive: every row of one moment, then every stored file; and the way back.

The archive knows no database: what PostgreSQL held, SQLite takes, and the other way round. It holds no key and no
session; keys are kept apart.
"""

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from annotations import locking
from annotations.due import DueRow

FORMAT = 1
BATCH = 1_000
MANIFEST = "manifest.json"
# Made anew by `migrate` or by signing in.
LEFT_OUT = {"contenttypes", "sessions"}
LEFT_OUT_MODELS = {"auth.permission"}
# Their numbers differ from one installation to the next: a backup names them.
PERMISSION = "permission_id"
# Half-written and probe files of the store.
NO_CONTENT = (".part-", "probe-")
SNAPSHOT = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
    "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
)


def write_backup(path: Path) -> dict[str, Any]:
    """Write the archive beside ``path`` and put it in its place when it is whole; return its manifest."""
    aside = path.with_name(f".{path.name}.part")
    handle = os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            with _one_moment():
                tables = {_label(model): _write_table(archive, model) for model in models_kept()}
                migrations = _migrations()
            # After the rows: bytes are stored before the row that names them, so every named file is there.
            files = {name: _write_file(archive, name) for name in sorted(stored_names())}
            manifest = {
                "format": FORMAT,
                "version": settings.VERSION,
                "made_at": locking.now().isoformat(),
                "migrations": migrations,
                "tables": tables,
                "files": files,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    return manifest


def models_kept() -> list[type[Model]]:
    """Return the models whose rows are kept, those that others refer to first."""
    kept = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in LEFT_OUT and model._meta.label_lower not in LEFT_OUT_MODELS
    ]
    return sorted(kept, key=lambda model: model._meta.label_lower)


def stored_names(folder: str = "") -> Iterator[str]:
    """Yield the name of every stored file."""
    try:
        folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        # Nothing was ever stored.
        return
    for name in names:
        if not name.startswith(NO_CONTENT):
            yield f"{folder}/{name}" if folder else name
    for name in folders:
        yield from stored_names(f"{folder}/{name}" if folder else name)


@contextmanager
def _one_moment() -> Iterator[None]:
    # A read transaction by hand: Django's own would take SQLite's write lock and stop everybody.
    is_embedded = connection.settings_dict["ENGINE"].endswith("sqlite3")
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED" if is_embedded else SNAPSHOT)
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _write_table(archive: zipfile.ZipFile, model: type[Model]) -> dict[str, Any]:
    digest, n_rows = hashlib.sha256(), 0
    names = [field.attname for field in model._meta.concrete_fields]
    permissions = _permission_names() if PERMISSION in names else {}
    rows = model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=BATCH)
    with archive.open(_table_member(model), "w", force_zip64=True) as member:
        for row in rows:
            values = dict(zip(names, row, strict=True))
            if PERMISSION in values:
                values[PERMISSION] = permissions[values[PERMISSION]]
            line = json.dumps(values, default=_plain, ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            member.write(line)
            n_rows += 1
    return {"rows": n_rows, "sha256": digest.hexdigest()}


def _write_file(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    with default_storage.open(name, "rb") as source, archive.open(f"files/{name}", "w", force_zip64=True) as member:
        for chunk in source.chunks():
            digest.update(chunk)
            member.write(chunk)
            size += len(chunk)
    return {"size": size, "sha256": digest.hexdigest()}


def restore_backup(path: Path) -> dict[str, int]:
    """Put an archive into an empty, migrated database and the file store; all or nothing of the rows."""
    with zipfile.ZipFile(path) as archive:
        manifest = _checked_manifest(archive)
        models = models_kept()
        _refuse_unless_it_fits(manifest, models)
        for name in manifest["files"]:
            _put_file(archive, name)
        with transaction.atomic():
            n_rows = sum(_put_table(archive, model) for model in models)
            _start_anew(models)
    return {"tables": len(models), "rows": n_rows, "files": len(manifest["files"])}


def _checked_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    """Return the manifest after every member was found to be what it says."""
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
    except KeyError as error:
        raise CommandError("This is no backup: it holds no manifest.") from error
    if manifest["format"] != FORMAT:
        raise CommandError(f"This backup has format {manifest['format']}; this version reads {FORMAT}.")
    said = {f"tables/{label}.jsonl": entry["sha256"] for label, entry in manifest["tables"].items()}
    said |= {f"files/{name}": entry["sha256"] for name, entry in manifest["files"].items()}
    broken = [member for member, digest in said.items() if _digest_of(archive, member) != digest]
    if broken:
        raise CommandError(f"The backup is damaged: {', '.join(broken[:5])}")
    return manifest


def _digest_of(archive: zipfile.ZipFile, member: str) -> str:
    digest = hashlib.sha256()
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except (KeyError, zipfile.BadZipFile):
        return ""
    return digest.hexdigest()


def _refuse_unless_it_fits(manifest: dict[str, Any], models: Sequence[type[Model]]) -> None:
    full = [_label(model) for model in models if model._base_manager.exists()]
    if full:
        raise CommandError(f"The database is not empty: {', '.join(full[:5])} hold rows.")
    different = sorted(set(manifest["migrations"]) ^ set(_migrations()))
    if different:
        raise CommandError(
            f"The backup was made by version {manifest['version']} with other tables ({', '.join(different[:5])}). "
            "Restore it with that version, then migrate."
        )


def _put_file(archive: zipfile.ZipFile, name: str) -> None:
    if ".." in name.split("/") or name.startswith("/"):
        raise CommandError(f"The backup names a file outside the store: {name}")
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(archive.read(f"files/{name}")))


def _put_table(archive: zipfile.ZipFile, model: type[Model]) -> int:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    n_rows, batch = 0, []
    permissions = {name: pk for pk, name in _permission_names().items()} if PERMISSION in fields else {}
    with archive.open(_table_member(model)) as lines:
        for line in lines:
            given = json.loads(line)
            if PERMISSION in given:
                given[PERMISSION] = _permission_number(permissions, given[PERMISSION])
            values = {name: fields[name].to_python(value) for name, value in given.items()}
            batch.append(model(**values))
            if len(batch) == BATCH:
                n_rows += len(model._base_manager.bulk_create(batch))
                batch = []
    return n_rows + len(model._base_manager.bulk_create(batch))


def _start_anew(models: Sequence[type[Model]]) -> None:
    """Let new rows have new numbers, and give back what workers of the old installation held."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
    for model in models:
        if issubclass(model, DueRow):
            model._base_manager.exclude(claim="").update(claim="", claimed_until=None)


def _permission_names() -> dict[int, str]:
    rows = Permission.objects.values_list("pk", "content_type__app_label", "codename")
    return {pk: f"{label}.{codename}" for pk, label, codename in rows}


def _permission_number(permissions: dict[str, int], name: str) -> int:
    if name not in permissions:
        raise CommandError(f"The backup gives a permission that this version does not have: {name}")
    return permissions[name]


def _migrations() -> list[str]:
    applied = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in applied)


def _label(model: type[Model]) -> str:
    return model._meta.label_lower


def _table_member(model: type[Model]) -> str:
    return f"tables/{_label(model)}.jsonl"


def _plain(value: Any) -> str:
    # To the microsecond: the audit chain covers the instants of its events.
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in a backup")
