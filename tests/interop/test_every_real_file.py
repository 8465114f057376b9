"""Every file that was collected from other tools, by every importer that its ending allows: values or refusals only."""

import io
from collections import Counter
from itertools import islice

import pytest

from annotations.importers.base import Imported, ImportProblem
from annotations.registry import IMPORTERS
from tests.annotations.importers.samples import QUESTIONS, SAMPLES
from tests.interop.test_importers_real_files import QUESTIONS as TOOLS
from tests.shared import shared

FOLDERS = {
    # Files with an ending that some importer has, and those of which at least one answer was taken.
    "coco": (16, 5),
    "csv": (7, 0),
    "cvat_xml": (2, 1),
    "dicom_hostile_and_odd": (44, 0),
    "dicom_rtstruct": (3, 3),
    "dicom_seg": (13, 4),
    "dicom_sr": (12, 3),
    "grand_challenge": (4, 0),
    "label_studio": (18, 8),
    "labelme_xml": (51, 51),
    "mitk": (11, 0),
    "nifti": (4, 2),
    "nrrd": (12, 9),
    "nrrd_slicer_seg": (6, 1),
    "pascal_voc": (3, 3),
    "slicer_markups": (4, 0),
    "yolo": (10, 7),
}


LOOSE = {"category_question": "type", "reader": "eve", "ignore": "relation, skipped"}
ONE_CASE = {"yolo", "nifti_mask", "nrrd_mask", "dicom_seg", "rtstruct", "dicom_sr"}
# What a format's files need said beside what its sample needs.
SAID = {"yolo": {"size": "640x480"}, "label_studio": {"controls": "", "readers": "", "empty_question": "", **LOOSE}}


def asked(name):
    sample = next(sample for sample in SAMPLES if sample.importer == name)
    options = {**sample.options, **SAID.get(name, {})}
    return {"case": "scan-01", **options} if "case" in IMPORTERS[name].options and name in ONE_CASE else options


def outcomes(path):
    """Return what each importer says of a file: taken, or the code of its first refusal."""
    data, said = path.read_bytes(), {}
    for name, importer in IMPORTERS.items():
        if not path.name.lower().endswith(importer.suffixes):
            continue
        options = asked(name)
        try:
            found = list(islice(importer.read(io.BytesIO(data), {**TOOLS, **QUESTIONS}, options), 10_000))
        except ImportProblem as problem:
            found = [problem]
        for one in found:
            assert isinstance(one, Imported | ImportProblem)
            assert isinstance(one, Imported) or (one.code and one.message.endswith((".", "?")))
        said[name] = "taken" if any(isinstance(one, Imported) for one in found) else found[0].code if found else "empty"
    return said


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_file_is_taken_or_refused(folder):
    files = [path for path in sorted(shared(f"formats/{folder}").rglob("*")) if path.is_file()]
    said = {path.name: found for path in files if (found := outcomes(path))}
    taken = [name for name, found in said.items() if "taken" in found.values()]
    assert (len(said), len(taken)) == FOLDERS[folder], Counter(str(found) for found in said.values())


def test_every_folder_is_in_the_table():
    there = {path.name for path in shared("formats").iterdir() if path.is_dir() and len(list(path.rglob("*"))) > 1}
    assert there - {"mdai"} == set(FOLDERS)
