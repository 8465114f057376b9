"""Gold answers as DICOM measurement reports (template 1500), one for each case, in a zip archive.

A measurement group a finding, under the tracking identifier that its segment has in ``dicom_seg``; one more for what is
answered about the case. Sources: DICOM PS3.16 TID 1500 and 1501, PS3.3 A.35.13 (2024e); Fedorov A et al. PeerJ 4:e2057,
2016. doi:10.7717/peerj.2057. Written by highdicom.
"""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from highdicom import sr
from pydicom.uid import generate_uid

from reports.exporters._csv import Cell, write_csv
from reports.exporters._dicom import LONGEST_TEXT, SCHEME, dated, planes, tracking_of
from reports.exporters._names import file_stems
from reports.exporters._scenes import Scene, Value, album, refuse_without_regions
from reports.exporters._volumes import placed
from reports.exporters.base import Exporter, GoldBundle
from reports.exporters.manifest import zipped

COLUMNS = ("case", "file", "group", "question", "finding", "n_answers")
DEVICE = sr.CodedConcept("121007", "DCM", "Device")
PROCEDURE = sr.CodedConcept("P5-B3000", "SRT", "Imaging procedure")
WHOLE = "case"

Questions = Mapping[str, Mapping[str, Any]]


def reports(bundle: GoldBundle) -> bytes:
    """Return a zip archive with ``reports/*.dcm``, ``groups.csv`` and ``left-out.csv``.

    Parameters
    ----------
    bundle : GoldBundle
        The release.

    Returns
    -------
    bytes
        ExportProblem when of no case it is known how its image lies, so that no report could refer to it.
    """
    made = placed(album(bundle), bundle, needs_right_angles=True)
    questions = {one["code"]: one for one in bundle.schema["questions"]}
    stems = file_stems(scene.case for scene in made.scenes)
    files: dict[str, bytes] = {}
    rows: list[Sequence[Cell]] = []
    for scene in made.scenes:
        told = [(one.question, one.finding, one.name, one.attributes) for one in scene.findings]
        told += [("", WHOLE, "", scene.attributes)] if scene.attributes else []
        groups = [_group(bundle, scene, questions, one) for one in told]
        if not groups:
            continue
        name = f"{stems[scene.case]}.dcm"
        files[f"reports/{name}"] = _document(bundle, scene, groups)
        for number, (question, finding, _, answers) in enumerate(told, start=1):
            rows.append((scene.case, name, number, question, finding, len(answers)))
    files["groups.csv"] = write_csv(COLUMNS, rows)
    files["left-out.csv"] = made.left_out_csv()
    return zipped(files)


def _group(
    bundle: GoldBundle, scene: Scene, questions: Questions, told: tuple[str, str, str, Mapping[str, Value]]
) -> sr.MeasurementsAndQualitativeEvaluations:
    """Return what is settled about one finding, or about the case."""
    question, finding, name, answers = told
    numbers, words = [], []
    for code, value in answers.items():
        asked = questions[code]
        concept = sr.CodedConcept(code[:16], SCHEME, str(asked["title"])[:LONGEST_TEXT])
        if value is None:
            continue
        if asked["kind"] == "measurement":
            unit = str(asked["definition"].get("unit") or "1")
            numbers.append(sr.Measurement(name=concept, value=float(value), unit=_coded(unit, "UCUM")))
        else:
            words.append(sr.QualitativeEvaluation(name=concept, value=_coded(str(value), SCHEME)))
    return sr.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(
            uid=tracking_of(bundle, scene.case, question, finding), identifier=(finding or WHOLE)[:LONGEST_TEXT]
        ),
        finding_type=_coded(name, SCHEME) if name else None,
        measurements=numbers or None,
        qualitative_evaluations=words or None,
    )


def _coded(text: str, scheme: str) -> sr.CodedConcept:
    return sr.CodedConcept(text[:16], scheme, text[:LONGEST_TEXT])


def _document(bundle: GoldBundle, scene: Scene, groups: Sequence[sr.MeasurementsAndQualitativeEvaluations]) -> bytes:
    """Return one report, the same bytes each time."""
    release = bundle.release
    key = [bundle.project["slug"], str(release["number"]), release["digest"], scene.case, "report"]
    place = bundle.places[scene.case]
    evidence = planes(bundle, scene, place["slices"]["axis"] if place["slices"] else 0)
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=generate_uid(entropy_srcs=[str(bundle.project["slug"]), "observer"]),
        name="Consilium",
        manufacturer_name="Consilium",
        model_name=f"Release {release['number']}"[:LONGEST_TEXT],
    )
    observer = sr.ObserverContext(observer_type=DEVICE, observer_identifying_attributes=device)
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=PROCEDURE,
        imaging_measurements=list(groups),
    )
    made = sr.Comprehensive3DSR(
        evidence=evidence,
        content=report[0],
        series_instance_uid=generate_uid(entropy_srcs=[*key, "series"]),
        series_number=1000 + int(release["number"]),
        sop_instance_uid=generate_uid(entropy_srcs=[*key, "instance"]),
        instance_number=1,
        manufacturer="Consilium",
    )
    dated(made, datetime.fromisoformat(release["frozen_at"]))
    stream = io.BytesIO()
    made.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


SPEC = Exporter(
    title="DICOM measurement report (zip)",
    suffix="zip",
    media_type="application/zip",
    function=reports,
    kinds=frozenset({"mask", "polygon", "box", "category", "grade", "measurement"}),
    refuse=refuse_without_regions,
    is_heavy=True,
    loses=(
        "A release without a question about regions has no grid to refer to, and makes none.",
        "Regions are not in it: they stand in the segmentation and in the structure set, the segment under the same"
        " tracking identifier.",
        "Questions and answers have codes of this product; their titles stand as meanings, cut to 64 characters.",
        "A case of whose image it is not known how it lies in the patient is left out.",
        "The observer is the device that settled the answers; who decided each stands in the package alone.",
    ),
)
