"""Pictures for the documentation, taken from the example projects; only when asked for."""

import os
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from annotations import selectors
from annotations.models import Project
from config.demo import brain, brain_study, lidc_study, reading_study
from config.demo.distributions import data_file
from config.demo.opening import open_study
from config.demo.people import create_people
from qc.models import Dispute
from tests.factories import PASSWORD, work

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "img"
READY = "body[data-ready]"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        os.environ.get("CONSILIUM_SCREENSHOTS") != "1", reason="pictures are taken with CONSILIUM_SCREENSHOTS=1"
    ),
]


@pytest.fixture
def examples(transactional_db):
    create_people()
    for user in User.objects.all():
        user.set_password(PASSWORD)
        user.save()
    said = []
    open_study(brain_study.build(data_file(brain.DISTRIBUTION, brain.TEMPLATE)), said.append)
    open_study(reading_study.build(data_file(brain.DISTRIBUTION, brain.TEMPLATE)), said.append)
    open_study(lidc_study.build(data_file(lidc_study.DISTRIBUTION, lidc_study.DATABASE)), said.append)
    work(rounds=200)


def take(page, live_server, name, address, *, whole=False, waits=""):
    page.goto(f"{live_server.url}{address}")
    page.wait_for_load_state("networkidle")
    if waits:
        page.wait_for_selector(waits)
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=IMAGES / f"{name}.png", full_page=whole)


def test_pictures_for_the_documentation(examples, enter, live_server, page):
    page.set_default_timeout(60_000)
    page.set_viewport_size({"width": 1440, "height": 900})
    lidc, fluid = lidc_study.SLUG, brain_study.SLUG
    enter("lead", "/")
    take(page, live_server, "overview", reverse("overview", args=[lidc]))
    take(page, live_server, "agreement", reverse("agreement", args=[lidc]))
    take(page, live_server, "protocol", reverse("protocol", args=[lidc]))
    take(page, live_server, "setup", reverse("setup", args=[fluid]))
    take(page, live_server, "question", reverse("agreement-question", args=[fluid, "fluid_space"]))
    page.context.clear_cookies()
    enter("physician", "/")
    dispute = Dispute.objects.filter(project__slug=fluid, question__kind="mask").order_by("pk").first()
    take(page, live_server, "queue", reverse("queue", args=[lidc]), waits=READY)
    take(page, live_server, "adjudication", reverse("dispute", args=[fluid, dispute.public_id]), waits=READY)
    page.context.clear_cookies()
    enter("reader", "/")
    case = (
        selectors.worklist(User.objects.get(username="reader"), Project.objects.get(slug=reading_study.SLUG))
        .first()
        .case
    )
    take(page, live_server, "reading", reverse("reading", args=[reading_study.SLUG, case.public_id]), waits=READY)
