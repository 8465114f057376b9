import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotations.management.base import Refused
from qc.registry import PLANS


def said(*arguments):
    out = StringIO()
    call_command("plan", *arguments, stdout=out)
    return out.getvalue()


def test_without_a_name_all_plans_are_listed():
    lines = said().splitlines()
    assert [line.split()[0] for line in lines] == [name.replace("_", "-") for name in PLANS]
    assert "--kappa0, --kappa1" in lines[0]
    assert [row["plan"] for row in json.loads(said("--json"))] == [line.split()[0] for line in lines]


def test_an_answer_says_value_and_source():
    text = said("kappa-sample-size", "--kappa0", "0.85", "--kappa1", "0.7")
    assert text.startswith("96 cases")
    assert "Source: Cantor 1996" in text


@pytest.mark.parametrize("place", [0, 5])
def test_json_before_or_after_the_name(place):
    arguments = ["kappa-sample-size", "--kappa0", "0.85", "--kappa1", "0.7"]
    arguments.insert(place, "--json")
    assert json.loads(said(*arguments))["value"] == 96


def test_lists_flags_and_warnings():
    wide = [
        "kappa-sample-size",
        "--kappa0",
        "0.85",
        "--kappa1",
        "0.7",
        "--rates",
        "0.2",
        "0.2",
        "--two-sided",
        "--json",
    ]
    assert json.loads(said(*wide))["value"] > 153
    study = said("decision-study", "--cases", "2.5556", "--readers", "5.2444", "--residual", "1.0194")
    assert "training them helps more" in study
    assert "No answer: impossible" in said("control-power", "--bad", "0.95")


def test_wrong_values_are_refused_and_missing_ones_are_asked_for():
    with pytest.raises(Refused, match="bad lies between 0 and 1"):
        said("control-power", "--bad", "1.75")
    with pytest.raises(CommandError, match="--bad"):
        said("control-power")
    with pytest.raises(CommandError, match="fortune"):
        said("fortune")
