"""A series of more than a gigabyte comes in: memory and time of ``manage.py images``; it prints the figures.

python benchmarks/gigabyte.py [--slices 2200] [--json]

Slices of 512 × 512 voxels of two bytes are made in a folder that is thrown away, handed in out of order to a new
installation in a process of its own, and that process's greatest resident set is read from the kernel. The goal is
2 GiB for a series of at least one (issue: collect); the work of the pixels is checked by their digest.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

ROOT = Path(__file__).resolve().parents[1]
SIDE, GOAL_MIB = 512, 2048.0
PREPARE = """
import django; django.setup()
from django.contrib.auth.models import User
from annotations import intake
from annotations.models import Project
lead = User.objects.create_superuser("lead")
intake.open_project(actor=lead, new=intake.NewProject(slug="large", name="Large"))
intake.set_role(actor=lead, project=Project.objects.get(), user=lead, role="qa_lead")
"""


def plane(number: int) -> np.ndarray:
    """Return the grey values of one slice, unlike those of any other."""
    rows, columns = np.ogrid[:SIDE, :SIDE]
    return ((rows * 3 + columns * 5 + number * 7) % 2000 - 1000).astype(np.int16)


def make(folder: Path, n_slices: int) -> str:
    """Write the series under names that tell nothing of the order; return the digest of its voxels."""
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    digest = hashlib.sha256()
    for number in range(n_slices):
        pixels = plane(number)
        digest.update(pixels.tobytes())
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CTImageStorage, generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        made = FileDataset("", Dataset(), file_meta=meta, preamble=b"\0" * 128)
        made.SOPClassUID, made.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
        made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = study, series, frame
        made.PatientID, made.Modality = "made", "CT"
        made.Rows = made.Columns = SIDE
        made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
        made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 16, 16, 15, 1
        made.PixelSpacing, made.SliceThickness = [0.5, 0.5], 0.5
        made.ImageOrientationPatient, made.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, number * 0.5]
        made.PixelData = pixels.tobytes()
        made.save_as(folder / f"{hashlib.sha256(str(number).encode()).hexdigest()[:12]}.dcm", enforce_file_format=True)
    return digest.hexdigest()


def take(home: Path, folder: Path) -> dict[str, Any]:
    """Hand the series in to a new installation; return seconds, peak and the digest that was stored."""
    environment = {**os.environ, "CONSILIUM_DATA": str(home), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    manage = [sys.executable, str(ROOT / "manage.py")]
    subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True, cwd=ROOT)
    subprocess.run([sys.executable, "-c", PREPARE], env=environment, check=True, cwd=ROOT)
    start = time.perf_counter()
    process = subprocess.Popen([*manage, "images", "large", str(folder), "--as", "lead"], env=environment, cwd=ROOT)
    peak = 0.0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
        except FileNotFoundError:
            break
        peak = max([peak, *(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))])
        time.sleep(0.05)
    if process.wait():
        raise SystemExit("the series was not taken")
    return {"ours_s": time.perf_counter() - start, "peak_mib": peak, "digest": stored_digest(home)}


def stored_digest(home: Path) -> str:
    """Return the digest under which the voxels are stored."""
    found = [path for path in (home / "files" / "voxels").rglob("*") if path.is_file()] or [
        path for path in home.rglob("voxels/*/*") if path.is_file()
    ]
    return found[0].name


def main() -> None:
    """Make the series, hand it in, print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slices", type=int, default=2200)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="consilium-gigabyte-"))
    try:
        folder = home / "series"
        folder.mkdir()
        digest = make(folder, options.slices)
        gib = sum(path.stat().st_size for path in folder.iterdir()) / 2**30
        found = take(home / "data", folder)
        if found["digest"] != digest:
            raise SystemExit("the voxels that were stored are not those that were made")
    finally:
        shutil.rmtree(home, ignore_errors=True)
    line = {"case": f"series of {gib:.2f} GiB", "ours_s": found["ours_s"], "peak_mib": found["peak_mib"]}
    if options.json:
        print(json.dumps(line))
    else:
        verdict = "met" if found["peak_mib"] < GOAL_MIB else "MISSED"
        took = f"{line['ours_s']:.1f} s, at most {line['peak_mib']:,.0f} MiB resident"
        print(f"{line['case']}: {took}; goal {GOAL_MIB:,.0f} MiB: {verdict}")


if __name__ == "__main__":
    main()
