"""A real browser on a real server: whatever it complains about fails the test."""

import os
import re
import shutil
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.access.world import build
from tests.factories import PASSWORD

# Playwright's sync API keeps a loop in this thread, which Django would take for an async view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
REPORT_FIELDS = re.compile(r"Content Security Policy", re.IGNORECASE)


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args():
    if not CHROMIUM:
        reason = "no Chromium: install the package chromium, or name one in CHROMIUM"
        if os.environ.get("CONSILIUM_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu"]}


@pytest.fixture(scope="session")
def browser_context_args():
    return {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}


@pytest.fixture
def world(transactional_db):
    return build()


@pytest.fixture
def complaints():
    """What the browser complained of; a test that expects a line takes it out."""
    return []


@pytest.fixture
def page(page, live_server, complaints):
    """A page that fails its test on any console error, page error or request to another origin."""
    own = urlsplit(live_server.url).netloc

    def heard(message):
        if message.type == "error" or REPORT_FIELDS.search(message.text):
            complaints.append(f"console: {message.text}")

    def asked(request):
        where = urlsplit(request.url)
        if where.scheme in {"http", "https"} and where.netloc != own:
            complaints.append(f"request to {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("request", asked)
    page.set_default_timeout(15_000)
    yield page
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def enter(page, live_server):
    """Return a function that signs a person in by keyboard alone and returns the page."""

    def sign_in(username, then="/"):
        page.goto(f"{live_server.url}/sign-in/?next={then}")
        # What is typed before the field has the focus is lost, which a busy machine shows now and then.
        expect(page.locator("input[name=username]")).to_be_focused()
        page.keyboard.type(username)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{live_server.url}{then}*")
        return page

    return sign_in
