"""Where an image lies, and which DICOM instance each of its planes is."""

import io

import numpy as np
import pydicom
import pytest

from annotations.images import dicom, nrrd
from annotations.images.base import ImageProblem
from tests.annotations.images import dicom_files as made


@pytest.mark.parametrize("plane", [made.AXIAL, made.CORONAL, made.SAGITTAL])
@pytest.mark.parametrize("backwards", [False, True])
def test_each_plane_knows_its_instance(plane, backwards):
    files = made.slices(plane, shift=7.5)
    volume = dicom.read([dicom.header_of(lambda f=f: io.BytesIO(f)) for f in (files[::-1] if backwards else files)])
    slices = volume.slices
    by_uid = {str(one.SOPInstanceUID): one for one in (pydicom.dcmread(io.BytesIO(f)) for f in files)}
    assert len(set(slices.instances)) == len(files) == volume.voxels.shape[slices.axis]
    assert set(slices.frames) == {None}
    by_bytes = {str(pydicom.dcmread(io.BytesIO(f)).SOPInstanceUID): f for f in files}
    for index, uid in enumerate(slices.instances):
        source = by_uid[uid]
        assert slices.classes[index] == source.SOPClassUID
        assert sorted(volume.voxels.take(index, axis=slices.axis).ravel()) == sorted(
            dicom.read_bytes(by_bytes[uid]).voxels.ravel()
        )
        # The plane lies where the volume says: along the axis of the planes, in millimetres.
        along = np.array(volume.direction[2 - slices.axis])
        place = np.array(volume.origin_mm) + along * volume.spacing_mm[slices.axis] * index
        assert along @ np.array(source.ImagePositionPatient, dtype=float) == pytest.approx(along @ place)


def test_a_nrrd_volume_lies_where_its_header_says():
    header = (
        "NRRD0004\ntype: short\ndimension: 3\nspace: right-anterior-superior\nsizes: 2 3 4\n"
        "space directions: (2,0,0) (0,3,0) (0,0,4)\nspace origin: (10,20,30)\nendian: little\nencoding: raw\n\n"
    )
    values = np.arange(24, dtype="<i2")
    volume = nrrd.read(header.encode() + values.tobytes())
    assert volume.is_placed
    assert (volume.shape, volume.spacing_mm) == ((4, 3, 2), (4.0, 3.0, 2.0))
    # RAS indices run against LPS: the last voxel of x and y becomes the first.
    assert volume.origin_mm == (-12.0, -26.0, 30.0)
    assert volume.voxels[0, 0, 0] == values.reshape(4, 3, 2)[0, 2, 1]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"NRRD0004\ntype: short\ndimension: 3\nsizes: 99999 99999 99999\nencoding: raw\n\n", "too-large"),
        (b"NRRD0004\ntype: short\ndimension: 2\nsizes: 1 1\nencoding: raw\n\n\0\0", "not-a-volume"),
        (b"NRRD0004\ntype: short\ndimension: 3\nsizes: 1 1 1\nencoding: raw\ndata file: /etc/passwd\n\n", "detached"),
        (b"NRRD0004\ntype: short\ndimension: 3\nsizes: 1 1 1\nencoding: raw\n\n\0\0", "not-a-volume"),
    ],
)
def test_a_nrrd_file_that_is_no_volume_is_refused(content, code):
    with pytest.raises(ImageProblem) as caught:
        nrrd.read(content)
    assert caught.value.code == code
