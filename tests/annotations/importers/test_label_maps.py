"""NIfTI and NRRD label maps: one mask a number, on the patient's axes."""

import gzip
import io
import json

import numpy as np
import pytest

from annotations.importers import nifti_mask, nrrd_mask
from annotations.importers.base import Imported, ImportProblem
from annotations.labels.base import Geometry
from annotations.registry import parse_label
from tests.annotations.importers.samples import AFFINE, MAP, QUESTIONS, VOLUME, nifti, nrrd

GRID = (6, 5, 4)  # z, y, x


def read(importer, data, options=MAP):
    return list(importer.SPEC.read(io.BytesIO(data), QUESTIONS, options))


def masks(found):
    regions = [one for one in found if isinstance(one, Imported) and one.question == "region"]
    return {one.mark: parse_label(one.value, "mask", {}, Geometry(GRID, None)).array() for one in regions}


def refused(importer, data, options=MAP):
    with pytest.raises(ImportProblem) as refusal:
        read(importer, data, options)
    return refusal.value.code


BOTH = [
    (nifti_mask, nifti()),
    (nifti_mask, nifti(packed=False)),
    (nrrd_mask, nrrd()),
    (nrrd_mask, nrrd(encoding="raw")),
]


@pytest.mark.parametrize(("importer", "data"), BOTH)
def test_each_number_is_a_mask_in_its_place(importer, data):
    found = read(importer, data)
    assert [(one.line, one.case, one.question, one.mark) for one in found] == [
        (1, "scan-01", "region", "1"),
        (1, "scan-01", "type", "1"),
        (2, "scan-01", "region", "2"),
        (2, "scan-01", "type", "2"),
    ]
    for mark, mask in masks(found).items():
        assert (mask == (int(mark) == VOLUME.T)).all()
    assert found[0].spacing_mm == pytest.approx((2.0, 0.75, 0.5))


def test_other_axes_in_the_file_are_the_same_place_in_the_patient():
    # Stored from right to left and from head to foot, with the axes in another order.
    stored = np.ascontiguousarray(VOLUME[::-1, :, ::-1].transpose(2, 0, 1))
    affine = np.eye(4)
    affine[:3, :3] = [[0, 0.5, 0], [0, 0, -0.75], [-2.0, 0, 0]]
    assert {mark: mask.tolist() for mark, mask in masks(read(nifti_mask, nifti(stored, affine))).items()} == {
        mark: mask.tolist() for mark, mask in masks(read(nifti_mask, nifti())).items()
    }
    fields = {"space": "right-anterior-superior", "space directions": "(0,0,-2) (0.5,0,0) (0,-0.75,0)"}
    assert (masks(read(nrrd_mask, nrrd(stored, fields=fields)))["2"] == (VOLUME.T == 2)).all()


def test_names_give_categories_and_an_unnamed_number_is_refused():
    found = read(nifti_mask, nifti(), {**MAP, "labels": "1=mass, 2=cyst"})
    assert [one.value["code"] for one in found[1::2]] == ["mass", "cyst"]
    found = read(nifti_mask, nifti(), {**MAP, "labels": "1=mass"})
    assert [one.code for one in found if isinstance(one, ImportProblem)] == ["unknown-label"]


def test_all_numbers_together_are_one_mask_without_a_mark():
    (found,) = read(nifti_mask, nifti(), {"reader": "ada", "question": "region", "case": "c", "together": "yes"})
    assert found.mark == ""
    assert (masks([found])[""] == (VOLUME.T > 0)).all()
    found = read(nifti_mask, nifti(), {**MAP, "one_answer": "yes"})
    assert [one.code for one in found if isinstance(one, ImportProblem)] == ["several-labels"]


def test_an_empty_map_finds_nothing():
    (found,) = read(nifti_mask, nifti(np.zeros((4, 5, 6), dtype=np.uint8)))
    assert found.value == {"kind": "nothing_found"}


def test_numbers_that_passed_through_floats_come_back_and_probabilities_do_not():
    whole = VOLUME.astype(np.float32)
    assert (masks(read(nifti_mask, nifti(whole)))["2"] == (VOLUME.T == 2)).all()
    assert (masks(read(nrrd_mask, nrrd(whole)))["2"] == (VOLUME.T == 2)).all()
    shares = whole * np.float32(0.4)
    assert refused(nifti_mask, nifti(shares)) == "not-a-label-map"
    assert refused(nrrd_mask, nrrd(shares)) == "not-a-label-map"
    assert refused(nifti_mask, nifti(np.full((2, 2, 2), 0.5, dtype=np.float32))) == "not-a-label-map"


def test_a_picture_is_no_label_map():
    grey = np.arange(-60, 60, dtype=np.int16).reshape(4, 5, 6)
    assert refused(nrrd_mask, nrrd(grey)) == "not-a-label-map"
    many = np.arange(600, dtype=np.int16).reshape(10, 10, 6)
    assert refused(nifti_mask, nifti(many)) == "not-a-label-map"


def test_a_header_that_promises_more_than_the_file_holds_allocates_nothing():
    plain = bytearray(nifti(packed=False))
    plain[42:48] = np.array([30000, 30000, 30000], dtype="<i2").tobytes()
    assert refused(nifti_mask, bytes(plain)) == "too-large"
    plain[42:48] = np.array([300, 300, 300], dtype="<i2").tobytes()
    assert refused(nifti_mask, bytes(plain)) == "cut"
    assert refused(nrrd_mask, nrrd(fields={"sizes": "99999 99999 99999"})) == "too-large"
    assert refused(nrrd_mask, nrrd(fields={"sizes": "40 50 60"})) == "cut"


def test_a_bomb_of_gzip_is_not_unpacked():
    bomb = nrrd(encoding="raw").partition(b"\n\n")[0].replace(b"encoding: raw", b"encoding: gzip") + b"\n\n"
    assert refused(nrrd_mask, bomb + gzip.compress(bytes(2**24))) == "cut"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"data file": "/etc/passwd"}, "detached"),
        ({"datafile": "../secret.raw"}, "detached"),
        ({"space": "scanner-xyz"}, "no-orientation"),
        ({"type": "block"}, "bad-header"),
        ({"encoding": "bzip2"}, "unsupported-encoding"),
        ({"space directions": "(0,0,0) (0,1,0) (0,0,1)"}, "no-orientation"),
        ({"space directions": "(nan,0,0) (0,1,0) (0,0,1)"}, "no-orientation"),
        ({"space directions": "(1,0,0) (0,1,0)"}, "bad-header"),
        ({"dimension": "4"}, "bad-header"),
        ({"byte skip": "100"}, "bad-header"),
    ],
)
def test_bad_headers_are_refused(fields, code):
    assert refused(nrrd_mask, nrrd(fields=fields)) == code


def test_segments_that_overlap_lie_in_layers():
    layers = np.zeros((2, 4, 5, 6), dtype=np.uint8)
    layers[0, 1, 1, 1] = layers[1, 1, 1, 1] = 1
    layers[1, 2, 2, 2] = 3
    fields = {"space directions": "none (0.5,0,0) (0,0.75,0) (0,0,2)", "kinds": "list domain domain domain"}
    keys = {
        "Segment0_Name": "mass", "Segment0_LabelValue": "1", "Segment0_Layer": "0",
        "Segment1_Name": "cyst", "Segment1_LabelValue": "1", "Segment1_Layer": "1",
        "Segment2_Name": "benign", "Segment2_LabelValue": "3", "Segment2_Layer": "1",
    }  # fmt: skip
    found = read(nrrd_mask, nrrd(layers, fields=fields, keys=keys))
    assert [(one.mark, one.value["code"]) for one in found[1::2]] == [
        ("1.1", "mass"),
        ("2.1", "cyst"),
        ("2.3", "benign"),
    ]
    assert masks(found)["2.3"][2, 2, 2]
    assert masks(found)["1.1"].sum() == masks(found)["2.1"].sum() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"case": ""}, "missing-option"),
        ({"question": "outline"}, "wrong-question"),
        ({"labels": "one=mass"}, "bad-option"),
        ({"together": "maybe"}, "bad-option"),
    ],
)
def test_options_are_checked(change, code):
    assert refused(nifti_mask, nifti(), {**MAP, **change}) == code


def test_the_affine_is_needed():
    lost = bytearray(nifti(VOLUME, AFFINE, packed=False))
    lost[252:256] = bytes(4)  # qform_code and sform_code
    assert refused(nifti_mask, bytes(lost)) == "no-orientation"


def test_voxels_may_be_written_as_text():
    head = nrrd(encoding="ascii").partition(b"\n\n")[0] + b"\n\n"
    numbers = " ".join(str(number) for number in VOLUME.ravel(order="F"))
    assert (masks(read(nrrd_mask, head + numbers.encode()))["2"] == (VOLUME.T == 2)).all()
    for bad in ("nan", "300", "x"):
        assert refused(nrrd_mask, head + numbers.replace("2", bad, 1).encode()) == "not-a-number"
    assert refused(nrrd_mask, head + numbers[:-2].encode()) == "cut"


@pytest.mark.parametrize("is_wrapped", [True, False])
def test_mitk_names_its_labels_in_groups(is_wrapped):
    """As the multilabel segmentations of MITK have them: properties as they are, or with their type."""
    name = {"type": "StringProperty", "value": "benign"} if is_wrapped else "benign"
    groups = [{"labels": [{"name": name, "value": 1}, {"name": "malignant", "value": 2}]}]
    key = "org.mitk.multilabel.segmentation.labelgroups"
    assert codes_of(nrrd(keys={key: json.dumps(groups)})) == ["benign", "malignant"]
    assert codes_of(nrrd(keys={key: "[[{"})) == codes_of(nrrd())


def codes_of(data):
    return [one.value["code"] for one in read(nrrd_mask, data) if one.question == "type"]
