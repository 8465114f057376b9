"""Ten thousand damaged files, at every importer and every image decoder: what they do; it prints the figures.

python benchmarks/hostile.py [--mutations 10000] [--seed 20261127] [--json]

Originals are the files that the tests make and, where ../shared lies beside the checkout, those that other tools wrote.
Each gets one to four faults from a seeded generator: bytes changed, cut out, doubled, cut off, tokens put in. They
are read in processes whose memory the kernel bounds; a process that dies, a file that takes longer than it may, and
anything but values and refusals is counted by name. Reading writes nothing: what is written is checked by the tests of
intake, which store whole files or none.
"""

import argparse
import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

from annotations.images import dicom, nifti, nrrd, raster
from annotations.images.base import ImageProblem
from annotations.importers.base import Imported, ImportProblem
from annotations.registry import IMPORTERS
from tests.annotations.importers.samples import QUESTIONS, SAMPLES
from tests.annotations.importers.test_hostile import checked, mutated

MEMORY, SECONDS, BATCH = 4 * 2**30, 20, 500
LARGEST = 4 * 2**20
MOST_ANSWERS = 20_000
IMAGES = {".dcm": dicom.read_bytes, ".nii": nifti.read, ".gz": nifti.read, ".nrrd": nrrd.read, ".png": raster.read}


def originals() -> list[tuple[str, str, bytes, dict[str, str]]]:
    """Return (reader, name, bytes, options) of everything that is damaged, in a fixed order."""
    found = [(one.importer, one.name, one.data, dict(one.options)) for one in SAMPLES]
    shared = ROOT.parent / "shared"
    files = sorted(path for part in ("formats", "data/dicom_samples_pydicom") for path in (shared / part).rglob("*"))
    for path in files:
        if not path.is_file() or path.stat().st_size > LARGEST or path.suffix == ".md":
            continue
        data = path.read_bytes()
        for importer in IMPORTERS:
            if path.name.lower().endswith(IMPORTERS[importer].suffixes):
                options = next(dict(one.options) for one in SAMPLES if one.importer == importer)
                found.append((importer, path.name, data, options))
        if path.suffix in IMAGES:
            found.append(("image", path.name, data, {}))
    return found


def outcome(reader: str, name: str, data: bytes, options: dict[str, str]) -> str:
    """Return what a file gives: ``taken``, or the code of its first refusal."""
    if reader == "image":
        try:
            IMAGES[Path(name).suffix](data)
        except ImageProblem as problem:
            return problem.code
        return "taken"
    try:
        answers = list(islice(IMPORTERS[reader].read(io.BytesIO(data), QUESTIONS, options), MOST_ANSWERS))
    except ImportProblem as problem:
        return problem.code
    for one in answers:
        if not isinstance(one, Imported | ImportProblem):
            raise TypeError(type(one).__name__)
        if isinstance(one, Imported) and one.question in QUESTIONS:
            checked(one)
    return "taken" if any(isinstance(one, Imported) for one in answers) else answers[0].code if answers else "nothing"


def too_long(*_: object) -> None:
    """Stop a file that takes longer than it may."""
    raise TimeoutError


def one_batch(start: int, stop: int, seed: int) -> Iterator[tuple[str, str, str, float]]:
    """Yield (reader, name, outcome, seconds) of the mutations from ``start`` on."""
    sources = originals()
    signal.signal(signal.SIGALRM, too_long)
    for number in range(start, stop):
        generator = np.random.Generator(np.random.PCG64([seed, number]))
        reader, name, data, options = sources[number % len(sources)]
        damaged = mutated(data, generator)
        begun = time.perf_counter()
        signal.alarm(SECONDS)
        try:
            said = outcome(reader, name, damaged, options)
        except TimeoutError:
            said = "! too long"
        except MemoryError:
            said = "! too much memory"
        except Exception as error:  # noqa: BLE001 - the point of this script is to find every one
            said = f"! {type(error).__name__}: {error}"[:200]
        finally:
            signal.alarm(0)
        yield reader, name, said, time.perf_counter() - begun


def worker(start: int, stop: int, seed: int) -> None:
    """Read one batch with bounded memory and print a line a file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in one_batch(start, stop, seed):
        print(json.dumps(line), flush=True)
    print(json.dumps(["peak", "", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0.0]), flush=True)


def main() -> None:
    """Damage, read, count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--batch", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.batch is not None:
        worker(options.batch, min(options.batch + BATCH, options.mutations), options.seed)
        return
    said: Counter[str] = Counter()
    faults: list[Any] = []
    peak = slowest = 0.0
    for start in range(0, options.mutations, BATCH):
        command = [sys.executable, __file__, "--batch", str(start), "--seed", str(options.seed)]
        done = subprocess.run(
            [*command, "--mutations", str(options.mutations)], capture_output=True, text=True, check=False
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode:
            faults.append(["process", "", f"! died with {done.returncode} after {len(lines)} files", 0.0])
        for reader, name, what, seconds in lines:
            if reader == "peak":
                peak = max(peak, what)
                continue
            said["crash" if what.startswith("!") else "taken" if what in ("taken", "nothing") else "refused"] += 1
            slowest = max(slowest, seconds)
            if what.startswith("!"):
                faults.append([reader, name, what, seconds])
    figures = {
        "mutations": sum(said.values()), "taken": said["taken"], "refused": said["refused"], "faults": len(faults),
        "slowest_s": slowest, "peak_mib": peak, "originals": len(originals()),
    }  # fmt: skip
    print(
        json.dumps(figures) if options.json else "\n".join(f"{name}: {value:,.2f}" for name, value in figures.items())
    )
    for fault in faults:
        print(json.dumps(fault))


if __name__ == "__main__":
    main()
