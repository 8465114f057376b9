import json

from reports.exporters._csv import read_csv
from reports.exporters.base import export
from reports.exporters.csv_wide import SPEC
from tests.reports.exporters.bundles import bundle, record
from tests.reports.exporters.regions import HOSTILE, release


def rows(made=None):
    return {(row["case"], row["finding"]): row for row in read_csv(export(SPEC, made or release()))}


def test_a_row_is_a_case_or_a_finding():
    found = rows()
    first = found["c1", "f1"]
    assert json.loads(first["lesion"])["kind"] == "polygon"
    assert (first["type"], first["grade"], first["size"], first["quality"]) == ("malignant", "4", "4.5", "")
    assert (first["quality.answer"], first["quality.disposition"], first["quality.n_reads"]) == ("", "", "")
    assert found["c1", ""]["quality"] == "good"
    assert len(found) == 9


def test_an_open_unit_is_told_from_nothing_found_and_from_not_asked():
    found = rows()
    opened, nothing = found["c1", "f2"], found["c2", ""]
    assert (opened["type"], opened["type.answer"], opened["type.disposition"]) == ("", "", "in_dispute")
    assert (nothing["lesion"], nothing["lesion.answer"]) == ("", "nothing_found")
    assert nothing["lesion.disposition"] == "auto_accepted"


def test_support_and_dissent_stand_beside_the_label():
    entries = [{"reader": "r2", "says": "other"}, {"reader": "r3", "says": "outline"}]
    made = bundle([record(label={"kind": "category", "code": "a"}, dissent=entries)])
    row = rows(made)["c1", ""]
    assert (row["q.support"], row["q.n_reads"], row["q.n_dissent"]) == (repr(2 / 3), "3", "1")


def test_a_formula_is_guarded_and_comes_back():
    made = bundle([record(HOSTILE, label={"kind": "category", "code": "=1+1"}), record("=x", label=None)])
    content = export(SPEC, made).decode()
    assert "\r\n'=x," in content
    assert ",'=1+1," in content
    assert rows(made)[HOSTILE, ""]["q"] == "=1+1"
