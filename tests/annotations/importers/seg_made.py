"""Segmentation objects that tests make: an asymmetric, anisotropic phantom."""

import io

import highdicom
import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, generate_uid

SHAPE = (6, 20, 24)
SPACING = (2.5, 0.8, 0.5)
ORIGIN = (-31.0, -77.5, 101.25)
AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
ASKED = {"lesion": "mask"}
OPTIONS = {"case": "c1", "reader": "r1", "question": "lesion"}


def planes():
    """The planes of a phantom that is different in every direction."""
    made = []
    for number in range(SHAPE[0]):
        one = Dataset()
        one.SOPClassUID, one.SOPInstanceUID = CTImageStorage, generate_uid()
        one.StudyInstanceUID = one.SeriesInstanceUID = one.FrameOfReferenceUID = "1.2.3"
        for name in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID"):
            setattr(one, name, "")
        one.StudyDate = one.StudyTime = one.ReferringPhysicianName = ""
        one.PositionReferenceIndicator, one.Modality = None, "CT"
        one.Rows, one.Columns, one.PixelSpacing = SHAPE[1], SHAPE[2], [SPACING[1], SPACING[2]]
        one.SliceThickness = SPACING[0]
        one.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        one.ImagePositionPatient = [ORIGIN[0], ORIGIN[1], ORIGIN[2] + number * SPACING[0]]
        made.append(one)
    return made


def segmentation(masks, kind="BINARY", **more):
    """Write masks [segment, z, y, x] as a segmentation object."""
    code = highdicom.sr.CodedConcept("52988006", "SCT", "Lesion")
    found = highdicom.seg.Segmentation(
        source_images=planes(),
        pixel_array=np.moveaxis(np.asarray(masks), 0, -1),
        segmentation_type=kind,
        segment_descriptions=[
            highdicom.seg.SegmentDescription(number, f"Part {number}", code, code, "MANUAL")
            for number in range(1, len(masks) + 1)
        ],
        series_instance_uid=generate_uid(),
        series_number=1,
        sop_instance_uid=generate_uid(),
        instance_number=1,
        manufacturer="a test",
        manufacturer_model_name="a test",
        software_versions="1",
        device_serial_number="1",
        **more,
    )
    stream = io.BytesIO()
    found.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def phantom():
    """Two regions that overlap, off the middle in every direction."""
    masks = np.zeros((2, *SHAPE), dtype=np.uint8)
    masks[0, 1:3, 2:9, 4:21] = 1
    masks[1, 2:5, 6:18, 15:23] = 1
    return masks
