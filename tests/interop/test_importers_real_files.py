"""Files that other tools wrote: each is read, with as many findings as its own text counts, or clearly refused."""

import gzip
import io
import json
import re

import nibabel as nib
import numpy as np
import pytest
from defusedxml import ElementTree

from annotations.importers._guess import HEAD, guess
from annotations.importers.base import Imported, ImportProblem
from annotations.registry import IMPORTERS, parse_label
from tests.shared import shared

QUESTIONS = {
    "outline": "polygon", "region": "mask", "type": "category", "grade": "grade", "size": "measurement",
    "label": "polygon", "bbox": "polygon", "docling": "polygon", "rectangle_label": "polygon",
    "polygon_label": "polygon", "uri_selection": "category", "sentiment": "category",
}  # fmt: skip
OUTLINE = {"reader": "ada", "question": "outline", "category_question": "type"}
MAP = {"reader": "ada", "question": "region", "category_question": "type", "case": "scan-01"}


def files(folder, pattern):
    found = sorted(shared(f"formats/{folder}").rglob(pattern))
    assert found, f"no {pattern} in {folder}"
    return found


def read(importer, path, options):
    return list(IMPORTERS[importer].read(io.BytesIO(path.read_bytes()), QUESTIONS, options))


def raised(importer, path, options):
    with pytest.raises(ImportProblem) as refusal:
        read(importer, path, options)
    return refusal.value.code


def answers(found, question):
    return [one for one in found if isinstance(one, Imported) and one.question == question]


def problems(found):
    return sorted(one.code for one in found if isinstance(one, ImportProblem))


def test_every_label_studio_export_gives_all_its_regions():
    totals = {}
    for path in files("label_studio", "*.json"):
        tasks = json.loads(path.read_text())
        if not isinstance(tasks, list):
            assert raised("label_studio", path, {}) == "not-label-studio"
            continue
        options = {"category_question": "type", "reader": "eve", "ignore": "relation, skipped"}
        if "csv_test2" in path.name or "history" in path.name:
            options["case"] = "uri" if "csv_test2" in path.name else "text"
        found = read("label_studio", path, options)
        if "doclang" in path.name:  # made without the sizes of its pictures, so its percents mean nothing
            assert problems(found) == ["no-size", "no-size", "unsupported-result"]
            continue
        kinds = [
            result["type"]
            for task in tasks
            for annotation in task["annotations"]
            if not annotation.get("was_cancelled")
            for result in annotation["result"]
            if result["type"] != "relation"
        ]
        regions = sum(kind in ("rectanglelabels", "polygonlabels") for kind in kinds)
        drawn = [one for one in found if isinstance(one, Imported) and one.value["kind"] == "polygon"]
        assert len(drawn) == regions, path.name
        assert len(found) == len(drawn) * 2 + len(kinds) - regions, path.name
        assert set(problems(found)) <= {"unsupported-result"}, path.name
        totals[path.name] = regions
    assert sum(totals.values()) == 66


def test_two_people_at_one_task_are_two_readers():
    (path,) = files("label_studio", "*test_export_yolo__data.json")
    found = answers(read("label_studio", path, {}), "label")
    assert len(found) == 6
    assert {one.reader for one in found} == {"1", "2"}
    first = next(one for one in found if one.mark == "C7oHaRDVVC")
    x, y = first.value["rings"][0]["points"][0]
    assert (x, y) == pytest.approx((37.15846994535519 * 28, 70.67395264116576 * 28))


def test_cvat_pictures_and_videos():
    (pictures,) = files("cvat_xml", "*for_images*.xml")
    assert raised("cvat_xml", pictures, OUTLINE) == "ambiguous-case"
    for subset, n_outlines in (("Train", 2), ("Test", 2), ("Validation", 2)):
        found = read("cvat_xml", pictures, {**OUTLINE, "subset": subset})
        assert len(answers(found, "outline")) == n_outlines
        assert problems(found) == ["unsupported-shape", "unsupported-shape"]  # a polyline and points
    for path in files("cvat_xml", "*for_video*.xml"):
        found = read("cvat_xml", path, OUTLINE)
        tracks = ElementTree.parse(path).getroot().findall("track")
        assert len(answers(found, "outline")) == 1
        assert len(problems(found)) == len(tracks) - 1
        assert set(problems(found)) == {"unsupported-shape"}


def test_every_labelme_file_gives_the_objects_that_are_not_deleted():
    n_objects = n_files = 0
    readers = set()
    for path in files("labelme_xml", "*.xml"):
        found = read("labelme", path, {"question": "outline", "category_question": "type"})
        objects = [one for one in ElementTree.parse(path).getroot().findall("object") if one.findtext("deleted") == "0"]
        assert problems(found) == [], path.name
        assert len(answers(found, "outline")) == len(objects), path.name
        assert [one.value["code"] for one in answers(found, "type")] == [one.findtext("name") for one in objects]
        n_objects, n_files = n_objects + len(objects), n_files + 1
        readers |= {one.reader for one in answers(found, "outline")}
    assert n_files == 51
    assert n_objects >= 51
    assert len(readers) >= 2


def test_every_voc_file_gives_its_boxes():
    for path in files("pascal_voc", "*.xml"):
        found = read("pascal_voc", path, {**OUTLINE, "coordinates": "corners" if "roboflow" in path.name else "pixels"})
        assert len(answers(found, "outline")) == path.read_text().count("<bndbox>")
        assert problems(found) == []


def test_every_yolo_text_gives_its_lines():
    for path in files("yolo", "*.txt"):
        found = read("yolo", path, {**OUTLINE, "case": "scan-01", "size": "640x480"})
        lines = [line for line in path.read_text().splitlines() if line.strip()]
        if re.match("[0-9]", lines[0]):
            assert len(answers(found, "outline")) == len(lines), path.name
        else:
            assert problems(found) == ["not-yolo"] * len(lines), path.name


def test_nifti_label_maps_agree_with_nibabel():
    refused = {}
    for path in files("nifti", "*.nii.gz"):
        image = nib.load(path)
        try:
            found = read("nifti_mask", path, MAP)
        except ImportProblem as problem:
            refused[path.name.rpartition("__")[2]] = problem.code
            continue
        values = np.asarray(image.dataobj)
        numbers = [int(number) for number in np.unique(values) if number]
        masks = answers(found, "region")
        assert [int(one.mark) for one in masks if one.mark] == numbers
        for one in masks:
            if one.mark:
                label = parse_label(one.value, "mask", {}, None)
                assert label.voxels == int((values == int(one.mark)).sum())
    assert refused == {"BRATS_002.nii.gz": "not-a-volume", "example_nifti2.nii.gz": "not-a-volume"}


def test_nrrd_label_maps_agree_with_their_bytes():
    n_masks = {}
    for path in files("nrrd", "*.nrrd") + files("nrrd_slicer_seg", "lassoan*/*.nrrd"):
        header, _, body = path.read_bytes().partition(b"\n\n")
        if b"dimension: 3" not in header:
            assert raised("nrrd_mask", path, MAP) == "not-a-volume"
            continue
        found = read("nrrd_mask", path, MAP)
        item = "<u1" if b"unsigned char" in header else "<i2"
        counts = np.unique(np.frombuffer(gzip.decompress(body), dtype=item), return_counts=True)
        wanted = {str(number): int(count) for number, count in zip(*counts, strict=True) if number}
        got = {one.mark: parse_label(one.value, "mask", {}, None).voxels for one in answers(found, "region")}
        assert got == wanted, path.name
        n_masks[path.name.rpartition("__")[2]] = len(got)
    assert n_masks["liver_spine_seg.nrrd"] == 2
    assert n_masks["partial_overlaps-1.nrrd"] == 3
    assert n_masks["Segmentation.seg.nrrd"] == 7


def test_the_segments_of_slicer_keep_their_names():
    (path,) = files("nrrd_slicer_seg", "*Segmentation.seg.nrrd")
    names = [one.value["code"] for one in answers(read("nrrd_mask", path, MAP), "type")]
    assert names[:2] == ["ribs", "cervical vertebral column"]


def test_what_is_no_label_map_in_lps_is_refused():
    detached = {path.name.rpartition("__")[2]: raised("nrrd_mask", path, MAP) for path in files("nrrd", "*.nhdr")}
    assert set(detached.values()) == {"detached"}
    codes = {
        path.name.rpartition("__")[2]: raised("nrrd_mask", path, MAP)
        for path in files("nrrd_slicer_seg", "Slicer*/*.nrrd")
    }
    assert codes.pop("TinyPatientCT.nrrd") == "not-a-label-map"
    assert codes.pop("TinyPatientDose.nrrd") == "not-a-label-map"
    # Older segmentations, in four dimensions of space that no name says how to lay into the patient.
    assert set(codes.values()) == {"not-a-volume"}
    assert len(codes) == 3


def test_answers_of_grand_challenge():
    (single,) = files("grand_challenge", "*annotation.json")
    assert raised("grand_challenge", single, {}) == "not-grand-challenge"
    (examples,) = files("grand_challenge", "answers_from_test_serializers.json")
    given = json.loads(examples.read_text())["TEST_DATA"]
    wanted = {"STR": 1, "INT": 1, "BOOL": 1, "FLT": 1, "DIST": 1, "MDIS": 2}
    for name, answer in given.items():
        question = {"STR": "type", "BOOL": "type"}.get(name, "size")
        entry = {"answer": answer, "question": question, "display_set": "d", "creator": "ada"}
        data = io.BytesIO(json.dumps([entry]).encode())
        found = list(IMPORTERS["grand_challenge"].read(data, QUESTIONS, {"unit": "mm"}))
        if name in wanted:
            assert len(found) == wanted[name], name
            assert all(isinstance(one, Imported) for one in found), name
        else:
            assert all(isinstance(one, ImportProblem) for one in found), name


@pytest.mark.parametrize(
    ("folder", "pattern", "importer"),
    [
        ("cvat_xml", "*.xml", "cvat_xml"),
        ("labelme_xml", "*.xml", "labelme"),
        ("pascal_voc", "*.xml", "pascal_voc"),
        ("nifti", "*.nii.gz", "nifti_mask"),
        ("nrrd", "*.nrrd", "nrrd_mask"),
        ("nrrd_slicer_seg", "*.nrrd", "nrrd_mask"),
    ],
)
def test_the_format_of_a_real_file_is_guessed(folder, pattern, importer):
    for path in files(folder, pattern):
        assert guess(path.read_bytes()[:HEAD], path.name)[0][0] == importer, path.name
