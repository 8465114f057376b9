"""A reader answers a case by keyboard alone, and exactly that is what the API holds."""

import json

import numpy as np
import pytest
from django.urls import reverse

from annotations import storing
from annotations.labels import _runs
from annotations.models import Annotation, Assignment
from tests.browser.test_access import faults
from tests.factories import DIAMETER, GRADE, LESION, NODULE, SHAPE, SUSPICION, person, study
from tests.personas import assemble

READY = "body[data-ready]"
CENTRE = (8, 8)


@pytest.fixture
def project(transactional_db):
    cast = assemble()
    pixels = storing.store_bytes((np.arange(np.prod(SHAPE), dtype="<i2") % 400).tobytes(), "voxels")
    readers = {"reader-aquila": cast.ada, "reader-boreas": cast.ben}
    questions = [GRADE, NODULE, SUSPICION, LESION, DIAMETER]
    return study(cast.mira, readers, questions=questions, n_cases=2, pixels=pixels)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def open_first(enter, project):
    page = enter("ada", reverse("worklist", args=[project.slug]))
    page.get_by_role("button", name="Read the next one").press("Enter")
    page.wait_for_url("**/read/*-*/")
    page.wait_for_selector(READY)
    return page


def outline(page):
    """Click a triangle with the cursor: right angle at the middle, four pixels each way."""
    press(page, "p", "Space", *["Shift+ArrowRight"] * 4, "Space", *["Shift+ArrowDown"] * 4, "Space", "Enter")


def answers_over_http(page, live_server, project):
    address = reverse("api-annotations", args=[project.slug])
    answer = page.request.get(f"{live_server.url}{address}")
    assert answer.ok, answer.text()
    return {(item["question"], item["mark"]): item["label"] for item in json.loads(answer.body())["items"]}


def test_a_case_is_read_by_keyboard_and_exactly_that_is_what_the_api_holds(enter, live_server, project):
    page = open_first(enter, project)
    first = page.url
    press(page, "3")
    outline(page)
    press(page, "n", "2", "b", "[", "[", "[", "Space", "m", "Space", *["Shift+ArrowLeft"] * 3, "Space")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != first and "/read/" in url)
    page.wait_for_selector(READY)
    held = answers_over_http(page, live_server, project)
    x, y = CENTRE
    triangle = [[x + 0.5, y + 0.5], [x + 4.5, y + 0.5], [x + 4.5, y + 4.5]]
    ring = {"slice": 2, "hole": False, "points": triangle}
    assert held.pop(("nodule", "1")) == {"kind": "polygon", "rule": "pixel_centre", "rings": [ring]}
    mask = held.pop(("lesion", ""))
    voxels = _runs.decode(mask["runs"], tuple(mask["shape"]))
    assert np.argwhere(voxels).tolist() == [[2, y + 4, x + 4]]
    assert held == {
        ("grade", ""): {"kind": "grade", "level": "3"},
        ("suspicion", "1"): {"kind": "grade", "level": "2"},
        ("diameter", ""): {"kind": "measurement", "number": 3, "unit": "mm"},
    }
    assert Assignment.objects.get(case__key="case-1", reader__code="reader-aquila").finished_at is not None
    assert all(row.seconds is not None and row.seconds < 120 for row in Annotation.objects.all())


def test_what_is_missing_is_named_and_focused(enter, project):
    page = open_first(enter, project)
    press(page, "2", "0")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector('[data-question="lesion"][data-current] :focus')
    assert "Still needed: Lesion" in page.inner_text("#status")
    assert not Assignment.objects.filter(finished_at__isnull=False).exists()


def test_a_draft_is_found_again_and_a_removed_mark_is_gone(enter, project):
    page = open_first(enter, project)
    press(page, "4")
    outline(page)
    page.keyboard.press("n")
    page.keyboard.press("1")
    with page.expect_response("**/answers") as saved:
        page.keyboard.press("Control+s")
    assert saved.value.ok
    page.reload()
    page.wait_for_selector(READY)
    assert page.is_checked('[data-question="grade"] [value="4"]')
    assert "slice 3, 8 mm²" in page.inner_text('[data-question="nodule"]')
    page.locator('[data-do="remove"]').press("Enter")
    with page.expect_response("**/withdraw") as gone:
        page.keyboard.press("Control+s")
    assert gone.value.json() == {"n_withdrawn": 2}


def test_a_question_that_cannot_be_assessed_takes_a_reason(enter, project):
    page = open_first(enter, project)
    page.keyboard.press("x")
    page.keyboard.type("Motion.")
    with page.expect_response("**/answers"):
        page.keyboard.press("Control+s")
    assert Annotation.objects.get().label == {"kind": "cannot_assess", "reason": "Motion."}


def test_an_answer_that_the_server_refuses_is_said_and_the_others_are_kept(enter, project, complaints):
    page = open_first(enter, project)
    page.keyboard.press("1")
    page.locator('[data-question="diameter"] [data-number]').focus()
    page.keyboard.type("900")
    page.keyboard.press("Control+s")
    page.get_by_text("above the greatest allowed").wait_for()
    page.locator("#saved", has_text="Saved").wait_for()
    assert [row.question.code for row in Annotation.objects.all()] == ["grade"]
    assert len(complaints) == 1
    assert "422" in complaints.pop()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_both_pages_are_accessible(enter, live_server, project, context, theme):
    context.add_cookies([{"name": "theme", "value": theme, "url": live_server.url}])
    page = enter("ada", reverse("worklist", args=[project.slug]))
    page.wait_for_load_state("networkidle")
    found = faults(page)
    page.get_by_role("button", name="Read the next one").press("Enter")
    page.wait_for_selector(READY)
    outline(page)
    found += faults(page)
    page.keyboard.press("?")
    page.wait_for_selector("#sheet[open]")
    found += faults(page)
    assert not found, "\n".join(found)


def test_a_case_without_pixels_says_so_and_takes_other_answers(enter, transactional_db):
    lead, reader = person("lena"), person("rolf")
    project = study(lead, {"reader-x": reader}, questions=[GRADE, LESION], n_cases=1)
    page = enter("rolf", reverse("worklist", args=[project.slug]))
    page.get_by_role("button", name="Read the next one").press("Enter")
    page.wait_for_selector(READY)
    assert "Pixels are not part of this data set" in page.inner_text(".pane-note")
    press(page, "2", "x")
    page.keyboard.type("No pixels here.")
    page.keyboard.press("Enter")
    page.wait_for_selector("#missing.good")
    assert Assignment.objects.get().finished_at is None, "Enter in a field finishes nothing"
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**{reverse('worklist', args=[project.slug])}")
    assert Assignment.objects.get().finished_at is not None


def spot(page, x, y):
    """Return where a voxel of the axial slice lies on the screen, from the pane's own drawing of the first mark."""
    pane = page.locator('[data-plane="axial"]').bounding_box()
    # The slice is square and fits the smaller side of the pane.
    side = min(pane["width"], pane["height"])
    left, top = pane["x"] + (pane["width"] - side) / 2, pane["y"] + (pane["height"] - side) / 2
    return left + x / SHAPE[2] * side, top + y / SHAPE[1] * side


def test_with_the_mouse_an_outline_is_clicked_a_point_dragged_and_a_region_painted_and_undone(enter, project):
    page = open_first(enter, project)
    page.get_by_role("button", name="Polygon").click()
    for x, y in [(2, 2), (10, 2), (10, 10), (2, 2)]:
        page.mouse.click(*spot(page, x, y))
    page.get_by_text("slice 3, 32 mm²").wait_for()
    page.mouse.move(*spot(page, 10, 10))
    page.mouse.down()
    page.mouse.move(*spot(page, 10, 6), steps=3)
    page.mouse.up()
    page.get_by_text("slice 3, 16 mm²").wait_for()
    page.get_by_role("button", name="Brush").click()
    page.mouse.move(*spot(page, 5, 12))
    page.mouse.down()
    page.mouse.move(*spot(page, 12, 12), steps=4)
    page.mouse.up()
    words = page.locator('[data-question="lesion"] [data-words]')
    assert "mm³" in words.inner_text()
    page.keyboard.press("Control+z")
    assert words.inner_text() == "nothing drawn yet"
    page.keyboard.press("Control+z")
    page.get_by_text("slice 3, 32 mm²").wait_for()
    with page.expect_response("**/answers"):
        page.keyboard.press("Control+s")
    (ring,) = Annotation.objects.get().label["rings"]
    assert np.allclose(ring["points"], [[2, 2], [10, 2], [10, 10]], atol=0.05)
