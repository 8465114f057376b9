"""Series of slices in every plane, real samples of other makers, and what must be refused."""

import io
import random

import numpy as np
import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from annotations.images import dicom
from annotations.images.base import ImageProblem
from annotations.importers.base import ImportProblem
from annotations.registry import IMPORTERS
from tests.annotations.images import dicom_files as made
from tests.annotations.importers.samples import QUESTIONS
from tests.annotations.importers.samples import SAMPLES as FILES
from tests.shared import shared


def headers(files):
    return [dicom.header_of(lambda one=one: io.BytesIO(one)) for one in files]


def grey(volume):
    return volume.voxels * volume.slope + volume.intercept


# The scanner keeps every second grey value.
EXPECTED = made.phantom().astype(float) // 2 * 2


@pytest.mark.parametrize("plane", [made.AXIAL, made.CORONAL, made.SAGITTAL], ids=["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("order", ["as made", "backwards", "shuffled"])
def test_a_series_in_any_plane_and_order_is_the_same_volume(plane, order):
    files = made.slices(plane)
    if order == "backwards":
        files.reverse()
    elif order == "shuffled":
        random.Random(3).shuffle(files)  # noqa: S311
    volume = dicom.read(headers(files))
    assert volume.shape == made.SHAPE
    assert volume.spacing_mm == pytest.approx(made.SPACING)
    assert np.array_equal(grey(volume), EXPECTED)
    assert volume.origin_mm == pytest.approx((0, 0, 0))
    assert np.allclose(volume.direction, np.eye(3))


def test_an_oblique_series_keeps_its_axes_and_its_place():
    volume = dicom.read(headers(made.slices(angle=0.2, shift=7.0)))
    assert np.array_equal(grey(volume), EXPECTED)
    assert volume.direction[0] == pytest.approx((np.cos(0.2), np.sin(0.2), 0))
    assert volume.origin_mm == pytest.approx((7, 7, 7))


def test_feet_first_is_turned_so_that_left_stays_left():
    volume = dicom.read(headers(made.slices(((-1, 0, 0), (0, 1, 0)))))
    assert np.array_equal(grey(volume), EXPECTED)


def refusal(files):
    with pytest.raises(ImageProblem) as caught:
        dicom.read(headers(files))
    return caught.value.code


def slice_of(**more):
    given = {"position": (0, 0, 0), "orientation": (1, 0, 0, 0, 1, 0), "spacing": (1, 1), **more}
    return made.file_of(np.zeros((4, 4), dtype=np.int16), **given)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ([*made.slices(), made.slices()[1]], "double-slices"),
        ([one for place, one in enumerate(made.slices()) if place != 2], "missing-slices"),
        (made.slices(tilt=0.9), "gantry-tilt"),
        ([slice_of(), slice_of(series="1.9", position=(0, 0, 1))], "mixed-series"),
        ([slice_of(), slice_of(position=(0, 0, 1), orientation=(1, 0, 0, 0, 0, 1))], "not-parallel"),
        ([slice_of(), made.slices()[3]], "mixed-sizes"),
        ([slice_of(), slice_of(ImagePositionPatient=None)], "no-positions"),
        ([], "no-files"),
    ],
    ids=["double", "missing", "tilt", "series", "parallel", "sizes", "positions", "none"],
)
def test_what_cannot_be_shown_truly_is_refused(files, code):
    assert refusal(files) == code


def test_the_number_of_missing_slices_is_said():
    files = made.slices()
    with pytest.raises(ImageProblem, match="2 slices are missing"):
        dicom.read(headers([files[0], files[1], *files[4:], made.file_of(
            np.zeros(made.SHAPE[1:], dtype=np.int16),
            position=(0, 0, 15), orientation=(1, 0, 0, 0, 1, 0), spacing=(0.5, 0.8), number=9,
        ), made.file_of(
            np.zeros(made.SHAPE[1:], dtype=np.int16),
            position=(0, 0, 18), orientation=(1, 0, 0, 0, 1, 0), spacing=(0.5, 0.8), number=10,
        )]))  # fmt: skip


def test_a_picture_without_spacing_states_none():
    one = made.file_of(
        made.phantom()[0], position=(0, 0, 0), orientation=(1, 0, 0, 0, 1, 0), spacing=(1, 1),
        PixelSpacing=None, ImagePositionPatient=None, ImageOrientationPatient=None,
        PhotometricInterpretation="MONOCHROME1",
    )  # fmt: skip
    volume = dicom.read_bytes(one)
    assert volume.spacing_mm is None
    assert np.array_equal(grey(volume)[0], -EXPECTED[0])
    assert "MONOCHROME1" in volume.notes[0]


@pytest.mark.parametrize(
    "content",
    [b"", b"DICM", b"\0" * 200, b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM" + b"\xff" * 400],
    ids=["empty", "short", "zeros", "bare", "noise"],
)
def test_no_dicom_is_no_crash(content):
    with pytest.raises(ImageProblem):
        dicom.read_bytes(content)


def test_a_header_that_promises_a_giant_is_refused_before_a_voxel_is_read():
    one = made.file_of(
        made.phantom()[0], position=(0, 0, 0), orientation=(1, 0, 0, 0, 1, 0), spacing=(1, 1),
        Rows=65_535, Columns=65_535, NumberOfFrames=1000,
    )  # fmt: skip
    with pytest.raises(ImageProblem) as caught:
        dicom.read_bytes(one)
    assert caught.value.code == "too-large"


def test_mutated_files_are_read_or_refused():
    """A thousand seeded mutations: nothing but a domain error."""
    generator = np.random.Generator(np.random.PCG64(1))
    good = made.slices()[0]
    outcomes = {"read": 0, "refused": 0}
    for _ in range(1000):
        bad = bytearray(good)
        for _ in range(int(generator.integers(1, 6))):
            place = int(generator.integers(128, len(bad)))
            if generator.random() < 0.2:
                del bad[place:]
                break
            bad[place] = int(generator.integers(0, 256))
        try:
            dicom.read_bytes(bytes(bad))
        except ImageProblem:
            outcomes["refused"] += 1
        else:
            outcomes["read"] += 1
    assert sum(outcomes.values()) == 1000
    assert min(outcomes.values()) > 50


SAMPLES = {
    "CT_small.dcm": ((1, 128, 128), 0.661468),
    "MR_small.dcm": ((1, 64, 64), 0.3125),
    "RG1_J2KI.dcm": ((1, 1955, 1841), None),
    "US1_J2KR.dcm": ((1, 480, 640), None),
    "eCT_Supplemental.dcm": ((2, 512, 512), 0.388672),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_real_samples_have_their_sizes_and_spacings(name):
    content = (shared("data/dicom_samples_pydicom") / name).read_bytes()
    volume = dicom.read_bytes(content)
    shape, spacing = SAMPLES[name]
    assert volume.shape == shape
    assert (volume.spacing_mm and volume.spacing_mm[2]) == (
        None if spacing is None else pytest.approx(spacing, abs=1e-5)
    )


def test_every_odd_file_is_read_or_refused_with_a_reason():
    found = {}
    for path in sorted(shared("formats/dicom_hostile_and_odd").rglob("*.dcm")):
        try:
            dicom.read_bytes(path.read_bytes())
        except ImageProblem as problem:
            found.setdefault(problem.code, []).append(path.name)
            assert problem.message.endswith(".")
        else:
            found.setdefault("read", []).append(path.name)
    assert len(found["read"]) >= 24
    assert {"no-image", "cannot-decode", "cut", "not-dicom"} <= set(found)


@pytest.mark.parametrize("cut", [400, 1200])
def test_a_deflated_file_that_ends_early_is_refused_and_no_crash(cut):
    """Found by the campaign of damaged files: the unpacking broke off before the reading did."""
    dataset = pydicom.dcmread(io.BytesIO(made.slices()[0]))
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    whole = stream.getvalue()
    assert dicom.read_bytes(whole).shape[0] == 1
    for damaged in (whole[: min(cut, len(whole) - 9)], whole[:-40] + b"\xff" * 40):
        with pytest.raises(ImageProblem):
            dicom.read_bytes(damaged)
        for name in ("dicom_seg", "rtstruct", "dicom_sr"):
            sample = next(one for one in FILES if one.importer == name)
            with pytest.raises(ImportProblem):
                list(IMPORTERS[name].read(io.BytesIO(damaged), QUESTIONS, sample.options))
