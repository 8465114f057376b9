import re

from tests.architecture.source import ROOT, relative, source_files

# Wiring chooses the database and the broker; everything else must not know which it got.
# A library asks a database in memory for the frames of a segmentation, and raises that database's errors.
WIRING = {"config", "annotations/locking.py", "annotations/triggers.py", "annotations/importers/dicom_seg.py"}
SIZE_WORDS = re.compile(r"sqlite|postgres|redis|amqp|memory://|always_eager|CONSILIUM_BROKER", re.IGNORECASE)


def is_wiring(path):
    return relative(path) in WIRING or relative(path).partition("/")[0] in WIRING


def test_no_feature_asks_which_size_it_runs_in():
    guilty = {}
    for path in source_files():
        if is_wiring(path):
            continue
        found = [
            f"{number}: {line.strip()}"
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if SIZE_WORDS.search(line) and not line.strip().startswith("#")
        ]
        if found:
            guilty[relative(path)] = found
    assert not guilty, guilty


def test_no_task_runs_in_the_request():
    for path in source_files():
        text = path.read_text()
        for word in (".delay(", ".apply_async(", "task_always_eager"):
            assert word not in text, f"{relative(path)} uses {word}: mark the row due"
        if relative(path) != "config/pump.py":
            assert "send_task(" not in text, f"{relative(path)} sends a message: only the pump does"


def test_only_env_reads_the_environment():
    allowed = {"config/env.py", "config/settings.py", "config/safety.py", "config/lifeline.py", "config/supervisor.py",
               "config/celery.py", "config/wsgi.py", "config/management/commands/serve.py"}  # fmt: skip
    guilty = [
        relative(path) for path in source_files() if "os.environ" in path.read_text() and relative(path) not in allowed
    ]
    assert not guilty, f"read a setting instead: {guilty}"
    assert "config.settings" in (ROOT / "manage.py").read_text()
