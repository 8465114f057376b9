"""Kill workers, brokers and connections while a study is read, fill the disk, then count: nothing lost, nothing twice.

python benchmarks/faults.py [--kills 100] [--cases 1200] [--seed 1] [--json]

PostgreSQL and Redis of its own and two real Celery workers. Half of the cases are read through the product's verbs,
half come as files; each answer that a verb took is noted here, outside the database, and must be found in it at the
end. Exit code 1 when anything is lost, doubled or broken.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.services import PostgreSQL, Process, Redis, wait_for

READERS = ("first", "second")
FILE_CASES = 10
DISAGREE = 0.25
DONE_SECONDS = 300.0


def worker(name: str, log: Path) -> Process:
    """Start a real worker, as compose.yaml does."""
    command = [sys.executable, "-W", "ignore", "-m", "celery", "--quiet", "-A", "config.celery", "worker", "-n",
               f"{name}@faults", "-l", "WARNING", "--without-gossip", "--without-mingle"]  # fmt: skip
    return Process(command, log, {**os.environ, "OPENBLAS_NUM_THREADS": "1"})


class Study:
    """The study that is read while everything falls; made with Django set up, hence the late imports."""

    def __init__(self, n_cases: int, seed: int) -> None:
        from tests import factories

        self.random = random.Random(seed)  # noqa: S311 - reproducible, not secret
        self.factories = factories
        self.lead = factories.person("mira", full_name="Mira Lead")
        self.people = {code: factories.person(code) for code in READERS}
        self.project = factories.study(self.lead, self.people, slug="faults", n_cases=n_cases)
        keys = [f"case-{number}" for number in range(1, n_cases + 1)]
        self.by_hand, self.by_file = keys[::2], keys[1::2]
        self.truth = {key: self._answers() for key in keys}
        self.acknowledged: set[tuple[str, str]] = set()
        self.cut_by_faults = 0

    def _answers(self) -> tuple[str, str]:
        first = self.random.choice(("yes", "no"))
        other = "no" if first == "yes" else "yes"
        return first, other if self.random.random() < DISAGREE else first

    def again(self, act: Callable[[], object]) -> None:
        """Do an act as a person would: once more when the connection was cut."""
        from django.db import connection
        from django.db.utils import Error

        while True:
            try:
                act()
            except (Error, OSError):
                self.cut_by_faults += 1
                connection.close()
                time.sleep(0.2)
            else:
                return

    def read_one(self, key: str, place: int) -> None:
        """Answer and finish one reading; an answer counts as given once the verb has returned."""
        from annotations.errors import DomainError

        code = READERS[place]
        value = self.factories.code(self.truth[key][place])
        try:
            self.factories.read(self.project, self.people[code], key, effusion=value)
        except DomainError as refusal:
            # The commit came through, the answer did not: the reading is finished already.
            if refusal.code != "reading-finished":
                raise
        self.acknowledged.add((key, code))

    def hand_in(self, keys: list[str]) -> None:
        """Hand in a file with both readers' answers to some cases."""
        from annotations import importing

        lines = ["case,reader,question,mark,value,answer"]
        for key in keys:
            lines += [f"{key},{code},effusion,,{self.truth[key][place]}," for place, code in enumerate(READERS)]
        content = ("\n".join(lines) + "\n").encode()
        importing.receive_import(
            actor=self.lead, project=self.project, content=content, file_name="reads.csv", importer="csv_table",
            options={},
        )  # fmt: skip
        self.acknowledged |= {(key, code) for key in keys for code in READERS}

    def steps(self) -> list[Callable[[], object]]:
        """Return everything that is to be done by people, in a drawn order."""
        acts: list[Callable[[], object]] = [
            lambda key=key, place=place: self.read_one(key, place)  # type: ignore[misc]
            for key in self.by_hand
            for place in (0, 1)
        ]
        for start in range(0, len(self.by_file), FILE_CASES):
            keys = self.by_file[start : start + FILE_CASES]
            acts.append(lambda keys=keys: self.hand_in(keys))  # type: ignore[misc]
        self.random.shuffle(acts)
        return acts


class Reading(threading.Thread):
    """People at work for as long as the faults go on; then what is left is done at once."""

    def __init__(self, study: Study) -> None:
        super().__init__(name="people", daemon=True)
        self.study, self.acts = study, study.steps()
        self.total, self.share = len(self.acts), 0.0
        self.failed: BaseException | None = None

    def run(self) -> None:
        """Keep pace with ``share``, the part of the campaign that is over."""
        from django.db import connection

        try:
            while self.acts:
                if self.total - len(self.acts) > self.share * self.total:
                    time.sleep(0.05)
                    continue
                self.study.again(self.acts.pop())
        except BaseException as error:
            self.failed = error
            raise
        finally:
            connection.close()


def held_rows(name: str) -> int:
    """Return how many rows a worker holds at this moment."""
    from annotations import due
    from config.pump import KINDS

    return sum(due.count_held(kind.rows(), f"{name}@faults") for kind in KINDS)


def pick_moment(chance: random.Random, workers: dict[str, Process], *, busy: bool) -> tuple[Process, bool]:
    """Wait for a drawn time, or until a worker has rows in hand and a little longer; return whom to kill."""
    deadline = time.monotonic() + min(chance.expovariate(1 / 4), 12.0)
    if busy:
        deadline = time.monotonic() + 15.0
    while time.monotonic() < deadline:
        holding = [name for name in workers if busy and held_rows(name)]
        if holding:
            time.sleep(chance.uniform(0, 0.1))
            return workers[chance.choice(holding)], True
        time.sleep(0.01)
    name = chance.choice(sorted(workers))
    return workers[name], held_rows(name) > 0


def cut_connections() -> int:
    """End every other connection to the database and return how many there were."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def campaign(study: Study, workers: dict[str, Process], redis: Redis, kills: int) -> dict[str, int]:
    """Kill a worker again and again; each second kill waits for rows in hand.

    Each tenth time the broker falls too, and each tenth every connection to the database.
    """
    chance, counted = study.random, Counter[str]()
    people = Reading(study)
    people.start()
    for number in range(kills):
        people.share = (number + 1) / kills
        victim, was_busy = pick_moment(chance, workers, busy=number % 2 == 1)
        victim.kill()
        victim.start()
        counted["workers killed"] += 1
        counted["kills that hit rows in hand"] += was_busy
        if number % 10 == 4:
            redis.restart(chance.uniform(0, 2))
            counted["broker restarts"] += 1
        if number % 10 == 9:
            counted["connections cut"] += cut_connections()
    people.share = 1.0
    people.join()
    if people.failed is not None:
        raise people.failed
    counted["acts of people repeated after a cut"] = study.cut_by_faults
    return dict(counted)


def wait_until_done() -> tuple[float, int]:
    """Wait until no row is due; return the seconds that it took and the number of parked rows."""
    from annotations import due
    from config.pump import KINDS

    start = time.monotonic()
    while True:
        rows = [kind.rows()._base_manager.filter(due_at__isnull=False) for kind in KINDS]
        parked = sum(q.filter(attempts__gte=due.ATTEMPT_LIMIT).count() for q in rows)
        if sum(q.count() for q in rows) == parked:
            return time.monotonic() - start, parked
        if time.monotonic() - start > DONE_SECONDS:
            raise TimeoutError("The work does not end.")
        time.sleep(0.5)


def count(study: Study) -> dict[str, Any]:
    """Compare what the database holds with what people were told that it holds, and with what must follow."""
    from django.db.models import Count

    from annotations import audit
    from annotations.models import Annotation, ImportBatch
    from qc.models import Dispute, Evaluation
    from qc.selectors import ledger, ranked_results

    rows = Annotation.objects.values_list("case__key", "reader__code", "label__code")
    found = Counter((key, code) for key, code, _ in rows)
    wrong = sum(study.truth[key][READERS.index(code)] != value for key, code, value in rows)
    results = Counter(ranked_results(study.project).values_list("case__key", flat=True))
    disputes = Counter(Dispute.objects.filter(closed_at__isnull=True).values_list("case__key", flat=True))
    disputed = {key for key, (first, second) in study.truth.items() if first != second}
    finals = Evaluation.objects.filter(case__isnull=False, n_finished=len(READERS)).values("case")
    books = ledger(study.project)
    return {
        "answers acknowledged": len(study.acknowledged),
        "answers lost": len(study.acknowledged - set(found)),
        "answers doubled": sum(n - 1 for n in found.values()) + len(set(found) - study.acknowledged),
        "answers changed": wrong,
        "imports unfinished": ImportBatch.objects.filter(finished_at__isnull=True).count(),
        "cases": len(study.truth),
        "results lost": len(set(study.truth) - set(results)),
        "results doubled": sum(n - 1 for n in results.values()),
        "evaluations of one input doubled": finals.annotate(n=Count("pk")).filter(n__gt=1).count(),
        "disputes due": len(disputed),
        "disputes lost": len(disputed - set(disputes)),
        "disputes doubled": sum(n - 1 for n in disputes.values()) + len(set(disputes) - disputed),
        "ledger closes": books.is_closed,
        "ledger": {name: n for name, n in books.counts.items() if n},
        "audit chain breaks at": audit.first_break(study.project),
    }


def full_disk(study: Study, small: Path) -> dict[str, Any]:
    """Build a release while the file store has no room, make room, and see the release whole."""
    from django.core.files.storage import default_storage

    from reports import release
    from reports.models import GoldRelease, ReleaseFile
    from reports.verification.verify import verify_package

    frozen = release.freeze_release(actor=study.lead, project=study.project, note="Faults.")
    ballast = small / "ballast"
    fill(ballast)
    time.sleep(8)
    row = GoldRelease.objects.get(pk=frozen.pk)
    said, files_while_full = row.last_error, row.files.count()
    ballast.unlink()
    due_again(row)
    wait_until_done()
    row.refresh_from_db()
    package = small.parent / "package.zip"
    with release.package_zip(row) as stream:
        package.write_bytes(stream.read())
    paths = ReleaseFile.objects.filter(release=row).values_list("path", "digest")
    return {
        "said while the disk was full": said,
        "files named while the disk was full": files_while_full,
        "files named after": len(paths),
        "stored bytes not those of their address": sum(digest_of(default_storage, path) != d for path, d in paths),
        "release verifies": verify_package(package).is_equal,
    }


def due_again(row: Any) -> None:
    """Ask at once for what a worker would try again within minutes."""
    from annotations import due

    if row.due_at is not None:
        due.retry(row)


def fill(path: Path) -> None:
    """Write a file until the disk has no room."""
    with path.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"\0" * 4096)
        except OSError:
            return


def digest_of(storage: Any, path: str) -> str:
    """Return the SHA-256 of what is stored."""
    import hashlib

    with storage.open(path, "rb") as stream:
        return hashlib.sha256(stream.read()).hexdigest()


def arrange(folder: Path, small: Path) -> tuple[PostgreSQL, Redis]:
    """Start the services, point Consilium at them and make the tables."""
    database, redis = PostgreSQL(folder), Redis(folder)
    settings = {"DATABASE": database.url, "BROKER": redis.url, "DATA": str(folder / "data"),
                "STORAGE": str(small), "CONCURRENCY": "2", "LOG": "json"}  # fmt: skip
    os.environ.update({f"CONSILIUM_{name}": value for name, value in settings.items()})
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=0)
    wait_for(redis.port)
    return database, redis


def is_whole(figures: dict[str, Any]) -> bool:
    """Say whether nothing was lost, doubled, changed, parked or broken."""
    zeros = [value for name, value in figures.items() if name.endswith(("lost", "doubled", "changed", "parked"))]
    zeros += [figures["imports unfinished"], figures["stored bytes not those of their address"]]
    holds = figures["ledger closes"] and figures["audit chain breaks at"] is None and figures["release verifies"]
    return holds and not any(zeros)


def measure(arguments: argparse.Namespace, folder: Path, small: Path) -> dict[str, Any]:
    """Run the whole campaign and return its figures."""
    database, redis = arrange(folder, small)
    workers: dict[str, Process] = {}
    try:
        study = Study(arguments.cases, arguments.seed)
        workers |= {name: worker(name, folder / f"{name}.log") for name in ("w1", "w2")}
        start = time.monotonic()
        figures: dict[str, Any] = campaign(study, workers, redis, arguments.kills)
        figures["seconds of faults"] = round(time.monotonic() - start)
        figures["seconds until nothing was due"], figures["rows parked"] = wait_until_done()
        figures |= count(study)
        figures |= full_disk(study, small)
    finally:
        for one in workers.values():
            one.stop()
        redis.process.stop()
        database.process.stop()
    return figures


def main() -> int:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--cases", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="consilium-faults-"))
    small = folder / "small"
    small.mkdir()
    # A file system of its own, so that only the file store is full; needs root.
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(small)]
    subprocess.run(mount, check=True)
    try:
        figures = measure(arguments, folder, small)
    finally:
        subprocess.run(["umount", "-l", str(small)], check=False)  # noqa: S607
    if is_whole(figures):
        shutil.rmtree(folder, ignore_errors=True)
    if arguments.json:
        print(json.dumps({"case": "faults", **figures}, default=str))
    else:
        for name, value in figures.items():
            print(f"{name:45} {value}")
    return 0 if is_whole(figures) else 1


if __name__ == "__main__":
    sys.exit(main())
