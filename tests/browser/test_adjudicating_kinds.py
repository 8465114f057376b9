"""A physician gives an own answer of every kind; what is signed is exactly that."""

import numpy as np
import pytest
from django.urls import reverse

from annotations import intake, storing
from qc import evaluation
from qc.models import Adjudication, Dispute
from tests.browser.test_access import faults
from tests.factories import (
    HEART,
    ORDER,
    PASSWORD,
    SHAPE,
    SIGNS,
    SPINDLES,
    VALVE,
    box,
    document,
    order,
    points,
    read,
    signs,
    spans,
    study,
    work,
)
from tests.personas import ADA, BEN, CODES, assemble

READY = "body[data-ready]"


@pytest.fixture
def project(transactional_db):
    cast = assemble()
    pixels = storing.store_bytes((np.arange(np.prod(SHAPE), dtype="<i2") % 400).tobytes(), "voxels")
    readers = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}
    project = study(cast.mira, readers, questions=[SIGNS, ORDER, SPINDLES, HEART, VALVE], n_cases=1, pixels=pixels)
    read(
        project,
        cast.ada,
        "case-1",
        signs=signs("edema"),
        order=order("a", "b", "c"),
        spindles=spans((1, 2)),
        heart=box(0, 1, 1, 4, 6, 6),
        valve=points(apex=(1.5, 4, 4), base=(1.5, 8, 8)),
    )
    read(
        project,
        cast.ben,
        "case-1",
        signs=signs("mass"),
        order=order("c", "b", "a"),
        spindles=spans((8, 9)),
        heart=box(0, 5, 5, 4, 12, 12),
        valve=points(apex=(1.5, 14, 4), base=None),
    )
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    work()
    return project


def own_signs(page):
    page.locator('[data-part="code"][value="scar"]').check()


def own_order(page):
    for code, place in (("a", "2"), ("b", "1"), ("c", "2")):
        page.locator(f'[name="own|{code}"]').select_option(place)


def own_spans(page):
    page.locator('[data-part="spans"]').fill("1.5-2, 8–9")


def union_of_boxes(page):
    page.keyboard.press("Shift+U")
    assert "Union of all who marked it" in page.inner_text("#status")


def own_points(page):
    page.locator('[data-plane="axial"]').focus()
    page.locator('[data-point="apex"]').click()
    page.locator('[data-part="hidden"][value="base"]').check()


ANSWERS = {
    "signs": (own_signs, {"kind": "multilabel", "codes": ["scar"]}),
    "order": (own_order, {"kind": "ranking", "order": [["b"], ["a", "c"]]}),
    "spindles": (own_spans, {"kind": "interval", "spans": [[1.5, 2.0], [8.0, 9.0]]}),
    "heart": (union_of_boxes, {"kind": "box", "low": [0.0, 1.0, 1.0], "high": [4.0, 12.0, 12.0]}),
    "valve": (own_points, None),
}


@pytest.mark.parametrize("question", list(ANSWERS))
def test_an_own_answer_is_signed_as_it_was_given(enter, project, question):
    give, expected = ANSWERS[question]
    dispute = Dispute.objects.get(question__code=question)
    page = enter("chen", reverse("dispute", args=[project.slug, dispute.public_id]))
    page.wait_for_selector(READY)
    give(page)
    page.locator("#cause").select_option(index=1)
    page.locator('[name="confidence"][value="high"]').check()
    page.locator("#rationale").fill("As the guideline says.")
    assert faults(page) == []
    page.keyboard.press("Control+Enter")
    page.locator("#signing").wait_for()
    assert "Decision" in page.inner_text("#signing-facts")
    page.locator("#password").fill(PASSWORD)
    page.get_by_role("button", name="Sign and go on").click()
    page.wait_for_url(lambda url: str(dispute.public_id) not in url)
    signed = Adjudication.objects.get(dispute=dispute)
    assert signed.decision == ("union" if give is union_of_boxes else "own")
    if expected is None:
        # The crosshair stands amid what the readers drew when the case opens.
        assert signed.label["points"] == {"apex": [1.5, 9.5, 6.5], "base": None}
    else:
        assert signed.label == expected


def test_a_physician_looks_first_and_then_is_shown_the_readers(enter, project):
    changed = {**document([SIGNS, ORDER, SPINDLES, HEART, VALVE]), "look_first": True, "panel": {"seats": 3}}
    evaluation.adopt_protocol(actor=project.memberships.get(role="qa_lead").user, project=project, document=changed)
    work()
    dispute = Dispute.objects.get(question__code="signs", closed_at__isnull=True)
    page = enter("chen", reverse("dispute", args=[project.slug, dispute.public_id]))
    page.wait_for_selector(READY)
    assert "Look first" in page.inner_text("#decision")
    assert page.locator(".answer[data-letter]").count() == 0
    own_signs(page)
    assert faults(page) == []
    page.get_by_role("button", name="Show the readers' answers").click()
    page.locator(".answer[data-letter]").first.wait_for()
    page.wait_for_selector(READY)
    assert "Your answer from the image alone: scar" in page.inner_text("#decision")
    page.get_by_role("button", name="Refer to a panel").click()
    page.locator("#referral").fill("A rare sign.")
    assert faults(page) == []
    page.locator("#referring").get_by_role("button", name="Refer", exact=True).click()
    page.wait_for_url(lambda url: str(dispute.public_id) not in url)
    assert Dispute.objects.get(pk=dispute.pk).seats == 3
