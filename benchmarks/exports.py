"""Every text format of a gold set with 100,000 labels: seconds, peak memory of the process, size, and what was refused.

python benchmarks/exports.py [--labels 100000] [--formats csv_table,coco] [--json]

Each format is rendered in a process of its own, so that the peak is its own. A case has nine findings with an outline
or a mask, their class, and an answer about the case; the issue asks for under 60 s and 1 GiB on two cores.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from annotations.labels import _runs
from annotations.labels.base import Geometry
from reports.exporters.base import GoldBundle, export, format_of, narrowed
from reports.registry import EXPORTERS

GRID = Geometry((1, 64, 64), (2.5, 0.7, 0.7))
DIGEST = "d" * 64
FINDINGS = 9
# Formats of text: pictures and volumes are measured by their own benchmark (volumes.py).
TEXTS = (
    "csv_table", "csv_wide", "parquet_table", "parquet_wide", "jsonl", "coco", "label_studio", "cvat_xml", "yolo",
    "pascal_voc", "croissant", "hugging_face",
)  # fmt: skip


def question(code: str, kind: str, scale: str, definition: dict[str, Any], about: str = "") -> dict[str, Any]:
    return {"code": code, "title": code, "kind": kind, "scale": scale, "definition": definition, "about": about}


def record(case: int, code: str, label: dict[str, Any], finding: str = "") -> dict[str, Any]:
    readers = [{"reader": f"r{n}", "mark": "", "revision": 1, "digest": DIGEST} for n in range(1, 4)]
    return {
        "case": f"case-{case:06d}", "subject": f"p{case:06d}", "question": code, "kind": label["kind"],
        "finding": finding, "number": 1 if finding else 0, "disposition": "auto_accepted", "reason": "",
        "cell": "auto_accepted", "label": label, "method": "majority", "support": 2 / 3, "votes": {"a": 2, "b": 1},
        "soft": {"a": 2 / 3, "b": 1 / 3}, "provenance": {"by": "rule", "method": "majority", "rules": ["no_majority"]},
        "inputs": readers, "dissent": [{"reader": "r3", "says": "other", "label": {"kind": "category", "code": "b"}}],
        "protocol": {"number": 1, "digest": DIGEST}, "schema": {"version": 1, "digest": DIGEST},
    }  # fmt: skip


def region(generator: np.random.Generator, number: int) -> dict[str, Any]:
    """Return a square as an outline, or a disc as a mask."""
    x, y, size = (int(one) for one in generator.integers((2, 2, 4), (44, 44, 18)))
    if number % 2:
        points = [[x, y], [x + size, y], [x + size, y + size], [x, y + size]]
        ring = {"slice": 0, "hole": False, "points": points}
        return {"kind": "polygon", "rule": "pixel_centre", "rings": [ring]}
    down, across = np.ogrid[:64, :64]
    disc = ((down - y - size / 2) ** 2 + (across - x - size / 2) ** 2 < (size / 2) ** 2)[None]
    return {"kind": "mask", "shape": list(disc.shape), "runs": _runs.encode(disc)}


def bundle(n_labels: int) -> GoldBundle:
    """Return a release of so many labels, the same each time."""
    generator = np.random.Generator(np.random.PCG64(3))
    codes = {"codes": [{"code": "a"}, {"code": "b"}]}
    questions = [
        question("lesion", "mask", "none", {"many": True}),
        question("type", "category", "nominal", codes, "lesion"),
        question("quality", "category", "nominal", codes),
    ]
    records, case = [], 0
    while len(records) < n_labels:
        for number in range(FINDINGS):
            records.append(record(case, "lesion", region(generator, number), f"f{number}"))
        for number in range(FINDINGS):
            records.append(record(case, "type", {"kind": "category", "code": "ab"[number % 2]}, f"f{number}"))
        records.append(record(case, "quality", {"kind": "category", "code": "a"}))
        case += 1
    records = records[:n_labels]
    counts = {"auto_accepted": case * 3}
    return GoldBundle(
        project={
            "slug": "p", "name": "P", "description": "", "attribution": "", "simulated_note": "", "knows_readers": True,
        },
        release={
            "number": 1, "version": "1.0.0", "digest": DIGEST, "frozen_at": "2026-11-25T10:00:00+00:00", "note": "",
            "parent": None, "software": {"name": "Consilium", "version": "0", "code_version": "1"},
        },
        schema={"version": 1, "digest": DIGEST, "guideline": "", "questions": questions},
        protocol={"number": 1, "name": "majority_panel", "digest": DIGEST, "document": {"seats": 3}},
        readers=[{"code": f"r{n}", "kind": "human"} for n in range(1, 4)],
        ledger={"n_cases": case, "n_questions": 3, "counts": counts, "by_question": {"lesion": counts}},
        counts={
            "n_subjects": case, "n_seats": 3 * case, "n_reads": 3, "n_counted": 3, "n_adjudications": 0,
            "n_adjudicators": 0,
        },
        statistics=[],
        records=records,
        cases={f"case-{number:06d}": GRID for number in range(case)},
    )  # fmt: skip


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(name: str, n_labels: int) -> dict[str, Any]:
    """Render one format in this process."""
    made = bundle(n_labels)
    before, spec = peak_mib(), EXPORTERS[name]
    found = format_of(name, spec, made)
    held = narrowed(made, found.questions) if found.refused else made
    start = time.perf_counter()
    content = export(spec, held)
    return {
        "format": name,
        "labels": len(held.records),
        "seconds": round(time.perf_counter() - start, 2),
        "release_mib": round(before),
        "peak_mib": round(peak_mib()),
        "size_mib": round(len(content) / 2**20, 1),
        "refused": sorted(found.refused),
    }


def apart(name: str, n_labels: int) -> dict[str, Any]:
    """Render one format in a process of its own."""
    command = [sys.executable, __file__, "--one", name, "--labels", str(n_labels)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--labels", type=int, default=100_000)
    parser.add_argument("--formats", default=",".join(TEXTS))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.one, asked.labels)))
        return
    rows = [apart(name, asked.labels) for name in asked.formats.split(",")]
    if asked.json:
        print(json.dumps(rows))
        return
    for row in rows:
        left = f", without {', '.join(row['refused'])}" if row["refused"] else ""
        print(
            f"{row['format']:14} {row['labels']:7,} labels {row['seconds']:6.1f} s  peak {row['peak_mib']:5} MiB "
            f"(of it the release {row['release_mib']})  {row['size_mib']:6.1f} MiB{left}"
        )


if __name__ == "__main__":
    main()
