"""What must be true of the data folder and the database before anything is served."""

import fcntl
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from annotations.locking import now
from config.health import pending_migrations

Say = Callable[[str], object]


def take_lock() -> IO[str]:
    """Return the open lock file of the data folder; refuse when another supervisor holds it."""
    stream = (settings.DATA_DIR / "lock").open("a+")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        stream.seek(0)
        holder = stream.read().strip() or "unknown"
        stream.close()
        raise CommandError(f"Consilium already runs on this data folder (process {holder}).") from error
    stream.truncate(0)
    stream.write(str(os.getpid()))
    stream.flush()
    return stream


def prepare(say: Say) -> None:
    """Check and migrate the database, and collect the static files."""
    _prepare_database(say)
    _collect_static(say)


def _prepare_database(say: Say) -> None:
    is_embedded = connection.settings_dict["ENGINE"].endswith("sqlite3")
    if is_embedded:
        _check_file()
    pending = pending_migrations()
    if not pending:
        return
    if not is_embedded:
        raise CommandError(f"The database lacks {len(pending)} migrations. Run: python manage.py migrate")
    _keep_copy(say)
    say(f"Preparing the database ({len(pending)} migrations) …")
    call_command("migrate", interactive=False, verbosity=0)


def _collect_static(say: Say) -> None:
    # Hashing and packing every file takes seconds; a start with the same files need not do it again.
    stamp = settings.STATIC_ROOT / "collected.txt"
    present = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == present:
        return
    say("Packing the static files …")
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(present)


def _static_fingerprint() -> str:
    lines = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            state = Path(storage.path(name)).stat()
            lines.append(f"{name} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def _check_file() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA quick_check(1)")
        answer = cursor.fetchone()[0]
    if answer != "ok":
        raise CommandError(f"The database is damaged ({answer}). Restore the latest copy from the backups folder.")


def _keep_copy(say: Say) -> None:
    if not connection.introspection.table_names():
        return
    folder: Path = settings.DATA_DIR / "backups"
    folder.mkdir(exist_ok=True)
    copy = folder / f"before-migration-{now():%Y%m%dT%H%M%S%f}.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(copy)])
    say(f"Kept a copy of the database: {copy}")
