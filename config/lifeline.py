"""A child's view of its supervisor: a pipe that ends when the supervisor does."""

import os
import signal
import threading

VARIABLE = "CONSILIUM_SUPERVISOR_PIPE"


def watch() -> None:
    """Drain and leave when the supervisor is gone, so that port and folder are free; nothing without one."""
    number = os.environ.get(VARIABLE)
    if number:
        threading.Thread(target=_wait, args=(int(number),), name="lifeline", daemon=True).start()


def _wait(descriptor: int) -> None:
    os.read(descriptor, 1)
    os.kill(os.getpid(), signal.SIGTERM)
