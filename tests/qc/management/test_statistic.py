import json
from io import StringIO

import pytest
from django.core.management import call_command

from annotations.management.base import Refused
from tests.qc.asking import bodies

CSV = "unit,reader,code\n" + "".join(
    f"{unit},{reader},{'yes' if (unit + (reader == 'b')) % 5 else 'no'}\n" for unit in range(30) for reader in "ab"
)


def said(*arguments):
    out = StringIO()
    call_command("statistic", *arguments, stdout=out)
    return out.getvalue()


def test_without_a_name_the_catalogue_is_listed():
    rows = json.loads(said("--json"))
    assert {"cohen_kappa", "leave_one_out", "staple"} <= {row["name"] for row in rows}
    assert "readers.repeatability" in said()


def test_a_csv_file_gives_a_value_with_bounds_in_words(tmp_path):
    file = tmp_path / "reads.csv"
    file.write_text(CSV)
    text = said("percent", str(file), "--scale", "nominal", "--codes", "yes,no", "--option", "replicates=50")
    assert text.startswith("0.6 (")
    assert "n 30" in text
    assert "clustering_unknown" in text
    assert "Source: " in text


def test_a_json_file_gives_the_same_as_the_api(tmp_path):
    file = tmp_path / "reads.json"
    file.write_text(json.dumps({**bodies.regions(), "options": bodies.FAST}))
    [part] = json.loads(said("dice", str(file), "--json"))["parts"]
    assert part["n_units"] == 40
    assert 0 < part["value"] < 1
    assert " mm (" in said("hd95", str(file))


def test_tests_and_charts_are_said_in_words(tmp_path):
    file = tmp_path / "reads.json"
    file.write_text(json.dumps(bodies.codes()))
    assert ", p " in said("mcnemar", str(file))
    file.write_text(json.dumps(bodies.series()))
    assert "signals at" in said("error_cusum", str(file))
    file.write_text(json.dumps({"reads": bodies.codes(("a", "b", "c"))["reads"]}))
    settled = json.loads(said("majority", str(file), "--scale", "nominal", "--codes", "1,2"))
    assert len(settled["units"]) == 40


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["percent"], "Name the file"),
        (["percent", "nowhere.csv"], "There is no file"),
        (["fortune", "FILE"], "There is no fortune"),
        (["percent", "FILE"], "'scale' must be given"),
        (["percent", "FILE", "--scale", "nominal"], "Give all codes"),
        (["percent", "FILE", "--scale", "nominal", "--codes", "yes,no", "--option", "level=x"], "is no JSON"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, arguments, words):
    file = tmp_path / "reads.csv"
    file.write_text(CSV)
    with pytest.raises(Refused, match=words):
        said(*[str(file) if argument == "FILE" else argument for argument in arguments])
