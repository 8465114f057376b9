import sys
import time

from config.supervisor import EXITS_ALLOWED, Supervisor


def test_a_child_that_keeps_falling_stops_everything(monkeypatch):
    monkeypatch.setattr("config.supervisor.POLL_SECONDS", 0.01)
    monkeypatch.setattr("config.supervisor.FIRST_PAUSE_SECONDS", 0.0)
    said = []
    quick, steady = [sys.executable, "-c", ""], [sys.executable, "-c", "import time; time.sleep(600)"]
    supervisor = Supervisor({"quick": quick, "steady": steady}, ("127.0.0.1", 1), said.append)
    try:
        assert supervisor._watch() == 1
        steady_process = supervisor._children[1].process
        assert steady_process.poll() is None
    finally:
        supervisor._stop()
    assert steady_process.poll() is not None
    assert said[-1] == f"The quick process fell {EXITS_ALLOWED + 1} times in a minute: stopping."


def test_pauses_double_and_end_at_ten_seconds():
    said = []
    supervisor = Supervisor({"web": ["true"]}, ("127.0.0.1", 1), said.append)
    [child] = supervisor._children
    instant = time.monotonic()
    pauses = []
    for _ in range(8):
        supervisor._note_exit(child, 1, instant)
        pauses.append(child.start_at - instant)
    assert [round(pause, 2) for pause in pauses] == [0.25, 0.5, 1, 2, 4, 8, 10, 10]
    supervisor._note_exit(child, 1, instant + 61)
    assert len(child.exits) == 1
    supervisor._stop()


def test_a_child_that_ignores_the_request_is_ended_with_its_group(monkeypatch):
    monkeypatch.setattr("config.supervisor.STOP_SECONDS", 0.3)
    deaf = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
    supervisor = Supervisor({"deaf": deaf}, ("127.0.0.1", 1), lambda text: None)
    [child] = supervisor._children
    supervisor._tend(child)
    time.sleep(0.5)
    supervisor._stop()
    assert child.process.poll() is not None
