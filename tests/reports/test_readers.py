import csv
import io

import pytest
from django.urls import reverse

from qc.models import ReaderResult
from reports.readers import FAILS, PASSES, TOO_FEW, verdict_of, words_of
from tests.factories import EFFUSION, code, read, study, work
from tests.personas import ADA, BEN, CODES


@pytest.mark.parametrize(
    ("estimate", "verdict"),
    [
        (None, TOO_FEW),
        ({"value": None}, TOO_FEW),
        ({"value": 1.0, "low": None, "high": None}, TOO_FEW),
        ({"value": 0.9, "low": 0.81, "high": 0.97, "n_units": 20}, PASSES),
        ({"value": 0.9, "low": 0.79, "high": 0.97, "n_units": 20}, TOO_FEW),
        ({"value": 0.7, "low": 0.6, "high": 0.79, "n_units": 20}, FAILS),
        ({"value": 0.7, "low": 0.6, "high": 0.79, "n_units": 19}, TOO_FEW),
        ({"value": 0.7, "low": 0.6, "high": 0.79, "n_units": 90, "n_clusters": 19}, TOO_FEW),
    ],
)
def test_the_interval_decides_and_not_the_value(estimate, verdict):
    assert verdict_of(estimate, 0.8) == verdict


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"undefined": "too_few_items"}, ""),
        ({"points": [1, 2], "signals": [], "n_units": 2}, "in control over 2 reads"),
        ({"points": [1, 2], "signals": [1], "n_units": 2}, "out of control at read 2 of 2"),
        ({"p": 0.0004}, "p < 0.001"),
        ({"p": 0.25}, "p 0.250"),
        ({"value": 1.0}, ""),
    ],
)
def test_charts_and_tests_are_said_in_words(result, words):
    assert words_of(result) == words


@pytest.fixture
def project(cast):
    readers = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben, "R-03": cast.oz}
    project = study(cast.mira, readers, questions=[EFFUSION], n_cases=4)
    for number, (ada, ben, oz) in enumerate(
        [("yes", "yes", "yes"), ("no", "no", "no"), ("no", "yes", "yes"), ("no", "no", "no")]
    ):
        for person, answer in ((cast.ada, ada), (cast.ben, ben), (cast.oz, oz)):
            read(project, person, f"case-{number + 1}", effusion=code(answer))
    work()
    return project


@pytest.mark.django_db
def test_each_reader_stands_under_a_code_with_bounds_and_no_verdict_from_few(client, cast, project):
    client.force_login(cast.mira)
    page = client.get(reverse("readers", args=[project.slug])).content.decode()
    assert "0.750" in page
    assert "too few to say" in page
    assert "passes" not in page.split("<tbody>")[1].split("</tbody>")[0]
    assert cast.ada.get_full_name() not in page
    one = client.get(reverse("reader", args=[project.slug, CODES[ADA]])).content.decode()
    assert "against the other readers" in one
    assert "Sensitivity: Present" in one
    sheet = csv.DictReader(
        io.StringIO(client.get(reverse("readers", args=[project.slug]) + "?format=csv").content.decode("utf-8-sig"))
    )
    row = next(row for row in sheet if (row["reader"], row["part"]) == (CODES[ADA], "accuracy"))
    stored = ReaderResult.objects.get(reader__code=CODES[ADA], part="accuracy").result
    shown = client.get(f"/api/v1/projects/{project.slug}/reader-results").json()["items"]
    sent = next(item["result"] for item in shown if (item["reader"], item["part"]) == (CODES[ADA], "accuracy"))
    # The page rounds what file and API give in full.
    assert float(row["value"]) == sent["value"] == stored["value"] == 0.75
    assert float(row["low"]) == sent["low"] == stored["low"]
    assert client.get(reverse("reader", args=[project.slug, "nobody"])).status_code == 404


@pytest.mark.django_db
def test_nobody_is_judged_where_the_data_do_not_say_who_read(client, cast, project):
    client.force_login(cast.mira)
    type(project).objects.filter(pk=project.pk).update(knows_readers=False)
    page = client.get(reverse("readers", args=[project.slug])).content.decode()
    assert "The data do not say who read" in page
