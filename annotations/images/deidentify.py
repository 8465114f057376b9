"""De-identification at the door: of a DICOM header only what stands on a list is kept, and what identifies is counted.

The confidentiality profile of DICOM says what must go. Here it is turned round: everything goes but what is named
below, private attributes and nested ones included, so that an attribute nobody has thought of cannot slip through.
UIDs are replaced by digests under the project's key, the same everywhere, so that what belonged together still does.

Source: DICOM PS3.15 Annex E (Basic Application Level Confidentiality Profile, with the options to retain device
identity and patient characteristics); 45 CFR 164.514(b)(2) on ages of ninety and more.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset

# Attribute → the key under which it is kept; texts are kept only where they are short words of a machine's making.
KEPT = {
    "Modality": "modality",
    "BodyPartExamined": "body_part",
    "Manufacturer": "manufacturer",
    "ManufacturerModelName": "scanner",
    "MagneticFieldStrength": "field_tesla",
    "KVP": "kvp",
    "SliceThickness": "slice_thickness_mm",
    "ConvolutionKernel": "kernel",
    "ContrastBolusAgent": "contrast",
    "ViewPosition": "view",
    "ImageLaterality": "laterality",
    "PatientSex": "sex",
}
OLDEST = 90
LONGEST_TEXT = 64
# Anything else in a kept text could have been typed by a person.
_WORD = re.compile(r"[A-Za-z0-9 .,+/_()\-]*")
UIDS = {
    "StudyInstanceUID": "study",
    "SeriesInstanceUID": "series",
    "FrameOfReferenceUID": "frame_of_reference",
    "SOPInstanceUID": "instance",
}
# Objects whose pixels often hold burnt-in names (PS3.15 E.3.1): a person has to say that they do not.
OFTEN_BURNT_IN = {
    "1.2.840.10008.5.1.4.1.1.7": "a secondary capture",
    "1.2.840.10008.5.1.4.1.1.7.1": "a secondary capture",
    "1.2.840.10008.5.1.4.1.1.7.2": "a secondary capture",
    "1.2.840.10008.5.1.4.1.1.7.3": "a secondary capture",
    "1.2.840.10008.5.1.4.1.1.7.4": "a secondary capture",
    "1.2.840.10008.5.1.4.1.1.6.1": "an ultrasound picture",
    "1.2.840.10008.5.1.4.1.1.3.1": "an ultrasound picture",
    "1.2.840.10008.5.1.4.1.1.77.1.1": "an endoscopy",
    "1.2.840.10008.5.1.4.1.1.77.1.4": "a photograph",
}
_AGE = re.compile(r"(\d{3})([DWMY])")
_ROOT = "2.25."


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What is left of a header.

    Parameters
    ----------
    subject : str
        Pseudonym of the patient, the same in the whole project; empty where the file names none.
    strata : mapping
        Kept attributes by their keys.
    uids : mapping from str to str
        Replaced UIDs.
    removed : tuple of str
        Keywords of attributes that were there and are not kept, sorted; values are nowhere.
    n_private : int
        Private attributes, which are never kept.
    """

    subject: str
    strata: Mapping[str, Any]
    uids: Mapping[str, str]
    removed: tuple[str, ...]
    n_private: int


def clean(dataset: Dataset, key: bytes) -> Cleaned:
    """Return what may be kept of a header.

    Parameters
    ----------
    dataset : Dataset
        The header of one file.
    key : bytes
        The project's secret: without it a pseudonym cannot be made or traced.
    """
    removed: set[str] = set()
    n_private = 0
    for element in every(dataset):
        if element.tag.is_private:
            n_private += 1
        elif element.keyword not in KEPT and element.keyword not in _GEOMETRY:
            removed.add(element.keyword or str(element.tag))
    return Cleaned(
        subject=pseudonym(dataset, key),
        strata=dict(_strata(dataset)),
        uids={name: uid_of(str(dataset.get(keyword)), key) for keyword, name in UIDS.items() if dataset.get(keyword)},
        removed=tuple(sorted(removed)),
        n_private=n_private,
    )


# What the volume itself is made of; no value of it names anybody.
_GEOMETRY = frozenset(
    {
        "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated",
        "BitsStored", "HighBit", "PixelRepresentation", "PixelSpacing", "ImagePositionPatient",
        "ImageOrientationPatient", "RescaleSlope", "RescaleIntercept", "RescaleType", "WindowCenter",
        "WindowWidth", "PlanarConfiguration", "SpacingBetweenSlices", "PixelAspectRatio",
        "SmallestImagePixelValue", "LargestImagePixelValue",
    }
)  # fmt: skip


def every(dataset: Dataset) -> Iterator[Any]:
    """Yield every element of a header, nested ones included."""
    for element in dataset:
        yield element
        if element.VR == "SQ":
            for item in element.value:
                yield from every(item)


def _strata(dataset: Dataset) -> Iterator[tuple[str, Any]]:
    for keyword, key in KEPT.items():
        value = dataset.get(keyword)
        if value in (None, ""):
            continue
        if isinstance(value, int | float):
            yield key, float(value)
            continue
        text = str(value).strip()
        if text and len(text) <= LONGEST_TEXT and _WORD.fullmatch(text):
            yield key, text
    age = age_of(dataset)
    if age is not None:
        yield "age", age


def age_of(dataset: Dataset) -> str | None:
    """Return the age in whole years, ninety and more as one; None where the file states none."""
    match = _AGE.fullmatch(str(dataset.get("PatientAge") or ""))
    if match is None:
        return None
    years = int(match[1]) if match[2] == "Y" else 0
    return f"{OLDEST}+" if years >= OLDEST else str(years)


def pseudonym(dataset: Dataset, key: bytes) -> str:
    """Return the patient's name in the project: a digest that only the holder of the key can make."""
    identity = "\x1f".join(str(dataset.get(name) or "") for name in ("PatientID", "IssuerOfPatientID"))
    if not str(dataset.get("PatientID") or "").strip():
        return ""
    return "P-" + hmac.new(key, identity.encode(), hashlib.sha256).hexdigest()[:12]


def uid_of(uid: str, key: bytes) -> str:
    """Return the UID that stands for another one (PS3.5 B.2, derived from 128 bits)."""
    number = int.from_bytes(hmac.new(key, uid.encode(), hashlib.sha256).digest()[:16], "big")
    return _ROOT + str(number)


def burnt_in(dataset: Dataset) -> str:
    """Return why the pixels may show who the patient is; empty where nothing says so."""
    if str(dataset.get("BurnedInAnnotation", "")).upper() == "YES":
        return "the file says that names are burnt into the pixels"
    kind = OFTEN_BURNT_IN.get(str(dataset.get("SOPClassUID", "")), "")
    if kind and str(dataset.get("BurnedInAnnotation", "")).upper() != "NO":
        return f"{kind} often shows the patient's name"
    return ""
