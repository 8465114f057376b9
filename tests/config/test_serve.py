"""The service as it runs: real processes, on a data folder of their own, in both sizes."""

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
POSTGRES = os.environ.get("CONSILIUM_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")
REDIS = ("127.0.0.1", 6379)
PATIENCE_SECONDS = 90

MARK = """
import django; django.setup()
from annotations import due, locking
from annotations.models import Project
for number in range({count}):
    Project.objects.create(slug=f"p{{number}}", name="p", created_at=locking.now(), due_at=locking.now())
"""
COUNT = """
import django, json; django.setup()
from annotations.models import Project
rows = list(Project.objects.exclude(due_at=None).values("slug", "attempts", "last_error"))
print(json.dumps([Project.objects.count(), rows]))
"""

pytestmark = pytest.mark.slow


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """One installation: its environment, its processes and what they said."""

    def __init__(self, folder, **variables):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CONSILIUM_")}
        self.environment = {
            **inherited,
            "CONSILIUM_DATA": str(folder),
            "CONSILIUM_CONCURRENCY": "2",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
            **variables,
        }
        self.lines = []
        self.processes = []

    def python(self, *arguments):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *arguments):
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        process.said = queue.Queue()
        process.listener = threading.Thread(target=self.listen, args=(process,), daemon=True)
        process.listener.start()
        return process

    def listen(self, process):
        for line in process.stdout:
            self.lines.append(line)
            process.said.put(line)

    def wait_for(self, process, pattern):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                line = process.said.get(timeout=0.2)
            except queue.Empty:
                assert process.poll() is None, "".join(self.lines)
                continue
            if re.search(pattern, line):
                return line
        pytest.fail(f"never said {pattern}: " + "".join(self.lines))

    def wait_for_words(self, process, words):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline and words not in "".join(self.lines):
            time.sleep(0.1)
        assert words in "".join(self.lines)

    def wait_until_done(self, count):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            total, waiting = json.loads(self.python("-c", COUNT))
            if total == count and not waiting:
                return
            time.sleep(0.3)
        pytest.fail(f"still due: {waiting[:5]}\n" + "".join(self.lines[-30:]))

    def stop(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for process in self.processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            # The stream ends when the last child that inherited it has gone.
            process.listener.join(60)
            process.stdout.close()


def child_pids(parent):
    """Pids of the direct children of one process."""
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(pid) for pid in text.split()]


def command_of(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def worker_of(supervisor):
    [pid] = [pid for pid in child_pids(supervisor.pid) if "config.celery" in command_of(pid)]
    return pid


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return answer.status, answer.read()


@pytest.fixture
def embedded(tmp_path):
    service = Service(tmp_path / "data")
    yield service
    service.stop()


def test_serve_from_an_empty_folder_to_done_work_through_a_killed_worker(embedded):
    port = free_port()
    supervisor = embedded.start("manage.py", "serve", "--port", str(port))
    embedded.wait_for(supervisor, rf"Consilium is ready: http://127.0.0.1:{port}/")
    assert get(port, "/healthz")[0] == 200
    assert json.loads(get(port, "/readyz")[1])["status"] == "ok"

    embedded.python("-c", MARK.format(count=5))
    embedded.wait_until_done(5)

    worker = worker_of(supervisor)
    embedded.python("-c", MARK.replace("p{{number}}", "q{{number}}").format(count=40))
    os.killpg(worker, signal.SIGKILL)
    embedded.wait_for(supervisor, r"The worker process ended \(code -9\)")
    embedded.wait_until_done(45)
    assert get(port, "/healthz")[0] == 200

    second = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(free_port())],
        cwd=ROOT,
        env=embedded.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert f"already runs on this data folder (process {supervisor.pid})" in second.stderr

    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(60) == 0
    embedded.wait_for_words(supervisor, "Stopped.")


def test_children_leave_when_the_supervisor_is_killed(embedded):
    port = free_port()
    supervisor = embedded.start("manage.py", "serve", "--port", str(port))
    embedded.wait_for(supervisor, "Consilium is ready")
    children = child_pids(supervisor.pid)
    assert len(children) == 2
    supervisor.kill()
    supervisor.wait(10)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in children):
        time.sleep(0.2)
    assert not [command_of(pid) for pid in children if Path(f"/proc/{pid}").exists()]
    again = embedded.start("manage.py", "serve", "--port", str(port))
    embedded.wait_for(again, "Consilium is ready")


def test_a_port_in_use_is_refused_in_words(embedded):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=embedded.environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 is not free" in done.stderr


@pytest.fixture
def full(tmp_path):
    database = f"consilium_test_{uuid.uuid4().hex[:10]}"
    try:
        socket.create_connection(REDIS, timeout=2).close()
        administrator = psycopg.connect(f"{POSTGRES}/postgres", autocommit=True, connect_timeout=3)
    except (OSError, psycopg.OperationalError) as error:
        reason = f"PostgreSQL ({POSTGRES}) and Redis are needed: {type(error).__name__}"
        if os.environ.get("CONSILIUM_REQUIRE_SERVICES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    with administrator:
        administrator.execute(f"CREATE DATABASE {database}")
        service = Service(
            tmp_path / "data",
            CONSILIUM_DATABASE=f"{POSTGRES}/{database}",
            CONSILIUM_BROKER=f"redis://{REDIS[0]}:{REDIS[1]}/8",
        )
        yield service
        service.stop()
        administrator.execute(f"DROP DATABASE {database} WITH (FORCE)")


def test_two_workers_on_postgresql_and_redis_share_the_work_and_one_may_die(full):
    port = str(free_port())
    behind = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", port],
        cwd=ROOT,
        env=full.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert behind.returncode == 1
    assert "python manage.py migrate" in behind.stderr

    full.python("manage.py", "migrate", "--verbosity", "0")
    workers = [
        full.start("-m", "celery", "-A", "config.celery", "worker", "-l", "INFO", "-n", f"{name}-{port}@test")
        for name in ("one", "two")
    ]
    for worker in workers:
        full.wait_for(worker, " ready")
    full.python("-c", MARK.format(count=40))
    full.wait_until_done(40)

    full.python("-c", MARK.replace("p{{number}}", "q{{number}}").format(count=40))
    os.killpg(workers[0].pid, signal.SIGKILL)
    workers[0].wait(10)
    again = full.start("-m", "celery", "-A", "config.celery", "worker", "-l", "INFO", "-n", f"one-{port}@test")
    full.wait_for(again, " ready")
    full.wait_until_done(80)
