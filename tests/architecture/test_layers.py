import subprocess
import sys
from pathlib import Path

from tests.architecture.source import ROOT


def test_the_contracts_between_modules_are_kept():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
