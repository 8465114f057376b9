"""The release of the exporters' tests with images that lie in the patient, and the validator of DICOM objects."""

import os
import shutil
import subprocess
from dataclasses import replace

import pytest

from reports.exporters.base import narrowed
from tests.reports.exporters.regions import release

STRAIGHT = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
# A gantry that leans by a quarter of a right angle about the patient's left.
OBLIQUE = [[1.0, 0.0, 0.0], [0.0, 0.92387953, 0.38268343], [0.0, -0.38268343, 0.92387953]]
ORIGIN = [-12.5, 30.0, 7.75]


def made(direction=STRAIGHT, slices=None):
    """The release of the exporters' tests, with images that lie somewhere."""
    shapes = narrowed(release(), ["lesion", "type"])
    places = {case: {"origin_mm": ORIGIN, "direction": direction, "slices": slices} for case in shapes.cases}
    return replace(shapes, places=places)


def errors_of(objects, folder):
    """Return what dciodvfy of the package dicom3tools calls an error in any of the objects."""
    command = shutil.which("dciodvfy")
    if command is None and os.environ.get("CI"):
        pytest.fail("dciodvfy of the package dicom3tools is needed")
    if command is None:
        pytest.skip("dciodvfy of the package dicom3tools is not installed")
    found = []
    for number, content in enumerate(objects):
        path = folder / f"{number}.dcm"
        path.write_bytes(content)
        said = subprocess.run([command, str(path)], capture_output=True, text=True, check=False).stderr
        found += [line for line in said.splitlines() if line.startswith("Error")]
    return found
