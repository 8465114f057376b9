"""Take backups of PostgreSQL while people and a worker write, restore each elsewhere, and verify every release.

python benchmarks/restore.py [--cases 1200] [--backups 3] [--json]

One backup goes back into an empty PostgreSQL, the next into an empty SQLite, and so on. Exit code 1 when a release does
not verify or a chain of events is broken.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.faults import Reading, Study, arrange, wait_until_done, worker
from benchmarks.services import PostgreSQL


def manage(database: str, folder: Path, *arguments: str) -> str:
    """Run a command of Consilium on another database and file store."""
    environment = {**os.environ, "CONSILIUM_DATABASE": database, "CONSILIUM_DATA": str(folder),
                   "CONSILIUM_STORAGE": str(folder / "files")}  # fmt: skip
    command = [sys.executable, "-W", "ignore", str(ROOT / "manage.py"), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 3}:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout


def restore(number: int, server: PostgreSQL, folder: Path, path: Path) -> dict[str, Any]:
    """Restore one archive into an empty database and return what the command found."""
    place = folder / f"restored-{number}"
    place.mkdir()
    database = server.create(f"restored{number}") if number % 2 == 0 else f"sqlite:///{place / 'db.sqlite3'}"
    # The same keys: without them, a package would be signed by somebody else.
    for key in ("secret_key", "signing_key"):
        shutil.copy(folder / "data" / key, place / key)
    manage(database, place, "migrate", "-v", "0")
    start = time.monotonic()
    said: dict[str, Any] = json.loads(manage(database, place, "restore", str(path), "--json"))
    return {"into": database.partition(":")[0], **said, "restore seconds": round(time.monotonic() - start, 1)}


def measure(arguments: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Back up under load, restore, and return one line an archive."""
    server, redis = arrange(folder, folder / "files")
    from config.backup import write_backup
    from reports import release

    one = None
    try:
        study = Study(arguments.cases, 2)
        one = worker("w1", folder / "w1.log")
        people = Reading(study)
        people.share = 0.25
        people.start()
        while len(people.acts) > people.total * 0.75:
            time.sleep(0.2)
        wait_until_done()
        release.freeze_release(actor=study.lead, project=study.project, note="Before the load.")
        wait_until_done()
        people.share = 1.0
        lines = []
        for number in range(arguments.backups):
            before, start = len(people.acts), time.monotonic()
            manifest = write_backup(folder / f"{number}.zip")
            seconds = time.monotonic() - start
            lines.append({
                "rows": sum(table["rows"] for table in manifest["tables"].values()),
                "backup seconds": round(seconds, 1),
                "acts of people meanwhile": before - len(people.acts),
            })  # fmt: skip
        lines = [
            {**line, **restore(number, server, folder, folder / f"{number}.zip")} for number, line in enumerate(lines)
        ]
        people.share = 0.0
        people.acts.clear()
    finally:
        if one is not None:
            one.stop()
        redis.process.stop()
        server.process.stop()
    return lines


def main() -> int:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1200)
    parser.add_argument("--backups", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="consilium-restore-"))
    lines = measure(arguments, folder)
    shutil.rmtree(folder, ignore_errors=True)
    for line in lines:
        print(json.dumps({"case": "restore", **line}) if arguments.json else line)
    return 1 if any(line["audit_chains_broken"] or line["releases_differing"] for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
