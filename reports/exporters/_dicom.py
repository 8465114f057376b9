"""What the DICOM objects of a release have in common: the planes that they refer to, and their codes."""

from collections.abc import Iterator
from datetime import datetime

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import UID, CTImageStorage, generate_uid

from reports.exporters._names import file_stems
from reports.exporters._scenes import Album, Finding, Scene, class_names, region_questions
from reports.exporters._volumes import NO_PLACE
from reports.exporters.base import GoldBundle

SCHEME = "99CONSILIUM"
LONGEST_TEXT = 64
# For planes behind each other along [z, y, x]: the axes (0 for x) across, down and behind.
DIRECTIONS = {0: (0, 1, 2), 1: (0, 2, 1), 2: (1, 2, 0)}


def objects_of(bundle: GoldBundle, made: Album) -> Iterator[tuple[Scene, str, list[tuple[Finding, str]]]]:
    """Yield each case and region question that has findings: the case, the object's file name, the findings titled."""
    stems, names = file_stems(scene.case for scene in made.scenes), class_names(bundle)
    for scene in made.scenes:
        for question in region_questions(bundle):
            findings = [(one, names[question, one.name]) for one in scene.findings if one.question == question]
            if findings:
                yield scene, f"{stems[scene.case]}+{question}.dcm", findings


def planes(bundle: GoldBundle, scene: Scene, axis: int) -> list[Dataset]:
    """Return what the planes of an image say of themselves in DICOM, without their pixels.

    Parameters
    ----------
    bundle : GoldBundle
        The release.
    scene : Scene
        A case whose image has a place in the patient.
    axis : int
        Along which of [z, y, x] the planes stand behind each other.

    Returns
    -------
    list of Dataset
        Under the UIDs by which the project replaced the hospital's; those that it does not know are derived.
    """
    place = bundle.places[scene.case]
    if scene.grid is None or scene.grid.spacing_mm is None:
        raise ValueError(NO_PLACE)
    spacing = np.array(scene.grid.spacing_mm)[::-1]
    axes, origin = np.array(place["direction"], dtype=np.float64), np.array(place["origin_mm"], dtype=np.float64)
    across, down, behind = DIRECTIONS[axis]
    shape = scene.shape[::-1]
    key = [bundle.project["slug"], scene.case]
    made = []
    for number in range(shape[behind]):
        one = Dataset()
        classes, instances = (place["slices"] or {}).get("classes"), (place["slices"] or {}).get("instances")
        one.SOPClassUID = classes[number] if classes else CTImageStorage
        one.SOPInstanceUID = instances[number] if instances else generate_uid(entropy_srcs=[*key, "plane", str(number)])
        one.StudyInstanceUID = generate_uid(entropy_srcs=[*key, "study"])
        one.SeriesInstanceUID = generate_uid(entropy_srcs=[*key, "images"])
        one.FrameOfReferenceUID = generate_uid(entropy_srcs=[*key, "frame of reference"])
        one.PatientID, one.PatientName = scene.subject[:LONGEST_TEXT], ""
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
        made.append(one)
    return made


def tracking_of(bundle: GoldBundle, case: str, question: str, finding: str) -> UID:
    """Return the identifier of a finding, the same in every object of a release that speaks of it."""
    release = bundle.release
    key = [bundle.project["slug"], str(release["number"]), release["digest"], case, question]
    return generate_uid(entropy_srcs=[*key, "finding", finding or "case"])


def dated(made: Dataset, moment: datetime) -> None:
    """Put the moment of the freeze where a library puts the clock."""
    day, time = moment.strftime("%Y%m%d"), moment.strftime("%H%M%S")
    for name in ("ContentDate", "SeriesDate", "InstanceCreationDate"):
        if name in made:
            setattr(made, name, day)
    for name in ("ContentTime", "SeriesTime", "InstanceCreationTime"):
        if name in made:
            setattr(made, name, time)
    for entry in made.get("ContributingEquipmentSequence", ()):
        entry.ContributionDateTime = day + time
