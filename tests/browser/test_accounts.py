"""The door and the account, by keyboard, in both themes, without a complaint of the browser or of axe."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import expect

from tests.accounts.devices import digits, equip

pytestmark = pytest.mark.django_db(transaction=True)


def looked_at(page, name):
    """Have axe look in both themes, at two widths, and leave pictures where they are wanted."""
    folder = os.environ.get("CONSILIUM_SCREENSHOTS")
    for theme in ("dark", "light"):
        page.locator("html").evaluate("(root, theme) => root.dataset.theme = theme", theme)
        faults = Axe().run(page).response["violations"]
        assert not faults, [(fault["id"], fault["nodes"][0]["html"]) for fault in faults]
        for width in (1280, 1920) if folder else ():
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=str(Path(folder) / f"{name}-{theme}-{width}.png"))


def test_a_device_is_set_up_and_asked_for(enter, live_server, cast):
    page = enter("ada")
    page.get_by_role("link", name="Ada Okafor").click()
    looked_at(page, "account-none")
    page.get_by_role("link", name="Set it up").click()
    expect(page.locator("input[name=code]")).to_be_focused()
    looked_at(page, "factor")
    page.keyboard.type(digits(cast.ada, -1))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    looked_at(page, "codes")
    page.get_by_role("link", name="I have kept them").click()
    looked_at(page, "account")
    page.get_by_role("button", name="Sign out").click()
    page.locator("input[name=username]").fill("ada")
    page.locator("input[name=password]").fill("four readers and a physician")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=code]")).to_be_focused()
    looked_at(page, "second-step")
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("no unused recovery code")).to_be_visible()
    looked_at(page, "second-step-wrong")
    page.locator("input[name=code]").fill(digits(cast.ada))
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_accounts_and_who_saw_what(enter, live_server, world):
    equip(world.cast.ada)
    page = enter("root")
    page.goto(live_server.url + reverse("accounts"))
    looked_at(page, "accounts")
    page.goto(live_server.url + reverse("password"))
    looked_at(page, "password")
    page.goto(live_server.url + reverse("seen", args=["study"]))
    looked_at(page, "seen-empty")


@pytest.mark.parametrize("language", ["Deutsch", "日本語"])
def test_a_language_is_chosen_at_the_door_and_holds_at_work(page, live_server, world, language):
    page.goto(live_server.url + reverse("sign-in"))
    page.get_by_role("button", name=language).click()
    page.locator("input[name=username]").fill("chen")
    page.locator("input[name=password]").fill("four readers and a physician")
    looked_at(page, f"door-{language}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}{reverse('queue', args=['study'])}")
    looked_at(page, f"queue-{language}")
    page.goto(live_server.url + reverse("dispute", args=["study", world.dispute.public_id]))
    page.wait_for_selector("body[data-ready]")
    looked_at(page, f"dispute-{language}")
    page.goto(live_server.url + reverse("account"))
    looked_at(page, f"account-{language}")
