import json

import pytest

from reports.exporters._csv import read_csv
from reports.exporters._long import COLUMNS
from reports.exporters.csv_table import SPEC
from tests.reports.exporters.bundles import bundle, record

MASK = {"kind": "mask", "shape": [1, 2, 2], "runs": "AQM"}


def row(label, **changes):
    (found,) = read_csv(SPEC.function(bundle([record(label=label, **changes)])))
    assert tuple(found) == COLUMNS
    return found


@pytest.mark.parametrize(
    ("label", "value", "unit"),
    [
        ({"kind": "category", "code": "benign"}, "benign", ""),
        ({"kind": "grade", "level": "3"}, "3", ""),
        ({"kind": "measurement", "number": -2.5, "unit": "mm"}, "-2.5", "mm"),
        ({"kind": "nothing_found"}, "", ""),
    ],
)
def test_a_label_is_one_cell(label, value, unit):
    found = row(label)
    assert (found["value"], found["unit"], found["kind"]) == (value, unit, label["kind"])


def test_a_region_is_json():
    assert json.loads(row(MASK)["value"]) == MASK


def test_how_it_was_decided_stands_in_every_row():
    entries = [{"reader": "r2", "says": "other"}, {"reader": "r3", "says": "outline"}]
    found = row({"kind": "category", "code": "a"}, dissent=entries)
    assert (found["decided_by"], found["votes"], found["n_reads"]) == ("rule", '{"a":2,"b":1}', "3")
    assert (found["n_dissent"], found["support"]) == ("1", repr(2 / 3))
    assert (found["protocol"], found["schema"]) == ("1", "2")


def test_a_decision_by_a_person_brings_its_reasons():
    provenance = {
        "by": "adjudication", "adjudicator": "adjudicator-2", "decision": "own", "cause": "oversight",
        "rationale": "=HYPERLINK(1)",
    }  # fmt: skip
    release = bundle([record(label={"kind": "category", "code": "a"}, provenance=provenance)])
    assert b",'=HYPERLINK(1)," in SPEC.function(release)
    (found,) = read_csv(SPEC.function(release))
    assert (found["decided_by"], found["decision"], found["cause"]) == ("adjudicator-2", "own", "oversight")
    assert found["rationale"] == "=HYPERLINK(1)"


def test_a_unit_without_a_label_has_no_row():
    assert read_csv(SPEC.function(bundle([record(label=None)]))) == []


def test_the_number_of_a_finding_stands_only_where_there_is_one():
    label = {"kind": "category", "code": "a"}
    assert row(label)["finding_number"] == ""
    assert row(label, finding="f00", number=2)["finding_number"] == "2"
