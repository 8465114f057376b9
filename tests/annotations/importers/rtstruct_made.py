"""Structure sets that tests make, on the grid of the phantom of segmentations."""

import io

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage

from tests.annotations.importers.seg_made import ORIGIN, SPACING


def square_on(z, top, bottom, left, right):
    """Return a square_on (4, 3) in millimetres from indices of the phantom, whole at the centres of voxels."""
    at = np.array([(left, top, z), (right, top, z), (right, bottom, z), (left, bottom, z)], dtype=float)
    return at * SPACING[::-1] + ORIGIN


def structure_set(structures):
    """Write a structure set of name to lines, each (points, 3) in millimetres."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = RTStructureSetStorage, "1.2.3.4"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = RTStructureSetStorage, "1.2.3.4"
    made.StructureSetROISequence, made.ROIContourSequence = [], []
    for number, (name, lines) in enumerate(structures.items(), start=1):
        structure, contours = Dataset(), Dataset()
        structure.ROINumber, structure.ROIName, contours.ReferencedROINumber = number, name, number
        contours.ContourSequence = []
        for line in lines:
            one = Dataset()
            one.ContourGeometricType, one.NumberOfContourPoints = "CLOSED_PLANAR", len(line)
            one.ContourData = [f"{value:.6f}" for value in np.ravel(line)]
            contours.ContourSequence.append(one)
        made.StructureSetROISequence.append(structure)
        made.ROIContourSequence.append(contours)
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
