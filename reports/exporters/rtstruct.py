"""Gold regions as DICOM RT structure sets, one for each case and region question, in a zip archive.

Lines run half-way between the centres of voxels inside and outside (marching squares), so that reading them back by
centres gives the same voxels. Sources: DICOM PS3.3 A.19, C.8.8.5, C.8.8.6, C.8.8.8 (2024e); Lorensen WE, Cline HE
(1987), doi:10.1145/37402.37422.
"""

import io
from collections.abc import Sequence
from datetime import datetime

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid
from skimage.measure import find_contours

from reports.exporters._csv import Cell, write_csv
from reports.exporters._dicom import LONGEST_TEXT, objects_of, planes
from reports.exporters._scenes import (
    Finding,
    Scene,
    album,
    refuse_without_regions,
)
from reports.exporters._volumes import Bools, placed, whole_region
from reports.exporters.base import Exporter, GoldBundle
from reports.exporters.manifest import zipped

COLUMNS = ("case", "question", "finding", "file", "structure", "class", "n_lines")
# Study component: the class by which structure sets have always named a study.
STUDY = "1.2.840.10008.3.1.2.3.1"
DIGITS = 4  # of a millimetre: a decimal string holds sixteen characters

Line = npt.NDArray[np.float64]


def structure_sets(bundle: GoldBundle) -> bytes:
    """Return a zip archive with ``structures/*.dcm``, ``findings.csv`` and ``left-out.csv``.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        A structure for each finding. ExportProblem when of no case it is known how its image lies.
    """
    made = placed(album(bundle), bundle, needs_right_angles=True)
    files: dict[str, bytes] = {}
    rows: list[Sequence[Cell]] = []
    for scene, name, titled in objects_of(bundle, made):
        lines = [_lines(bundle, scene, whole_region(one, scene.shape)) for one, _ in titled]
        files[f"structures/{name}"] = _object(bundle, scene, titled, lines)
        for number, ((one, title), drawn) in enumerate(zip(titled, lines, strict=True), start=1):
            rows.append((scene.case, one.question, one.finding, name, number, title, len(drawn)))
    files["findings.csv"] = write_csv(COLUMNS, rows)
    files["left-out.csv"] = made.left_out_csv()
    return zipped(files)


def _axis(bundle: GoldBundle, scene: Scene) -> int:
    slices = bundle.places[scene.case]["slices"]
    return int(slices["axis"]) if slices else 0


def _lines(bundle: GoldBundle, scene: Scene, voxels: Bools) -> list[tuple[int, Line]]:
    """Return the closed lines of a region as (plane, points in millimetres)."""
    axis = _axis(bundle, scene)
    sources = planes(bundle, scene, axis)
    found = []
    for number, plane in enumerate(np.moveaxis(voxels, axis, 0)):
        if not plane.any():
            continue
        source = sources[number]
        corner = np.array(source.ImagePositionPatient, dtype=np.float64)
        row, column = np.array(source.ImageOrientationPatient, dtype=np.float64).reshape(2, 3)
        down, across = map(float, source.PixelSpacing)
        # A margin lets lines close that run along the image's edge.
        for line in find_contours(np.pad(plane, 1).astype(np.float64), 0.5):  # type: ignore[no-untyped-call]
            at = line[:-1] - 1
            found.append((number, corner + at[:, 1:] * across * row + at[:, :1] * down * column))
    return found


def _object(
    bundle: GoldBundle,
    scene: Scene,
    titled: Sequence[tuple[Finding, str]],
    lines: Sequence[Sequence[tuple[int, Line]]],
) -> bytes:
    """Return one structure set, the same bytes each time."""
    release, question = bundle.release, titled[0][0].question
    key = [bundle.project["slug"], str(release["number"]), release["digest"], scene.case, question, "structures"]
    sources = planes(bundle, scene, _axis(bundle, scene))
    made = _head(bundle, key, sources[0])
    made.StructureSetLabel = f"Release {release['number']}"[:16]
    made.StructureSetName = question[:LONGEST_TEXT]
    made.ReferencedFrameOfReferenceSequence = [_frame(sources)]
    made.StructureSetROISequence, made.ROIContourSequence, made.RTROIObservationsSequence = [], [], []
    for number, ((_, title), drawn) in enumerate(zip(titled, lines, strict=True), start=1):
        structure, contours, observation = Dataset(), Dataset(), Dataset()
        structure.ROINumber, structure.ROIName = number, title[:LONGEST_TEXT]
        structure.ReferencedFrameOfReferenceUID = sources[0].FrameOfReferenceUID
        structure.ROIGenerationAlgorithm = "MANUAL"
        contours.ReferencedROINumber = number
        contours.ContourSequence = [_contour(sources[plane], points) for plane, points in drawn]
        observation.ObservationNumber = observation.ReferencedROINumber = number
        observation.ROIObservationLabel = title[:16]
        observation.RTROIInterpretedType = observation.ROIInterpreter = ""
        made.StructureSetROISequence.append(structure)
        made.ROIContourSequence.append(contours)
        made.RTROIObservationsSequence.append(observation)
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _head(bundle: GoldBundle, key: Sequence[str], source: Dataset) -> FileDataset:
    """Return an object with everything that it says of the patient, the study, the series and its maker."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = RTStructureSetStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[*key, "instance"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = RTStructureSetStorage, meta.MediaStorageSOPInstanceUID
    made.SpecificCharacterSet = "ISO_IR 192"
    for name in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate"):
        setattr(made, name, getattr(source, name))
    for name in ("StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID"):
        setattr(made, name, getattr(source, name))
    moment = datetime.fromisoformat(bundle.release["frozen_at"])
    made.StructureSetDate, made.StructureSetTime = moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")
    made.SeriesInstanceUID = generate_uid(entropy_srcs=[*key, "series"])
    made.Modality, made.SeriesNumber, made.InstanceNumber = "RTSTRUCT", 1000 + int(bundle.release["number"]), 1
    made.OperatorsName = ""
    made.Manufacturer = made.ManufacturerModelName = "Consilium"
    made.SoftwareVersions = str(bundle.release["software"]["version"])
    made.FrameOfReferenceUID, made.PositionReferenceIndicator = source.FrameOfReferenceUID, None
    return made


def _frame(sources: Sequence[Dataset]) -> Dataset:
    """Return the frame of reference, with the series and the images on which the lines were drawn."""
    frame, study, series = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = sources[0].SeriesInstanceUID
    series.ContourImageSequence = [_image(one) for one in sources]
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = STUDY, sources[0].StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    frame.FrameOfReferenceUID, frame.RTReferencedStudySequence = sources[0].FrameOfReferenceUID, [study]
    return frame


def _image(source: Dataset) -> Dataset:
    image = Dataset()
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    return image


def _contour(source: Dataset, points: Line) -> Dataset:
    contour = Dataset()
    contour.ContourImageSequence = [_image(source)]
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", len(points)
    contour.ContourData = [f"{number:.{DIGITS}f}" for number in points.ravel().tolist()]
    return contour


SPEC = Exporter(
    title="DICOM RT Structure Set (zip)",
    suffix="zip",
    media_type="application/zip",
    function=structure_sets,
    kinds=frozenset({"mask", "polygon", "category", "grade", "measurement"}),
    refuse=refuse_without_regions,
    is_heavy=True,
    loses=(
        "Voxels become lines half-way between centres inside and outside; read by centres they are the same voxels.",
        "A case of whose image it is not known how it lies in the patient is left out.",
        "Instances are referred to under the UIDs by which the project replaced the hospital's; study, series and frame"
        " of reference are derived from the case.",
        "Answers beside the class, support and provenance stand in the package alone.",
    ),
)
