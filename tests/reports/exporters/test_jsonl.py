import json

from reports.exporters.jsonl import SPEC
from tests.reports.exporters.bundles import bundle, record


def test_every_line_is_the_whole_record_of_a_unit_with_a_label():
    kept = record("c1", label={"kind": "category", "code": "ä"}, dissent=[{"reader": "r2", "says": "other"}])
    lines = SPEC.function(bundle([kept, record("c2")])).decode().splitlines()
    assert [json.loads(line) for line in lines] == [kept]


def test_the_text_is_canonical():
    content = SPEC.function(bundle([record(label={"kind": "category", "code": "ä"})])).decode()
    assert content.endswith("}\n")
    assert content.startswith('{"case":"c1","cell":')
    assert "ä" in content
