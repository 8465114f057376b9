import json

from reports.exporters._csv import read_csv
from reports.exporters._rows import COLUMNS, flat_rows
from reports.exporters.base import sha256
from reports.exporters.croissant import FILE, SPEC
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.bundles import bundle
from tests.reports.exporters.regions import release


def metadata(made=None):
    files = files_of(SPEC, made or release())
    return json.loads(files["croissant.json"]), files[FILE]


def test_it_says_what_the_table_is():
    made, table = metadata()
    (listed,) = made["distribution"]
    assert made["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert (listed["@id"], listed["sha256"], listed["contentSize"]) == (FILE, sha256(table), f"{len(table)} B")
    assert made["name"] == "p-release-1"
    assert made["version"] == "1.0.0"


def test_every_column_is_a_field_and_every_field_a_column():
    made, table = metadata()
    (records,) = made["recordSet"]
    columns = [one["source"]["extract"]["column"] for one in records["field"]]
    assert columns == list(COLUMNS) == list(read_csv(table)[0])
    assert {one["source"]["fileObject"]["@id"] for one in records["field"]} == {FILE}
    assert {one["dataType"] for one in records["field"]} == {"sc:Text", "sc:Float", "sc:Integer"}


def test_every_term_of_its_own_is_in_the_context():
    made, _ = metadata()
    for term in ("conformsTo", "recordSet", "field", "dataType", "source", "fileObject", "extract", "column"):
        assert term in made["@context"]


def test_the_attribution_is_how_to_cite():
    assert metadata(bundle(attribution="Cite us."))[0]["citeAs"] == "Cite us."
    assert "citeAs" not in metadata()[0]


def test_a_row_is_a_gold_label():
    found = list(flat_rows(release()))
    assert len(found) == len(release().gold())
    assert found[4]["value"] == "4.5"
    assert all(list(row) == list(COLUMNS) for row in found)
