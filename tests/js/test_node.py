"""Run the viewer's own tests under node, and hold its mask codec to the server's."""

import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from annotations.labels import _runs

HERE = Path(__file__).resolve().parent
STATIC = HERE.parents[1] / "static"
OWN = sorted((STATIC / "js").rglob("*.js"))
# The reading page has the viewer and everything to draw with; it is measured apart, so that it cannot grow unseen.
MOST_BYTES = {"reading": 44 * 1024, "case": 34 * 1024}
IMPORT = re.compile(r'^(?:import|export)[^;]*?from "(.*?)";', re.MULTILINE | re.DOTALL)


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        reason = "node is not on the path; the viewer's geometry is not tested"
        if os.environ.get("CONSILIUM_REQUIRE_NODE") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return node


@pytest.mark.parametrize("file", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_viewer_modules(file):
    command = [
        _node(),
        "--disable-warning=MODULE_TYPELESS_PACKAGE_JSON",
        "--experimental-detect-module",
        "--test",
        file,
    ]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), done.stdout


def test_the_sample_texts_are_those_of_the_server():
    samples = re.findall(r"shape: (\[.*?\]), data: \[(.*?)\], runs: \"(.*?)\"", (HERE / "mask.test.mjs").read_text())
    assert len(samples) == 3
    for shape, data, runs in samples:
        sizes = tuple(int(size) for size in shape.strip("[]").split(","))
        mask = np.array([int(value) for value in data.split(",")], dtype=bool).reshape(sizes)
        assert _runs.encode(mask) == runs


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_imports_are_relative_and_end_so_that_hashing_finds_them(path):
    text = path.read_text()
    for statement in re.findall(r"^(?:import|export)\b[^;]*?\bfrom\b.*$", text, re.MULTILINE):
        assert re.search(r'from "\.{1,2}/[\w./]+\.js";$', statement), statement
    assert "import(" not in text


def test_modules_import_without_a_cycle():
    graph = {path: [(path.parent / name).resolve() for name in IMPORT.findall(path.read_text())] for path in OWN}
    done: set[Path] = set()

    def walk(path: Path, above: tuple[Path, ...]) -> None:
        assert path not in above, [step.name for step in (*above, path)]
        if path not in done:
            for other in graph[path]:
                walk(other, (*above, path))
            done.add(path)

    for path in OWN:
        walk(path, ())
    assert done == set(OWN)


def _packed(paths: list[Path]) -> int:
    return sum(len(gzip.compress(path.read_bytes())) for path in paths)


def _loaded_by(page: Path) -> set[Path]:
    loaded, waiting = set(), [page]
    while waiting:
        path = waiting.pop()
        if path not in loaded:
            loaded.add(path)
            waiting += [path.parent.joinpath(name).resolve() for name in IMPORT.findall(path.read_text())]
    return loaded


@pytest.mark.parametrize("page", [path for path in OWN if path.parent.name == "pages"], ids=lambda path: path.stem)
def test_own_modules_of_a_page_stay_small(page):
    assert 0 < _packed(sorted(_loaded_by(page))) <= MOST_BYTES.get(page.stem, 30 * 1024)


def test_every_module_is_loaded_by_some_page():
    pages = [path for path in OWN if path.parent.name == "pages"]
    assert set().union(*map(_loaded_by, pages)) == set(OWN)


@pytest.mark.parametrize("own", [("charts",), ("workspace",), ("workspace", "reading")], ids="+".join)
def test_style_sheets_of_a_page_stay_small(own):
    names = ["tokens", "base", "forms", "tables", *own, "print"]
    assert _packed([STATIC / f"css/{name}.css" for name in names]) <= 8 * 1024


def test_no_style_sheet_reaches_outside():
    for path in (STATIC / "css").glob("*.css"):
        assert not re.search(r"url\(|@import", path.read_text()), path.name
