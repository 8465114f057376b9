"""Measurement reports that tests make with highdicom."""

import io

import highdicom
import numpy as np
from highdicom import sr
from pydicom.uid import generate_uid

from tests.annotations.importers.rtstruct_made import square_on
from tests.annotations.importers.seg_made import planes

NODULE = sr.CodedConcept("27925004", "SCT", "Nodule")
CYST = sr.CodedConcept("367643001", "SCT", "Cyst")
DIAMETER = sr.CodedConcept("81827009", "SCT", "Diameter")
GRADE = sr.CodedConcept("121403", "DCM", "Level of Significance")
HIGH = sr.CodedConcept("371927002", "SCT", "Highly significant")
MM = sr.CodedConcept("mm", "UCUM", "millimeter")


def group(number, kind, diameter, line, source):
    common = {
        "tracking_identifier": sr.TrackingIdentifier(uid=generate_uid(), identifier=f"finding {number}"),
        "finding_type": kind,
        "measurements": [sr.Measurement(name=DIAMETER, value=diameter, unit=MM)],
        "qualitative_evaluations": [sr.QualitativeEvaluation(name=GRADE, value=HIGH)],
    }
    if line is None:
        return sr.MeasurementsAndQualitativeEvaluations(**common)
    closed = np.vstack((line, line[:1]))
    region = sr.ImageRegion3D("POLYGON", closed, frame_of_reference_uid=source.FrameOfReferenceUID)
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=region, **common)


def report():
    """Write a report of two findings: a nodule with an outline, and a cyst without."""
    images = planes()
    for one in images:
        one.SeriesNumber = one.InstanceNumber = 1
    observer = sr.ObserverContext(
        observer_type=sr.CodedConcept("121007", "DCM", "Device"),
        observer_identifying_attributes=sr.DeviceObserverIdentifyingAttributes(uid=generate_uid()),
    )
    found = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=sr.CodedConcept("25045-6", "LN", "CT unspecified body region"),
        imaging_measurements=[
            group(1, NODULE, 12.5, square_on(2, 3.5, 9.5, 4.5, 9.5), images[0]),
            group(2, CYST, 4.0, None, images[0]),
        ],
    )
    document = highdicom.sr.Comprehensive3DSR(
        evidence=images, content=found[0], series_instance_uid=generate_uid(), series_number=1,
        sop_instance_uid=generate_uid(), instance_number=1, manufacturer="a test",
    )  # fmt: skip
    stream = io.BytesIO()
    document.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
