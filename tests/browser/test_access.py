"""Every page in both themes: no violation of WCAG 2.2 AA that a machine can find, and no sideways scrolling."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from tests.personas import ADA, CODES

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
READY = "body[data-ready]"
# Pages of a project that only its lead sees.
LEADS = (
    "setup", "setup-questions", "setup-cases", "setup-images", "setup-people", "setup-seats", "setup-reads", "channels",
    "protocol", "checks", "readers", "requirements", "outlook", "comparison", "what-if",
)  # fmt: skip


def addresses(world):
    slug, number = world.project.slug, world.release.number
    case = world.case("case-1")
    return {
        "mira": [
            reverse("projects"),
            reverse("overview", args=[slug]),
            reverse("agreement", args=[slug]),
            reverse("agreement-question", args=[slug, "effusion"]),
            reverse("agreement-question", args=[slug, "lesion"]),
            reverse("case", args=[slug, case.public_id]),
            reverse("queue", args=[slug]),
            reverse("releases", args=[slug]),
            reverse("release", args=[slug, number]),
            reverse("history", args=[slug, "effusion"]),
            reverse("reader", args=[slug, CODES[ADA]]),
            reverse("new-project"),
            *(reverse(name, args=[slug]) for name in LEADS),
        ],
        "chen": [
            reverse("queue", args=[slug]),
            reverse("overview", args=[slug]),
            reverse("dispute", args=[slug, world.dispute.public_id]),
        ],
        "vera": [reverse("releases", args=[slug])],
        "ada": [reverse("overview", args=[slug]), reverse("worklist", args=[slug]), reverse("own", args=[slug])],
    }


def faults(page):
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    return [f"{page.url} {one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def look(page, live_server, address):
    page.goto(f"{live_server.url}{address}")
    page.wait_for_load_state("networkidle")
    if "/disputes/" in address:
        page.wait_for_selector(READY)
    found = faults(page)
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{page.url} scrolls sideways")
    return found


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("who", ["mira", "chen", "vera", "ada"])
def test_pages_are_accessible(enter, world, live_server, context, theme, who):
    context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    page = enter(who)
    found = [fault for address in addresses(world)[who] for fault in look(page, live_server, address)]
    assert not found, "\n".join(found)


def test_signing_in_and_the_open_dialogs_are_accessible(enter, world, live_server, page):
    page.goto(f"{live_server.url}/sign-in/")
    found = faults(page)
    enter("chen", reverse("dispute", args=[world.project.slug, world.dispute.public_id]))
    page.wait_for_selector(READY)
    page.keyboard.press("?")
    page.wait_for_selector("#sheet[open]")
    found += faults(page)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    page.wait_for_selector("#giving-back[open]")
    found += faults(page)
    assert not found, "\n".join(found)


def test_the_theme_stays_and_the_page_comes_back(enter, world, live_server):
    address = reverse("overview", args=[world.project.slug])
    page = enter("mira", address)
    page.get_by_role("button", name="Light theme").press("Enter")
    page.wait_for_url(f"{live_server.url}{address}")
    assert page.get_attribute("html", "data-theme") == "light"
