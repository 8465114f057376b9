import pytest

from reports.exporters.base import unit_of
from reports.exporters.difference import difference
from tests.reports.exporters.bundles import record

A, B = {"kind": "category", "code": "a"}, {"kind": "category", "code": "b"}
SIGNED = {"by": "adjudication", "signature": "s"}


def of(*records):
    return {unit_of(one): one for one in records}


@pytest.mark.parametrize(
    ("before", "after", "what", "cause", "bump"),
    [
        (record(label=A), record(label=B), "label", "settled", "major"),
        (record(label=A), record(label=B, provenance=SIGNED), "label", "adjudication", "major"),
        (record(label=A), record(label=A, provenance=SIGNED), "provenance", "adjudication", "patch"),
        (record(), record(label=A), "label", "settled", "minor"),
        (record(label=A), record(label=A, support=1.0), "evidence", "settled", "patch"),
        (record(label=A), record(label=A, inputs=[]), "evidence", "reads", "patch"),
        (record(label=A), record(label=B, protocol={"number": 2, "digest": "x"}), "label", "protocol", "major"),
        (record(label=A), record(label=B, schema={"version": 3, "digest": "x"}), "label", "schema", "major"),
        (record(label=A), record(disposition="excluded", reason="duplicate"), "label", "exclusion", "major"),
        (record(), record(disposition="excluded", reason="not applicable"), "disposition", "finding", "patch"),
    ],
)
def test_a_change_has_a_kind_and_a_cause(before, after, what, cause, bump):
    found = difference(of(before), of(after))
    (change,) = found.changes
    assert (change.what, change.cause, found.bump) == (what, cause, bump)


def test_units_come_and_go():
    found = difference(of(record("c1", label=A)), of(record("c2", label=A)), n_same=5)
    assert [(one.case, one.what, one.cause) for one in found.changes] == [
        ("c1", "removed", "reads"),
        ("c2", "added", "reads"),
    ]
    assert (found.counts(), found.bump, found.n_same) == ({"added": 1, "removed": 1}, "major", 5)


def test_equal_units_are_counted():
    found = difference(of(record("c1"), record("c2")), of(record("c1"), record("c2")))
    assert (found.changes, found.n_same, found.bump) == ((), 2, "patch")


def test_it_can_be_written_down():
    form = difference(of(record("c1", label=A)), {}).as_dict()
    assert form["changes"][0]["before"] == {"disposition": "auto_accepted", "label": A}
    assert form["changes"][0]["after"] is None
