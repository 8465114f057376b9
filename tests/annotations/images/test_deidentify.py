import io
import json

import pydicom
import pytest

from annotations.images import deidentify
from tests.annotations.images import dicom_files as made


def header(content=None):
    return pydicom.dcmread(io.BytesIO(content or made.slices()[0]), stop_before_pixels=True)


def test_nothing_that_identifies_is_left():
    cleaned = deidentify.clean(header(), b"key")
    text = json.dumps([cleaned.subject, dict(cleaned.strata), dict(cleaned.uids), cleaned.removed])
    for canary in made.CANARIES:
        assert canary not in text
    for uid in (made.SERIES, made.STUDY, made.FRAME):
        assert uid not in cleaned.uids.values()
    assert "山田" not in text


def test_what_was_removed_is_named_and_private_attributes_are_counted():
    cleaned = deidentify.clean(header(), b"key")
    assert {"PatientName", "PatientAddress", "InstitutionName", "PersonName", "TextValue"} <= set(cleaned.removed)
    assert "Rows" not in cleaned.removed
    assert cleaned.n_private > 150


def test_the_kept_list_keeps_machines_sex_and_age_up_to_ninety():
    strata = deidentify.clean(header(), b"key").strata
    assert strata == {"modality": "CT", "manufacturer": "Acme", "sex": "F", "age": "90+"}


@pytest.mark.parametrize(("age", "kept"), [("089Y", "89"), ("006M", "0"), ("", None), ("old", None)])
def test_ages(age, kept):
    one = header()
    one.PatientAge = age if age != "old" else None
    assert deidentify.age_of(one) == kept


def test_one_patient_is_one_pseudonym_under_one_key_only():
    first, second = header(), header(made.slices()[3])
    assert deidentify.pseudonym(first, b"key") == deidentify.pseudonym(second, b"key")
    assert deidentify.pseudonym(first, b"key") != deidentify.pseudonym(first, b"other")
    second.PatientID = "another"
    assert deidentify.pseudonym(first, b"key") != deidentify.pseudonym(second, b"key")
    second.PatientID = ""
    assert deidentify.pseudonym(second, b"key") == ""


def test_uids_are_replaced_alike_and_are_uids():
    first, second = deidentify.clean(header(), b"key"), deidentify.clean(header(made.slices()[3]), b"key")
    assert first.uids["series"] == second.uids["series"]
    assert first.uids["instance"] != second.uids["instance"]
    assert all(pydicom.uid.UID(uid).is_valid for uid in first.uids.values())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"BurnedInAnnotation": "YES"}, "burnt into"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"}, "secondary capture"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1"}, "ultrasound"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "BurnedInAnnotation": "NO"}, ""),
    ],
)
def test_pixels_that_may_show_a_name_are_known(changes, words):
    one = header()
    for name, value in changes.items():
        setattr(one, name, value)
    found = deidentify.burnt_in(one)
    assert (words in found) if words else found == ""
