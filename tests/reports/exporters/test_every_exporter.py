from dataclasses import replace

import pytest

from reports.exporters.base import ExportProblem, export
from reports.registry import EXPORTERS
from tests.reports.exporters.bundles import bundle, question, record, statistic

BUNDLE = bundle(
    [
        record("c1", label={"kind": "category", "code": "a"}),
        record("c2"),
        record("c3", label={"kind": "nothing_found"}),
    ],
    statistics=[statistic()],
)

EVERY = pytest.mark.parametrize("name", sorted(EXPORTERS))


@EVERY
def test_the_same_bytes_each_time(name):
    assert export(EXPORTERS[name], BUNDLE) == export(EXPORTERS[name], BUNDLE)
    assert export(EXPORTERS[name], BUNDLE).decode()


@EVERY
def test_an_empty_release_is_a_file_too(name):
    assert isinstance(export(EXPORTERS[name], bundle()), bytes)


@EVERY
def test_it_declares_what_it_is(name):
    spec = EXPORTERS[name]
    assert spec.title
    assert spec.suffix
    assert "/" in spec.media_type


@EVERY
def test_a_kind_that_it_cannot_hold_is_refused_with_a_reason(name):
    spec = replace(EXPORTERS[name], kinds=frozenset({"category"}))
    assert export(spec, BUNDLE)
    foreign = bundle(questions=[question(), question("shape", "polygon", "none")])
    with pytest.raises(ExportProblem, match="cannot hold polygon; it holds category") as problem:
        export(spec, foreign)
    assert problem.value.code == "kind-not-supported"


def test_the_table_does_not_hold_a_kind_that_it_does_not_know():
    with pytest.raises(ExportProblem):
        export(EXPORTERS["csv_table"], bundle(questions=[question("rank", "ranking", "ordinal")]))
