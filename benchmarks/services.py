"""PostgreSQL and Redis of one's own, on free ports, in a folder that is thrown away; stopped by process id."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

START_SECONDS = 60.0


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Wait until something listens on a port of the loopback."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"Nothing listens on port {port}.")
        time.sleep(0.1)


class Process:
    """A child that can be killed and started again as it was."""

    def __init__(self, command: Sequence[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self._command = list(command)
        self._log = log
        self._environment = environment
        self.popen = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it in a process group of its own."""
        with self._log.open("ab") as log:
            self.popen = subprocess.Popen(
                self._command, stdout=log, stderr=log, env=self._environment, start_new_session=True
            )
        return self.popen

    def kill(self) -> None:
        """Kill it and all that it started, with SIGKILL, and wait for it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def stop(self) -> None:
        """Ask it to end; kill it when it does not."""
        self.popen.terminate()
        try:
            self.popen.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()


class Redis:
    """A Redis that keeps nothing on disk: what it forgets in a restart must not matter."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
        self.process = Process(command, folder / "redis.log")
        wait_for(self.port)

    def restart(self, pause: float) -> None:
        """Kill it and start it again after a pause."""
        self.process.kill()
        time.sleep(pause)
        self.process.start()
        wait_for(self.port)


class PostgreSQL:
    """A server with one empty database named consilium."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/consilium"
        self._binaries = postgres_binaries()
        # PostgreSQL refuses to run as root.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        data = folder / "postgres"
        data.mkdir()
        if self._as:
            folder.chmod(0o755)
            shutil.chown(data, "postgres")
        self._run("initdb", "-D", str(data), "-U", "postgres", "--auth=trust", "-E", "UTF8")
        options = ["-p", str(self.port), "-h", "127.0.0.1", "-k", str(data), "-c", "shared_buffers=256MB"]
        command = [*self._as, str(self._binaries / "postgres"), "-D", str(data), *options]
        self.process = Process(command, folder / "postgres.log")
        wait_for(self.port)
        self.create("consilium")

    def create(self, name: str) -> str:
        """Make an empty database and return its address."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name)
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def _run(self, name: str, *arguments: str) -> None:
        command = [*self._as, str(self._binaries / name), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd="/")


def postgres_binaries() -> Path:
    """Return the folder of the newest PostgreSQL on this machine."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if folders:
        return folders[-1]
    found = shutil.which("initdb")
    if found is None:
        raise FileNotFoundError("PostgreSQL is not installed: initdb was not found.")
    return Path(found).parent
