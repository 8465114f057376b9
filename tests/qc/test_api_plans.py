import pytest

from qc.registry import PLANS

pytestmark = pytest.mark.django_db
URL = "/api/v1/plans"


@pytest.fixture
def client(cast):
    return cast.client("ada")


def test_every_plan_is_listed_with_what_it_needs(client):
    answer = client.get(URL).json()
    assert [item["name"] for item in answer["items"]] == list(PLANS)
    assert answer["next"] is None
    first = answer["items"][0]
    assert first["url"] == f"{URL}/kappa_sample_size"
    assert [one["name"] for one in first["parameters"] if one["is_required"]] == ["kappa0", "kappa1"]


def test_an_answer_comes_with_its_source(client):
    answer = client.post(f"{URL}/kappa_sample_size", {"kappa0": 0.85, "kappa1": 0.7}, format="json")
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["value"], shown["undefined"]) == (96, None)
    assert shown["parameters"] == {"kappa0": 0.85, "kappa1": 0.7}
    assert "doi:10.1037/1082-989X.1.2.150" in shown["reference"]


def test_what_cannot_be_is_an_answer_and_no_error(client):
    shown = client.post(f"{URL}/control_power", {"bad": 0.95}, format="json").json()
    assert (shown["value"], shown["undefined"]) == (None, "impossible")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "#/bad", "required"),
        ({"bad": 2}, "#/bad", "out-of-range"),
        ({"bad": "low"}, "#/bad", "not-a-number"),
        ({"bad": 0.5, "colour": 1}, "#/colour", "unknown-parameter"),
        ([1], "#", "not-an-object"),
    ],
)
def test_wrong_values_are_named(client, body, pointer, code):
    answer = client.post(f"{URL}/control_power", body, format="json")
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]


def test_an_unknown_plan_is_not_found(client):
    assert client.post(f"{URL}/fortune", {}, format="json").status_code == 404
