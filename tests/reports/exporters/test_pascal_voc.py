from xml.etree.ElementTree import fromstring

import pytest

from reports.exporters._csv import read_csv
from reports.exporters.base import ExportProblem, export, narrowed
from reports.exporters.pascal_voc import SPEC
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.regions import release


def parsed(content):
    return fromstring(content)  # noqa: S314 - our own bytes


SHAPES = narrowed(release(), ["lesion", "type"])


def test_a_box_runs_from_the_first_to_the_last_pixel_counted_from_1():
    root = parsed(files_of(SPEC, SHAPES)["Annotations/c1.xml"])
    first, second = root.iterfind("object")
    assert [part.text for part in first.find("bndbox")] == ["2", "2", "5", "4"]
    assert [part.text for part in second.find("bndbox")] == ["4", "3", "9", "7"]
    assert [first.findtext("name"), second.findtext("name")] == ["malignant", "lesion"]
    assert [part.text for part in root.find("size")] == ["10", "8", "1"]


def test_the_set_names_every_file_and_an_open_case_is_in_none():
    files = files_of(SPEC, SHAPES)
    listed = files["ImageSets/Main/gold.txt"].decode().splitlines()
    assert sorted(f"Annotations/{name}.xml" for name in listed) == sorted(
        name for name in files if name.startswith("Annotations/")
    )
    assert len(listed) == 6
    assert "c3" not in listed
    assert {row["case"] for row in read_csv(files["left-out.csv"])} == {"c1", "c3"}
    assert list(parsed(files["Annotations/c2.xml"]).iterfind("object")) == []


def test_answers_that_have_no_place_are_refused():
    with pytest.raises(ExportProblem, match="cannot hold grade"):
        export(SPEC, release())
