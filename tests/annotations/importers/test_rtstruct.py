"""Structure sets: lines in the patient become voxels of the case's image, or are refused with the reason."""

import io

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from annotations.importers._guess import guess
from annotations.importers.base import Imported, ImportProblem, Lies
from annotations.importers.rtstruct import read
from annotations.labels import _runs
from annotations.placing import Ground, traced
from annotations.submission import AnswerProblem
from tests.annotations.importers.rtstruct_made import square_on, structure_set
from tests.annotations.importers.seg_made import AXES, ORIGIN, SHAPE, SPACING
from tests.shared import shared

ASKED = {"lesion": "mask", "type": "category", "outline": "polygon"}
OPTIONS = {"case": "c1", "reader": "r1", "question": "lesion"}
GROUND = Ground(SHAPE, Lies(ORIGIN, AXES, SPACING))


def answers(data, **options):
    return list(read(io.BytesIO(data), ASKED, {**OPTIONS, **options}))


def on_image(one, ground=GROUND):
    label = traced(one.contours, ground)
    return _runs.decode(label["runs"], ground.shape)


def refusal(one, ground=GROUND):
    with pytest.raises(AnswerProblem) as caught:
        traced(one.contours, ground)
    return caught.value.code


def test_lines_become_the_voxels_whose_centres_they_hold_and_a_line_within_is_a_hole():
    outer, inner = square_on(2, 3.5, 12.5, 4.5, 20.5), square_on(2, 6.5, 8.5, 9.5, 11.5)
    (one,) = answers(structure_set({"GTV": [outer, inner, square_on(3, 3.5, 5.5, 4.5, 6.5)]}))
    wanted = np.zeros(SHAPE, dtype=bool)
    wanted[2, 4:13, 5:21] = True
    wanted[2, 7:9, 10:12] = False
    wanted[3, 4:6, 5:7] = True
    assert (one.case, one.reader, one.mark, one.line) == ("c1", "r1", "1", 1)
    assert np.array_equal(on_image(one), wanted)


def test_lines_drawn_on_sagittal_planes_are_met_in_the_patient():
    """Points (x, y, z) of a square_on on the plane x = 7 of the phantom."""
    at = np.array([(7, y, z) for y, z in ((1.5, 0.5), (6.5, 0.5), (6.5, 3.5), (1.5, 3.5))])
    line = at * SPACING[::-1] + ORIGIN
    (one,) = answers(structure_set({"GTV": [line]}))
    wanted = np.zeros(SHAPE, dtype=bool)
    wanted[1:4, 2:7, 7] = True
    assert np.array_equal(on_image(one), wanted)


def test_an_image_whose_axes_are_turned_is_met_too():
    turn = np.array([[0.8, 0.6, 0.0], [-0.6, 0.8, 0.0], [0.0, 0.0, 1.0]])
    at = np.array([(3.5, 2.5, 1), (9.5, 2.5, 1), (9.5, 5.5, 1), (3.5, 5.5, 1)])
    (one,) = answers(structure_set({"GTV": [at * SPACING[::-1] @ turn + ORIGIN]}))
    wanted = np.zeros(SHAPE, dtype=bool)
    wanted[1, 3:6, 4:10] = True
    assert np.array_equal(on_image(one, Ground(SHAPE, Lies(ORIGIN, tuple(map(tuple, turn)), SPACING))), wanted)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([square_on(2.4, 3.5, 9.5, 4.5, 9.5)], "between"),
        ([square_on(9, 3.5, 9.5, 4.5, 9.5)], "outside"),
        ([square_on(2, 3.5, 9.5, 4.5, 40.5)], "outside"),
        ([np.add(square_on(2, 3.5, 9.5, 4.5, 9.5), [[0, 0, 0], [0, 0, 0], [0, 9, 9], [0, 9, 9]])], "turned"),
    ],
)
def test_what_does_not_fit_the_image_is_refused(lines, code):
    (one,) = answers(structure_set({"GTV": lines}))
    assert refusal(one) == code


def test_lines_for_thicker_slices_are_no_comb():
    thin = Ground((20, *SHAPE[1:]), Lies(ORIGIN, AXES, (SPACING[0] / 2, *SPACING[1:])))
    (one,) = answers(structure_set({"GTV": [square_on(z, 3.5, 9.5, 4.5, 9.5) for z in range(5)]}))
    assert refusal(one, thin) == "sparse"
    assert on_image(one)[:5].any(axis=(1, 2)).all()


def test_an_image_without_a_place_cannot_be_drawn_on():
    (one,) = answers(structure_set({"GTV": [square_on(2, 3.5, 9.5, 4.5, 9.5)]}))
    assert refusal(one, Ground(SHAPE, None)) == "no-place"


def test_structures_are_chosen_and_renamed():
    line = square_on(2, 3.5, 9.5, 4.5, 9.5)
    data = structure_set({"BODY": [line], "GTV": [line], "Heart": [line]})
    found = answers(data, structures="GTV=tumour, Heart, Liver", category_question="type")
    problem, *said = found
    assert (problem.code, problem.column) == ("no-structure", "structures")
    assert [one.value.get("code", len(one.contours)) for one in said] == [1, "tumour", 1, "Heart"]
    assert [one.mark for one in said] == ["2", "2", "3", "3"]
    first, *rest = answers(data, one_answer="yes")
    assert (first.mark, {one.code for one in rest}) == ("", {"several-labels"})


def broken(change):
    dataset = dcmread(io.BytesIO(structure_set({"GTV": [square_on(2, 3.5, 9.5, 4.5, 9.5)]})))
    change(dataset)
    stream = io.BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


def line_of(dataset):
    return dataset.ROIContourSequence[0].ContourSequence[0]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda dataset: setattr(line_of(dataset), "ContourGeometricType", "POINT"), "not-closed"),
        (lambda dataset: setattr(line_of(dataset), "ContourData", ["1", "2", "3", "4", "5", "6"]), "broken-contour"),
        (lambda dataset: setattr(line_of(dataset), "NumberOfContourPoints", 9), "broken-contour"),
        (lambda dataset: setattr(line_of(dataset), "ContourData", ["1e300"] * 12), "broken-contour"),
        (lambda dataset: delattr(line_of(dataset), "ContourData"), "broken-contour"),
        (lambda dataset: setattr(dataset.ROIContourSequence[0], "ContourSequence", []), "no-contours"),
    ],
)
def test_a_broken_structure_is_a_problem_of_its_own(change, code):
    (problem,) = answers(broken(change))
    assert (problem.code, problem.line, problem.column) == (code, 1, "GTV")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"GTV", "not-dicom"),
        (broken(lambda dataset: setattr(dataset, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.2")), "not-a-structure-set"),
        (broken(lambda dataset: delattr(dataset, "StructureSetROISequence")), "broken-structure-set"),
        (broken(lambda dataset: setattr(dataset, "StructureSetROISequence", [])), "broken-structure-set"),
    ],
)
def test_what_is_no_structure_set_is_refused_whole(data, code):
    with pytest.raises(ImportProblem) as caught:
        answers(data)
    assert caught.value.code == code


def test_a_question_of_outlines_is_refused():
    with pytest.raises(ImportProblem) as caught:
        answers(structure_set({"GTV": []}), question="outline")
    assert (caught.value.code, caught.value.column) == ("wrong-question", "question")


def test_the_bytes_tell_structure_sets_from_segmentations():
    assert guess(structure_set({"GTV": []}), "x")[0] == ("rtstruct", 0.95)
    assert [name for name, _ in guess(b"", "x.dcm")] == ["dicom_seg", "rtstruct", "dicom_sr"]


@pytest.mark.parametrize(
    ("name", "n_structures", "n_lines", "problems"),
    [
        ("dicompyler__dicompyler-core/tests__testdata__example_data__rtss.dcm", 9, 441, ["no-contours"]),
        ("qurit__rt-utils/tests__mock_data__rt.dcm", 1, 2, []),
        ("qurit__rt-utils/tests__mock_data__invalid_reference_rt.dcm", 4, 12, []),
    ],
)
def test_sets_that_other_tools_wrote(name, n_structures, n_lines, problems):
    found = answers((shared("formats/dicom_rtstruct") / name).read_bytes())
    taken = [one for one in found if isinstance(one, Imported)]
    assert (len(taken), sum(len(one.contours) for one in taken)) == (n_structures, n_lines)
    assert [one.code for one in found if isinstance(one, ImportProblem)] == problems


def test_a_real_heart_has_the_volume_that_its_own_lines_enclose():
    """Voxels of an image on the lines' own planes, against the shoelace formula times the distance of planes."""
    data = (
        shared("formats/dicom_rtstruct") / "dicompyler__dicompyler-core/tests__testdata__example_data__rtss.dcm"
    ).read_bytes()
    (heart,) = [one for one in answers(data, structures="Heart") if isinstance(one, Imported)]
    low = np.min([line.min(axis=0) for line in heart.contours], axis=0) - [5, 5, 0]
    spacing = (3.0, 0.8, 0.7)
    area = sum(
        abs(line[:, 0] @ np.roll(line[:, 1], -1) - line[:, 1] @ np.roll(line[:, 0], -1)) / 2 for line in heart.contours
    )
    voxels = on_image(heart, Ground((33, 300, 300), Lies(tuple(low), AXES, spacing)))
    assert voxels.sum() * np.prod(spacing) == pytest.approx(area * 3.0, rel=2e-3)


def test_the_dataset_that_pydicom_made_is_not_ours_to_mend():
    path = shared("formats/dicom_hostile_and_odd") / "pydicom__pydicom/src__pydicom__data__test_files__rtstruct.dcm"
    with pytest.raises(ImportProblem) as caught:
        answers(path.read_bytes())
    assert caught.value.code == "not-dicom"
    assert isinstance(dcmread(path, force=True), Dataset)
