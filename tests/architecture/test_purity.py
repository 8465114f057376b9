import subprocess
import sys

import pytest

from tests.architecture.source import (
    ROOT,
    exports_spec,
    imported_modules,
    module_name,
    pure_files,
    pure_folders,
    relative,
    source_files,
)

# Runs in a fresh interpreter: Django and its friends cannot be found there at all.
PROBE = """
import sys, importlib, traceback
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {'django', 'rest_framework', 'celery', 'kombu'}:
            raise ImportError(f'{name} is blocked here')
sys.meta_path.insert(0, Blocked())
failed = 0
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except Exception:
        failed = 1
        print(name, traceback.format_exc(limit=-1), sep=': ')
sys.exit(failed)
"""


def test_every_pure_module_imports_without_django():
    names = [module_name(path) for path in pure_files()]
    result = subprocess.run(
        [sys.executable, "-c", PROBE, *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("folder", pure_folders(), ids=lambda folder: relative(folder))
def test_no_method_imports_another(folder):
    methods = {module_name(path) for path in folder.glob("*.py") if exports_spec(path)}
    for path in folder.glob("*.py"):
        if exports_spec(path):
            borrowed = imported_modules(path) & methods - {module_name(path)}
            assert not borrowed, f"{relative(path)} imports {sorted(borrowed)}: share base.py or a _kernel file"


def test_only_locking_knows_which_database_runs():
    words = ("connection.vendor", "select_for_update", "skip_locked", "SKIP LOCKED")
    guilty = {
        relative(path): word
        for path in source_files()
        for word in words
        if word in path.read_text() and relative(path) != "annotations/locking.py"
    }
    assert not guilty, f"use annotations.locking: {guilty}"


def test_no_init_file_holds_anything():
    full = [relative(path) for path in source_files() if path.name == "__init__.py" and path.read_text().strip()]
    assert not full
