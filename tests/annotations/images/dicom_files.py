"""DICOM files made for tests: an asymmetric, anisotropic phantom cut in any plane, of a patient who does not exist."""

import io

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

CANARIES = [f"CANARY{number:03}Q" for number in range(200)]
SERIES, STUDY, FRAME = "1.2.3.4.1", "1.2.3.4.2", "1.2.3.4.3"
# z, y, x: no two sizes and no two spacings are the same.
SHAPE, SPACING = (5, 7, 9), (3.0, 0.5, 0.8)


def phantom():
    """Return grey values (z, y, x) in LPS that differ everywhere and along each axis."""
    z, y, x = np.indices(SHAPE)
    return (100 * z + 10 * y + x - 200).astype(np.int16)


AXIAL = ((1, 0, 0), (0, 1, 0))
CORONAL = ((1, 0, 0), (0, 0, -1))
SAGITTAL = ((0, 1, 0), (0, 0, -1))


def slices(plane=AXIAL, *, shift=0.0, tilt=0.0, angle=0.0):
    """Return one file a slice of the phantom, cut in a plane; ``tilt`` shifts each slice within its plane (mm)."""
    volume, steps = phantom(), np.array(SPACING[::-1])
    along_rows, along_columns = (np.array(axis, dtype=float) for axis in plane)
    normal = np.cross(along_rows, along_columns)
    turn = rotation(angle)
    axes = [int(np.flatnonzero(axis)[0]) for axis in (normal, along_columns, along_rows)]
    # Indices (x, y, z) of the array axes [slice, row, column].
    values = volume.transpose([2 - axis for axis in axes])
    flips = [slice(None, None, -1) if axis.sum() < 0 else slice(None) for axis in (normal, along_columns, along_rows)]
    values = values[tuple(flips)]
    corner = sum(
        (np.abs(axis) * steps * (volume.shape[2 - place] - 1) if axis.sum() < 0 else np.zeros(3))
        for axis, place in zip((normal, along_columns, along_rows), axes, strict=True)
    )
    files = []
    for number, plane_values in enumerate(values):
        place = corner + normal * steps[axes[0]] * number + along_rows * tilt * number
        files.append(
            file_of(
                plane_values,
                position=turn @ place + shift,
                orientation=[*(turn @ along_rows), *(turn @ along_columns)],
                spacing=[steps[axes[1]], steps[axes[2]]],
                number=number,
            )
        )
    return files


def rotation(angle):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def file_of(values, *, position, orientation, spacing, number=0, series=SERIES, **more):
    """Return the bytes of one CT slice whose patient is called by canaries."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.TransferSyntaxUID = CTImageStorage, ExplicitVRLittleEndian
    meta.MediaStorageSOPInstanceUID = f"1.2.3.5.{number + 1}"
    one = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = STUDY, series, FRAME
    one.Modality, one.Manufacturer, one.PatientSex, one.PatientAge = "CT", "Acme", "F", "093Y"
    one.Rows, one.Columns = values.shape
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.PixelRepresentation = 15, 1
    one.ImagePositionPatient = [float(part) for part in position]
    one.ImageOrientationPatient = [float(part) for part in orientation]
    one.PixelSpacing = [float(part) for part in spacing]
    one.RescaleSlope, one.RescaleIntercept = 2, -1000
    one.PixelData = np.ascontiguousarray((values.astype(np.int32) + 1000) // 2 * 1).astype("<i2").tobytes()
    canaries(one)
    for name, value in more.items():
        setattr(one, name, value)
    made = io.BytesIO()
    one.save_as(made, enforce_file_format=True)
    return made.getvalue()


def canaries(one):
    """Plant identifiers in plain, nested, private and foreign-charset places."""
    names = iter(CANARIES)
    one.SpecificCharacterSet = "ISO_IR 192"
    one.PatientName = f"{next(names)}^{next(names)}=山田^{next(names)}"
    one.PatientID, one.PatientAddress, one.PatientComments = next(names), next(names), next(names)
    one.ReferringPhysicianName, one.InstitutionName, one.StationName = next(names), next(names), next(names)
    one.AccessionNumber, one.StudyDescription, one.SeriesDescription = next(names), next(names), next(names)
    one.OtherPatientIDs, one.ImageComments = next(names), next(names)
    # A kept attribute is kept only as the short words of a machine.
    one.ContrastBolusAgent = f"{next(names)}: given by Dr. {next(names)} <call>"
    nested = Dataset()
    nested.PatientName, nested.TextValue = next(names), next(names)
    deeper = Dataset()
    deeper.PersonName = next(names)
    nested.ContentSequence = Sequence([deeper])
    one.RequestAttributesSequence = Sequence([nested])
    block = one.private_block(0x0011, "ACME " + next(names), create=True)
    for place, name in enumerate(names):
        block.add_new(place, "LO", name)
