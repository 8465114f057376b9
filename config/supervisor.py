"""Starts web and worker as children, mends them when they fall, and stops them in order."""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from config.lifeline import VARIABLE

POLL_SECONDS = 0.5
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 10.0
WINDOW_SECONDS = 60.0
EXITS_ALLOWED = 10
STOP_SECONDS = 45.0
# Celery advises against root with pickled messages in mind; ours are JSON from our own process.
ROOT_WARNING_OFF = ("-W", "ignore::UserWarning:celery.platforms")


@dataclass
class Child:
    """One child process and the history of its exits."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    exits: deque[float] = field(default_factory=deque)
    start_at: float = 0.0


class Supervisor:
    """Keeps the children alive until it is told to stop."""

    def __init__(self, commands: Mapping[str, Sequence[str]], address: tuple[str, int], say: Callable[[str], object]):
        self._children = [Child(name, command) for name, command in commands.items()]
        self._address = address
        self._say = say
        self._is_stopping = False
        self._is_announced = False
        # The children hold the read end: when this process is gone, however it went, they see the end of it.
        self._pipe_read, self._pipe_write = os.pipe()

    def run(self) -> int:
        """Supervise until SIGTERM or SIGINT; return the exit code."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        try:
            return self._watch()
        finally:
            self._stop()

    def _watch(self) -> int:
        while not self._is_stopping:
            for child in self._children:
                self._tend(child)
                if len(child.exits) > EXITS_ALLOWED:
                    self._say(f"The {child.name} process fell {len(child.exits)} times in a minute: stopping.")
                    return 1
            self._announce()
            time.sleep(POLL_SECONDS)
        return 0

    def _tend(self, child: Child) -> None:
        instant = time.monotonic()
        if child.process is not None:
            code = child.process.poll()
            if code is None:
                return
            child.process = None
            self._note_exit(child, code, instant)
        if instant >= child.start_at:
            self._start(child)

    def _note_exit(self, child: Child, code: int, instant: float) -> None:
        child.exits.append(instant)
        while child.exits[0] < instant - WINDOW_SECONDS:
            child.exits.popleft()
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (len(child.exits) - 1), LONGEST_PAUSE_SECONDS)
        child.start_at = instant + pause
        self._say(f"The {child.name} process ended (code {code}); starting it again in {pause:g} s.")

    def _start(self, child: Child) -> None:
        # One process a core already: threads of the linear algebra would only stand in each other's way.
        environment = {"OPENBLAS_NUM_THREADS": "1", **os.environ, VARIABLE: str(self._pipe_read)}
        # A group of its own: Ctrl-C then reaches the supervisor only, and one order of shutdown holds.
        child.process = subprocess.Popen(  # noqa: S603 - our own interpreter with our own modules
            child.command, env=environment, pass_fds=[self._pipe_read], start_new_session=True, stdin=subprocess.DEVNULL
        )

    def _announce(self) -> None:
        if self._is_announced:
            return
        host, port = self._address
        if _answers(host, port):
            self._is_announced = True
            self._say(f"Consilium is ready: http://{host}:{port}/  (Ctrl-C stops it)")

    def _ask_to_stop(self, number: int, frame: object) -> None:
        self._is_stopping = True

    def _stop(self) -> None:
        alive = [child.process for child in self._children if child.process is not None]
        # To the main process only: a signal to the group would kill the worker's task in the middle.
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in alive:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        os.close(self._pipe_write)
        os.close(self._pipe_read)


def web_command() -> list[str]:
    """Return how the web child is started."""
    return [sys.executable, "-m", "config.web"]


def worker_command() -> list[str]:
    """Return how the worker child is started."""
    return [sys.executable, *ROOT_WARNING_OFF, "-m", "celery", "--quiet", "-A", "config.celery", "worker",
            "-l", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]  # fmt: skip


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=POLL_SECONDS)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
