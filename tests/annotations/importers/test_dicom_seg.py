"""Segmentation objects: put where they lie, by millimetres; refused where they would have to be resampled or lost."""

import io
from dataclasses import replace

import highdicom
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import CTImageStorage

from annotations.importers._guess import guess
from annotations.importers.base import Imported, ImportProblem, Lies
from annotations.importers.dicom_seg import read
from annotations.labels import _runs
from annotations.placing import Ground, placed
from annotations.submission import AnswerProblem
from tests.annotations.importers.seg_made import ASKED, AXES, OPTIONS, ORIGIN, SHAPE, SPACING, phantom, segmentation
from tests.shared import shared


def answers(data, **options):
    return list(read(io.BytesIO(data), ASKED, {**OPTIONS, **options}))


GROUND = Ground(SHAPE, Lies(ORIGIN, AXES, SPACING))


def on_image(found, ground=GROUND):
    label = placed(found.value, found.lies, ground)
    return _runs.decode(label["runs"], tuple(label["shape"]))


@pytest.mark.parametrize("omits", [True, False])
def test_overlapping_segments_come_back_voxel_by_voxel(omits):
    masks = phantom()
    found = answers(segmentation(masks, omit_empty_frames=omits))
    assert [(one.case, one.reader, one.mark, one.line) for one in found] == [("c1", "r1", "1", 1), ("c1", "r1", "2", 2)]
    for one, mask in zip(found, masks, strict=True):
        assert np.array_equal(on_image(one), mask.astype(bool))


def test_a_segment_that_leaves_planes_out_keeps_their_distance():
    masks = phantom()[:1]
    masks[0, 2] = 0
    masks[0, 3, 4:6, 5:7] = masks[0, 5, 4:6, 5:7] = 1
    (one,) = answers(segmentation(masks))
    assert np.array_equal(on_image(one), masks[0].astype(bool))


def test_a_segment_of_one_plane_is_put_on_it():
    masks = phantom()[:1]
    masks[0, 2:] = 0
    (one,) = answers(segmentation(masks))
    assert np.array_equal(on_image(one), masks[0].astype(bool))


def test_segments_together_are_one_mask():
    (one,) = answers(segmentation(phantom()), together="yes")
    assert np.array_equal(on_image(one), phantom().any(axis=0))


def test_a_fractional_segment_needs_a_threshold_and_takes_it():
    shares = phantom()[:1].astype(np.float64)
    shares[0, 1, 2] *= 0.25
    data = segmentation(shares, kind="FRACTIONAL")
    with pytest.raises(ImportProblem) as caught:
        answers(data)
    assert (caught.value.code, caught.value.column) == ("fractional", "threshold")
    (half,) = answers(data, threshold="0.5")
    assert np.array_equal(on_image(half), shares[0] >= 0.5)
    (quarter,) = answers(data, threshold="0.2")
    assert np.array_equal(on_image(quarter), shares[0] > 0)


def test_an_image_that_begins_elsewhere_is_met_in_the_patient():
    """The same segmentation, its planes written from head to foot: positions decide, not the order."""
    data = segmentation(phantom()[:1])
    dataset = dcmread(io.BytesIO(data))
    assert [
        frame.PlanePositionSequence[0].ImagePositionPatient[2] for frame in dataset.PerFrameFunctionalGroupsSequence
    ]
    (one,) = answers(data)
    further = Lies((ORIGIN[0] - 2 * SPACING[2], ORIGIN[1], ORIGIN[2] - SPACING[0]), AXES, SPACING)
    wide = Ground((8, 20, 30), further)
    expected = np.zeros(wide.shape, dtype=bool)
    expected[1:7, :, 2:26] = phantom()[0]
    assert np.array_equal(on_image(one, wide), expected)


@pytest.mark.parametrize(
    ("lies", "code"),
    [
        (Lies((ORIGIN[0] + 0.25, *ORIGIN[1:]), AXES, SPACING), "between"),
        (Lies(ORIGIN, AXES, (2.5, 0.8, 0.6)), "spacing-mismatch"),
        (Lies(ORIGIN, ((0.6, 0.8, 0.0), (-0.8, 0.6, 0.0), (0.0, 0.0, 1.0)), SPACING), "turned"),
        (Lies((ORIGIN[0] + 20 * SPACING[2], *ORIGIN[1:]), AXES, SPACING), "outside"),
        (None, "no-place"),
    ],
)
def test_what_would_have_to_be_resampled_or_cut_is_refused(lies, code):
    (one,) = answers(segmentation(phantom()[:1]))
    shape = SHAPE if lies is not None else (9, 9, 9)
    with pytest.raises(AnswerProblem) as caught:
        placed(one.value, one.lies, Ground(shape, lies))
    assert caught.value.code == code


def test_without_a_place_a_grid_of_the_same_shape_is_taken_as_it_is():
    (one,) = answers(segmentation(phantom()[:1], omit_empty_frames=False))
    assert np.array_equal(on_image(one, Ground(SHAPE, None)), phantom()[0].astype(bool))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda dataset: dataset.__setattr__("SOPClassUID", CTImageStorage), "not-a-segmentation"),
        (lambda dataset: dataset.__delattr__("Rows"), "broken-segmentation"),
        (lambda dataset: dataset.__setattr__("NumberOfFrames", 2**30), "too-large"),
        (lambda dataset: dataset.__delattr__("SegmentSequence"), "broken-segmentation"),
        (lambda dataset: dataset.__setattr__("PixelData", b"\x00"), "not-a-volume"),
        (lambda dataset: dataset.PerFrameFunctionalGroupsSequence.clear(), "no-positions"),
    ],
)
def test_what_is_no_segmentation_is_refused_with_a_reason(change, code):
    dataset = dcmread(io.BytesIO(segmentation(phantom())))
    change(dataset)
    stream = io.BytesIO()
    dataset.save_as(stream)
    with pytest.raises(ImportProblem) as caught:
        answers(stream.getvalue())
    assert caught.value.code == code


@pytest.mark.parametrize("data", [b"", b"DICM", b"\x00" * 200, b"\x00" * 128 + b"DICM" + b"\xff" * 64])
def test_bytes_that_are_no_dicom_are_refused(data):
    with pytest.raises(ImportProblem):
        answers(data)


def test_a_segmentation_is_known_by_its_bytes():
    data = segmentation(phantom())
    assert guess(data, "x")[0] == ("dicom_seg", 0.95)
    assert guess(b"", "x.dcm")[0] == ("dicom_seg", 0.3)


# File, segments, marked voxels of each as highdicom counts them, or the code of the refusal.
REAL = [
    ("ImagingDataCommons__highdicom/data__test_files__seg_image_ct_binary_single_frame.dcm", {}),
    ("ImagingDataCommons__highdicom/data__test_files__seg_image_ct_binary_fractional.dcm", {"threshold": "0.5"}),
    ("ImagingDataCommons__highdicom/data__test_files__seg_image_ct_true_fractional.dcm", {"threshold": "0.5"}),
    ("QIICR__dcmqi/data__segmentations__partial_overlaps.dcm", {}),
]


@pytest.mark.parametrize(("name", "options"), REAL)
def test_real_objects_have_the_voxels_that_their_library_counts(name, options):
    path = shared("formats/dicom_seg") / name
    found = [one for one in answers(path.read_bytes(), **options) if isinstance(one, Imported) and "runs" in one.value]
    library = highdicom.seg.segread(path)
    counted = {}
    for number in library.segment_numbers:
        values = library.get_volume(segment_numbers=[number]).array
        counted[str(number)] = int((values >= 0.5).sum())
    assert {one.mark: int(_runs.decode(one.value["runs"], tuple(one.value["shape"])).sum()) for one in found} == {
        mark: count for mark, count in counted.items() if count
    }


@pytest.mark.parametrize(
    "name",
    [
        "ImagingDataCommons__highdicom/data__test_files__seg_image_cr_binary.dcm",
        "ImagingDataCommons__highdicom/data__test_files__seg_image_sm_control_labelmap_palette_color.dcm",
        "ImagingDataCommons__highdicom/data__test_files__seg_image_sm_dots.dcm",
        "ImagingDataCommons__highdicom/data__test_files__seg_image_sm_dots_tiled_full.dcm",
        "QIICR__dcmqi/data__segmentations__sparse-labelmap-noppv.dcm",
        "pydicom__pydicom-data/data_store__data__liver_deflate.dcm",
        "pydicom__pydicom-data/data_store__data__liver_expb.dcm",
        "pydicom__pydicom-data/data_store__data__liver_j2k.dcm",
        "pydicom__pydicom-data/data_store__data__liver_nonbyte_aligned_deflate.dcm",
    ],
)
def test_every_other_real_object_is_taken_or_refused_in_words(name):
    path = shared("formats/dicom_seg") / name
    try:
        found = answers(path.read_bytes())
    except ImportProblem as problem:
        assert problem.message
    else:
        assert all(replace(one, line=1) for one in found)
