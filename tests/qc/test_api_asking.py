import pytest

from qc.registry import METHODS, READER_STATISTICS, STATISTICS
from tests.qc.asking import bodies

pytestmark = pytest.mark.django_db
URL = "/api/v1/statistics"


@pytest.fixture
def client(cast):
    return cast.client("ada")


def test_every_statistic_is_listed_with_what_it_needs(client):
    answer = client.get(f"{URL}?limit=500").json()
    assert len(answer["items"]) == len(STATISTICS.names) + len(READER_STATISTICS.names)
    assert len({item["url"] for item in answer["items"]}) == len(answer["items"])
    kappa = next(item for item in answer["items"] if item["name"] == "weighted_kappa")
    assert kappa["facts"] == ["scale"]
    assert kappa["options"]["weights"] == "quadratic"
    assert kappa["answer"] == "a code of the scale"
    listed = client.get("/api/v1/methods?limit=500").json()["items"]
    assert [item["name"] for item in listed] == list(METHODS.names)


def test_a_statistic_comes_with_bounds_counts_and_source(client):
    body = {**bodies.codes(), "options": bodies.FAST}
    shown = client.post(f"{URL}/cohen_kappa", body, format="json").json()
    [part] = shown["parts"]
    assert part["low"] < part["value"] < part["high"]
    assert (part["n_units"], part["n_raters"], part["n_clusters"]) == (40, 2, 40)
    assert "doi:" in shown["reference"]


def test_reads_are_settled(client):
    shown = client.post("/api/v1/methods/majority", bodies.codes(("a", "b", "c")), format="json").json()
    assert len(shown["units"]) == 40
    assert shown["units"][0]["outcome"] == "settled"


@pytest.mark.parametrize(
    ("address", "body", "pointer", "code"),
    [
        ("statistics/cohen_kappa", [1], "#", "not-an-object"),
        ("statistics/cohen_kappa", {"reads": [1]}, "#/reads/0", "not-an-object"),
        ("methods/multilabel_vote", {"reads": [1]}, "#", "not-offered"),
        ("methods/n_of_m", bodies.codes(), "#/options/positive", "required"),
    ],
    ids=["list", "row", "label map", "option"],
)
def test_what_is_wrong_is_named(client, address, body, pointer, code):
    answer = client.post(f"/api/v1/{address}", body, format="json")
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]


@pytest.mark.parametrize("address", ["statistics/fortune", "methods/fortune"])
def test_what_is_not_in_the_catalogue_is_not_found(client, address):
    assert client.post(f"/api/v1/{address}", bodies.codes(), format="json").status_code == 404
