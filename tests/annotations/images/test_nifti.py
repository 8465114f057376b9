"""NIfTI files: what comes out is LPS in millimetres, and what is no volume is refused."""

import gzip

import nibabel as nib
import numpy as np
import pytest

from annotations.images import nifti
from annotations.images.base import ImageProblem
from tests.shared import shared

VALUES = np.arange(24, dtype=np.int16).reshape(2, 3, 4)


def file_of(values: np.ndarray, affine: np.ndarray | None = None, family: type = nib.Nifti1Image) -> bytes:
    image = family(values, np.diag([1.0, 2.0, 3.0, 1.0]) if affine is None else affine)
    image.header.set_xyzt_units("mm")
    return image.to_bytes()


@pytest.mark.parametrize("family", [nib.Nifti1Image, nib.Nifti2Image])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_right_and_front_become_left_and_back(family: type, pack: type) -> None:
    volume = nifti.read(pack(file_of(VALUES, family=family)))
    assert volume.shape == (4, 3, 2)
    assert volume.spacing_mm == (3.0, 2.0, 1.0)
    # The file counts i to the right and j to the front, so both run backwards here.
    assert volume.voxels[0, 0, 0] == VALUES[1, 2, 0]
    assert volume.voxels[3, 2, 1] == VALUES[0, 0, 3]
    assert volume.origin_mm == (-1.0, -4.0, 0.0)
    assert volume.direction == ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


def test_the_header_s_scale_reaches_the_grey_values() -> None:
    image = nib.Nifti1Image(VALUES.astype(np.float32) / 7, np.eye(4))
    image.set_data_dtype(np.int16)
    volume = nifti.read(image.to_bytes())
    grey = (volume.voxels.astype(float) * volume.slope + volume.intercept)[:, ::-1, ::-1]
    assert np.abs(grey.T - VALUES / 7).max() < 1e-3


def test_micrometres_become_millimetres() -> None:
    image = nib.Nifti1Image(VALUES, np.diag([500.0, 500.0, 500.0, 1.0]))
    image.header.set_xyzt_units("micron")
    assert nifti.read(image.to_bytes()).spacing_mm == (0.5, 0.5, 0.5)


def test_a_fourth_axis_of_one_is_no_obstacle() -> None:
    assert nifti.read(file_of(VALUES[..., None])).shape == (4, 3, 2)


def unplaced() -> bytes:
    image = nib.Nifti1Image(VALUES, None)
    image.header["sform_code"] = image.header["qform_code"] = 0
    return image.to_bytes()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-nifti"),
        (b"\x89PNG" + bytes(500), "not-nifti"),
        (file_of(np.stack([VALUES, VALUES], axis=-1)), "not-a-volume"),
        (file_of(VALUES[0]), "not-a-volume"),
        (unplaced(), "no-orientation"),
        (file_of(VALUES)[:-5], "cut"),
        (gzip.compress(file_of(VALUES), mtime=0)[:-20], "cut"),
        (b"\x1f\x8bnot gzip at all", "broken-gzip"),
    ],
)
def test_what_is_no_placed_volume_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(ImageProblem) as refusal:
        nifti.read(content)
    assert refusal.value.code == code


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nifti, "MAX_BYTES", 10_000)
    with pytest.raises(ImageProblem) as refusal:
        nifti.read(gzip.compress(bytes(1_000_000)))
    assert refusal.value.code == "too-large"


def test_real_files_lie_as_nibabel_says() -> None:
    paths = sorted(shared("data/nifti_samples").rglob("*.nii*"))
    assert paths
    for path in paths:
        image = nib.load(path)
        if len(image.shape) != 3:
            continue
        volume = nifti.read(path.read_bytes())
        closest = nib.as_closest_canonical(image)  # to the right, the front and the head
        expected = np.asarray(closest.dataobj)[::-1, ::-1].T
        grey = volume.voxels * volume.slope + volume.intercept
        assert np.abs(grey - expected).max() <= volume.slope * 0.5 + 1e-3, path.name
        assert volume.spacing_mm == pytest.approx(tuple(closest.header.get_zooms()[::-1]), rel=1e-5)
