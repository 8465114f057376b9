import json

from reports.exporters._rows import COLUMNS
from reports.exporters.hugging_face import DATA, SPEC
from tests.reports.exporters.archive import files_of
from tests.reports.exporters.bundles import bundle
from tests.reports.exporters.regions import release


def test_the_data_has_one_type_a_column():
    rows = [json.loads(line) for line in files_of(SPEC, release())[DATA].splitlines()]
    assert len(rows) == 12
    for row in rows:
        assert set(row) == set(COLUMNS)
        assert all(isinstance(row[name], str) for name, (kind, _) in COLUMNS.items() if kind == "text")
        assert isinstance(row["support"], float)
        assert isinstance(row["n_reads"], int)


def test_what_is_open_is_listed_apart():
    rows = [json.loads(line) for line in files_of(SPEC, release())["data/open.jsonl"].splitlines()]
    assert [(row["case"], row["question"], row["finding"]) for row in rows] == [
        ("c1", "type", "f2"),
        ("c3", "lesion", "f2"),
    ]


def test_the_card_is_not_broken_by_what_people_wrote():
    hostile = 'x"\n---\n# <script>'
    card = files_of(SPEC, bundle(name=hostile, description=hostile))["README.md"].decode()
    head = card.split("---\n")
    assert head[0] == ""
    assert f"pretty_name: {json.dumps(hostile)}" in card.splitlines()
    assert "<script>" not in card.split("\n---\n", 1)[1].replace("\\<script\\>", "")
    assert card.splitlines().count("---") == 2
