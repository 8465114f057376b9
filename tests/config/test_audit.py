import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Stands in for pip_audit: writes what it is told to the file that it is asked to write, and ends as it is told.
STAND_IN = """
import os, sys
print("an address that does not answer", file=sys.stderr)
if os.environ["SAYS"]:
    open(sys.argv[sys.argv.index("--output") + 1], "w").write(os.environ["SAYS"])
sys.exit(int(os.environ["ENDS"]))
"""
CLEAN = '{"name": "one", "version": "1", "vulns": []}'
SKIPPED = '{"name": "two", "skip_reason": "not found"}'
HOLED = '{"name": "three", "version": "3", "vulns": [{"id": "PYSEC-1", "fix_versions": ["4"]}]}'


@pytest.mark.parametrize(
    ("libraries", "ends", "status", "words"),
    [
        ([CLEAN], 0, 0, "0 in 1 libraries; 0 NOT CHECKED"),
        ([CLEAN, SKIPPED], 0, 0, "0 in 1 libraries; 1 NOT CHECKED ['two']"),
        ([CLEAN, HOLED], 1, 1, "three 3: PYSEC-1, mended in 4"),
        ([SKIPPED], 0, 0, "NOT CHECKED, no advisories"),
        ([], 1, 0, "NOT CHECKED, no advisories could be asked (an address that does not answer)"),
    ],
)
def test_holes_fail_and_silence_is_no_pass(tmp_path, libraries, ends, status, words):
    (tmp_path / "pip_audit.py").write_text(STAND_IN)
    says = f'{{"dependencies": [{", ".join(libraries)}]}}' if libraries else ""
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "SAYS": says, "ENDS": str(ends)}
    done = subprocess.run([ROOT / "script/audit"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, words in done.stdout) == (status, True), done.stdout + done.stderr
