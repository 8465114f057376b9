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
from pydicom.uid import generate_uid

from reports.exporters._csv import Cell, write_csv
from reports.exporters._dicom import LONGEST_TEXT, SCHEME, dated, objects_of, planes, tracking_of
from reports.exporters._scenes import (
    Finding,
    Scene,
    album,
    refuse_without_regions,
)
from reports.exporters._volumes import Bools, placed, whole_region
from reports.exporters.base import Exporter, GoldBundle
from reports.exporters.manifest import zipped

COLUMNS = ("case", "question", "finding", "file", "segment", "class", "n_voxels")
CATEGORY = CodedConcept("49755003", "SCT", "Morphologically Abnormal Structure")


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
    made = placed(album(bundle), bundle, needs_right_angles=True)
    files: dict[str, bytes] = {}
    rows: list[Sequence[Cell]] = []
    for scene, name, titled in objects_of(bundle, made):
        parts = [whole_region(one, scene.shape) for one, _ in titled]
        files[f"segmentations/{name}"] = _object(bundle, scene, titled, parts)
        for number, ((one, title), part) in enumerate(zip(titled, parts, strict=True), start=1):
            rows.append((scene.case, one.question, one.finding, name, number, title, int(part.sum())))
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
    sources = planes(bundle, scene, axis)
    made = Segmentation(
        source_images=sources,
        pixel_array=stack,
        segmentation_type="BINARY",
        segment_descriptions=[_segment(number, one, bundle, scene) for number, one in enumerate(findings, start=1)],
        series_instance_uid=generate_uid(entropy_srcs=[*key, "series"]),
        series_number=1000 + int(release["number"]),
        sop_instance_uid=generate_uid(entropy_srcs=[*key, "instance"]),
        instance_number=1,
        manufacturer="Consilium",
        manufacturer_model_name="Consilium",
        software_versions=str(release["software"]["version"]),
        device_serial_number=str(bundle.project["slug"])[:LONGEST_TEXT],
        content_description=f"Release {release['number']}, {question}"[:LONGEST_TEXT],
        content_label="REFERENCE_STD",
        omit_empty_frames=True,
    )
    dated(made, datetime.fromisoformat(release["frozen_at"]))
    _derived(made, generate_uid(entropy_srcs=[*key, "dimensions"]))
    # Of an image of one plane the library makes up a distance.
    made.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].SpacingBetweenSlices = sources[0].SliceThickness
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _segment(number: int, found: tuple[Finding, str], bundle: GoldBundle, scene: Scene) -> SegmentDescription:
    finding, title = found
    kind = CodedConcept(title[:16] or finding.question[:16], SCHEME, title[:LONGEST_TEXT])
    return SegmentDescription(
        segment_number=number,
        segment_label=title[:LONGEST_TEXT],
        segmented_property_category=CATEGORY,
        segmented_property_type=kind,
        algorithm_type="MANUAL",
        tracking_uid=tracking_of(bundle, scene.case, finding.question, finding.finding),
        tracking_id=finding.finding or "case",
    )


def _derived(made: Segmentation, dimensions: str) -> None:
    """Put a derived UID where the library puts a drawn one."""
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
