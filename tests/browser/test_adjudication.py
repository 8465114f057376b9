"""A physician settles a dispute by keyboard and finds the next one open."""

import pytest
from playwright.sync_api import expect

from qc.models import Adjudication, Dispute, Draft
from tests.factories import PASSWORD

READY = "body[data-ready]"


def open_queue(enter, world):
    page = enter("chen", f"/p/{world.project.slug}/queue/")
    page.wait_for_selector(READY)
    return page


def open_dispute(enter, world):
    page = open_queue(enter, world)
    page.keyboard.press("Enter")
    page.wait_for_url("**/disputes/**")
    page.wait_for_selector(READY)
    return page


def decide(page):
    """Answer everything that a decision needs, from the image pane, without the mouse."""
    page.keyboard.press("u")
    page.keyboard.press("a")
    page.keyboard.press("y")
    page.keyboard.press("2")
    page.keyboard.press("j")
    page.keyboard.type("The margin is clear on the second slice.")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    page.wait_for_selector("#sign:enabled")


def test_a_dispute_is_settled_by_keyboard_and_the_next_one_opens(enter, world):
    page = open_dispute(enter, world)
    first = page.url
    decide(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#signing[open]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != first and "/disputes/" in url)
    page.wait_for_selector(READY)
    signed = Adjudication.objects.get()
    assert signed.adjudicator == world.cast.chen
    assert str(signed.dispute.public_id) in first
    assert Dispute.objects.get(public_id=page.url.rstrip("/").rsplit("/", 1)[1]).held_by == world.cast.chen


def test_a_wrong_password_signs_nothing_and_keeps_the_draft(enter, world, complaints):
    page = open_dispute(enter, world)
    decide(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#signing[open]")
    with page.expect_response("**/decision") as answer:
        page.keyboard.type("not mine")
        page.keyboard.press("Enter")
    assert answer.value.status == 403
    page.wait_for_selector("#signing-problem:not([hidden])")
    # The browser reports the 403 in its console: the one line that is expected here.
    assert len(complaints) == 1
    assert "403" in complaints.pop()
    assert not Adjudication.objects.exists()
    assert Draft.objects.get().body["rationale"].startswith("The margin is clear")


@pytest.mark.parametrize("key", ["x", "Delete"])
def test_the_answers_without_a_region_have_keys_of_their_own(enter, world, key):
    page = open_dispute(enter, world)
    page.keyboard.press(key)
    chosen = page.eval_on_selector("[name=answer]:checked", "radio => radio.value")
    assert chosen == {"x": "exclude", "Delete": "nothing"}[key]


def test_a_dispute_is_given_back_with_a_reason(enter, world):
    page = open_dispute(enter, world)
    first = page.url
    page.keyboard.press("s")
    page.wait_for_selector("#giving-back[open]")
    page.keyboard.type("A second opinion is needed first.")
    page.locator("#giving-back button[type=submit]").press("Enter")
    page.wait_for_url(lambda url: url != first)
    world.dispute.refresh_from_db()
    assert world.dispute.held_by is None


def test_the_filters_of_the_queue_replace_the_rows_and_stay_in_the_address(enter, world):
    page = open_queue(enter, world)
    page.select_option("#question", "effusion")
    page.wait_for_url("**question=effusion**")
    expect(page.locator("[data-queue] tbody tr")).to_have_count(1)
