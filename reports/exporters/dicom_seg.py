"""Gold regions as DICOM Segmentation objects, one for each case and region question, in a zip archive.

Sources: DICOM PS3.3 A.51 and C.8.20 (2024e); Herrmann MD et al. "Implementing the DICOM standard for digital
pathology". J Pathol Inform 9:37, 2018; Bridge CP et al. "Highdicom: a Python library for standardized encoding of
image annotations". J Digit Imaging 35:1719-1737, 2022. doi:10.1007/s10278-022-00683-y. Written by highdicom.
"""

import io
from collections.abc import Sequence
from datetime import datetime

import numpy as np
from highdicom.seg import Segmentation, SegmentDescription
from highdicom.sr import CodedConcept
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, generate_uid

from reports.exporters._csv import Cell, write_csv
from reports.exporters._names import file_stems
from reports.exporters._scenes import (
    Finding,
    Scene,
    album,
    class_names,
    refuse_without_regions,
    region_questions,
)
from reports.exporters._volumes import NO_PLACE, Bools, placed, whole_region
from reports.exporters.base import Exporter, GoldBundle
from reports.exporters.manifest import zipped

COLUMNS = ("case", "question", "finding", "file", "segment", "class", "n_voxels")
SCHEME = "99CONSILIUM"
CATEGORY = CodedConcept("49755003", "SCT", "Morphologically Abnormal Structure")
LONGEST_LABEL = 64


def segmentations(bundle: GoldBundle) -> bytes:
    """Return a zip archive with ``segmentations/*.dcm``, ``findings.csv`` and ``left-out.csv``.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        A segment for each finding; overlapping findings keep all their voxels. Every plane refers to the instance
        that the image was made of, under the UIDs by which the project replaced the hospital's. ExportProblem when
        of no case it is known how its image lies.
    """
    made, names = placed(album(bundle), bundle, needs_right_angles=True), class_names(bundle)
    stems = file_stems(scene.case for scene in made.scenes)
    files: dict[str, bytes] = {}
    rows: list[Sequence[Cell]] = []
    for scene in made.scenes:
        for question in region_questions(bundle):
            findings = [one for one in scene.findings if one.question == question]
            if not findings:
                continue
            titled = [(one, names[question, one.name]) for one in findings]
            name = f"{stems[scene.case]}+{question}.dcm"
            parts = [whole_region(one, scene.shape) for one in findings]
            files[f"segmentations/{name}"] = _object(bundle, scene, titled, parts)
            for number, ((one, title), part) in enumerate(zip(titled, parts, strict=True), start=1):
                rows.append((scene.case, question, one.finding, name, number, title, int(part.sum())))
    files["findings.csv"] = write_csv(COLUMNS, rows)
    files["left-out.csv"] = made.left_out_csv()
    return zipped(files)


def _object(bundle: GoldBundle, scene: Scene, findings: Sequence[tuple[Finding, str]], parts: Sequence[Bools]) -> bytes:
    """Return one segmentation object, the same bytes each time."""
    place = bundle.places[scene.case]
    axis = place["slices"]["axis"] if place["slices"] else 0
    question = findings[0][0].question
    release = bundle.release
    key = [bundle.project["slug"], str(release["number"]), release["digest"], scene.case, question]
    stack = np.stack([np.moveaxis(part, axis, 0) for part in parts], axis=-1).astype(np.uint8)
    sources = _sources(bundle, scene, axis)
    made = Segmentation(
        source_images=sources,
        pixel_array=stack,
        segmentation_type="BINARY",
        segment_descriptions=[_segment(number, one, key) for number, one in enumerate(findings, start=1)],
        series_instance_uid=generate_uid(entropy_srcs=[*key, "series"]),
        series_number=1000 + int(release["number"]),
        sop_instance_uid=generate_uid(entropy_srcs=[*key, "instance"]),
        instance_number=1,
        manufacturer="Consilium",
        manufacturer_model_name="Consilium",
        software_versions=str(release["software"]["version"]),
        device_serial_number=str(bundle.project["slug"])[:LONGEST_LABEL],
        content_description=f"Release {release['number']}, {question}"[:LONGEST_LABEL],
        content_label="REFERENCE_STD",
        omit_empty_frames=True,
    )
    _date(made, datetime.fromisoformat(release["frozen_at"]), generate_uid(entropy_srcs=[*key, "dimensions"]))
    # Of an image of one plane the library makes up a distance.
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = sources[0].SliceThickness
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _segment(number: int, found: tuple[Finding, str], key: Sequence[str]) -> SegmentDescription:
    finding, title = found
    kind = CodedConcept(title[:16] or finding.question[:16], SCHEME, title[:LONGEST_LABEL])
    return SegmentDescription(
        segment_number=number,
        segment_label=title[:LONGEST_LABEL],
        segmented_property_category=CATEGORY,
        segmented_property_type=kind,
        algorithm_type="MANUAL",
        tracking_uid=generate_uid(entropy_srcs=[*key, "finding", finding.finding or "case"]),
        tracking_id=finding.finding or "case",
    )


def _sources(bundle: GoldBundle, scene: Scene, axis: int) -> list[Dataset]:
    """Return what the planes of an image say of themselves in DICOM, without their pixels."""
    place = bundle.places[scene.case]
    if scene.grid is None or scene.grid.spacing_mm is None:
        raise ValueError(NO_PLACE)
    spacing = np.array(scene.grid.spacing_mm)[::-1]
    axes, origin = np.array(place["direction"], dtype=np.float64), np.array(place["origin_mm"], dtype=np.float64)
    # Along [z, y, x] behind each other, down and across; indices of axes are (x, y, z).
    across, down, behind = {0: (0, 1, 2), 1: (0, 2, 1), 2: (1, 2, 0)}[axis]
    shape = scene.shape[::-1]
    key = [bundle.project["slug"], scene.case]
    planes = []
    for number in range(shape[behind]):
        one = Dataset()
        classes, instances = (place["slices"] or {}).get("classes"), (place["slices"] or {}).get("instances")
        one.SOPClassUID = classes[number] if classes else CTImageStorage
        one.SOPInstanceUID = instances[number] if instances else generate_uid(entropy_srcs=[*key, "plane", str(number)])
        one.StudyInstanceUID = generate_uid(entropy_srcs=[*key, "study"])
        one.SeriesInstanceUID = generate_uid(entropy_srcs=[*key, "images"])
        one.FrameOfReferenceUID = generate_uid(entropy_srcs=[*key, "frame of reference"])
        one.PatientID, one.PatientName = scene.subject[:LONGEST_LABEL], ""
        for name in ("PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID", "StudyDate", "StudyTime"):
            setattr(one, name, "")
        one.ReferringPhysicianName = ""
        one.PositionReferenceIndicator = None
        one.Modality = "OT"
        one.Rows, one.Columns = shape[down], shape[across]
        one.PixelSpacing = [float(spacing[down]), float(spacing[across])]
        one.SliceThickness = float(spacing[behind])
        one.ImageOrientationPatient = [*map(float, axes[across]), *map(float, axes[down])]
        one.ImagePositionPatient = [float(x) for x in origin + number * spacing[behind] * axes[behind]]
        planes.append(one)
    return planes


def _date(made: Segmentation, moment: datetime, dimensions: str) -> None:
    """Put the moment of the freeze and a derived UID where the library puts the clock and a drawn one."""
    day, time = moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")
    for name in ("ContentDate", "SeriesDate", "InstanceCreationDate"):
        if name in made:
            setattr(made, name, day)
    for name in ("ContentTime", "SeriesTime", "InstanceCreationTime"):
        if name in made:
            setattr(made, name, time)
    for entry in made.get("ContributingEquipmentSequence", ()):
        entry.ContributionDateTime = day + time
    for entry in made.DimensionOrganizationSequence:
        entry.DimensionOrganizationUID = dimensions
    for entry in made.DimensionIndexSequence:
        if "DimensionOrganizationUID" in entry:
            entry.DimensionOrganizationUID = dimensions


SPEC = Exporter(
    title="DICOM Segmentation (zip)",
    suffix="zip",
    media_type="application/zip",
    function=segmentations,
    kinds=frozenset({"mask", "polygon", "category", "grade", "measurement"}),
    refuse=refuse_without_regions,
    is_heavy=True,
    loses=(
        "Outlines become voxels.",
        "A case of whose image it is not known how it lies in the patient is left out.",
        "Instances are referred to under the UIDs by which the project replaced the hospital's; study, series and frame"
        " of reference are derived from the case.",
        "The segment's type has a code of this product; the class stands in its label.",
        "Answers beside the class, support and provenance stand in the package alone.",
    ),
)
