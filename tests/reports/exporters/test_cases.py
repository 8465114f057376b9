from annotations.labels.base import Geometry
from reports.evidence import CASE_COLUMNS
from reports.exporters._cases import grids_of
from reports.exporters._csv import write_csv


def test_a_grid_is_read_and_what_is_not_known_stays_unknown():
    rows = [
        ["a", "p", "", 5, 40, 41, 2.5, 0.7, 0.6, "", "{}"],
        ["=b", "p", "", 1, 8, 10, None, None, None, "", "{}"],
        ["c", "p", "", None, None, None, None, None, None, "", "{}"],
    ]
    assert grids_of(write_csv(CASE_COLUMNS, rows)) == {
        "a": Geometry((5, 40, 41), (2.5, 0.7, 0.6)),
        "=b": Geometry((1, 8, 10), None),
    }
