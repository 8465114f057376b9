"""A reader gives sets, orders, spans, boxes and points by keyboard and mouse; the API holds exactly that."""

import numpy as np
import pytest
from django.urls import reverse

from annotations import storing
from annotations.models import Assignment
from tests.browser.test_access import faults
from tests.browser.test_reading import READY, answers_over_http, press
from tests.factories import FRACTURE, HEART, ORDER, SHAPE, SIGNS, SPINDLES, VALVE, study
from tests.personas import assemble


@pytest.fixture
def project(transactional_db):
    cast = assemble()
    pixels = storing.store_bytes((np.arange(np.prod(SHAPE), dtype="<i2") % 400).tobytes(), "voxels")
    readers = {"reader-aquila": cast.ada, "reader-boreas": cast.ben}
    questions = [SIGNS, ORDER, SPINDLES, HEART, FRACTURE, VALVE]
    return study(cast.mira, readers, questions=questions, n_cases=2, pixels=pixels)


def at(page, x, y):
    """Return the place of a voxel of the axial slice on the screen."""
    return page.evaluate(
        """([x, y]) => {
            const pane = document.querySelector('[data-plane="axial"]').getBoundingClientRect();
            const scale = Math.min(pane.width, pane.height) / 16;
            return [pane.left + pane.width / 2 + (x - 8) * scale, pane.top + pane.height / 2 + (y - 8) * scale];
        }""",
        [x, y],
    )


def test_every_kind_is_answered_and_exactly_that_is_what_the_api_holds(enter, live_server, project):
    page = enter("ada", reverse("worklist", args=[project.slug]))
    page.get_by_role("button", name="Read the next one").press("Enter")
    page.wait_for_selector(READY)
    first = page.url
    # A set and an order by digits.
    press(page, "1", "2", "n", "2", "3", "1", "n")
    page.locator('[data-question="spindles"] [data-part="spans"]').focus()
    page.keyboard.type("5–7, 1.5-2.25")
    page.keyboard.press("Escape")
    # A box by dragging, one slice below, and two slices deep.
    page.keyboard.press("o")
    page.keyboard.press("ArrowUp")
    page.mouse.move(*at(page, 3, 4))
    page.mouse.down()
    page.mouse.move(*at(page, 9, 12), steps=4)
    page.mouse.up()
    page.locator('[data-question="heart"] [data-part="last"]').fill("3")
    # Points by clicking and by saying that one cannot be seen.
    page.keyboard.press("Escape")
    page.locator('[data-question="valve"] [data-point="apex"]').click()
    page.mouse.click(*at(page, 5, 6))
    page.locator('[data-question="valve"] [data-part="hidden"][value="base"]').check()
    # A finding by the keyboard's cursor, after it was said that there is none.
    page.keyboard.press("Escape")
    page.locator('[data-plane="axial"]').focus()
    page.locator('[data-question="fracture"] legend').click()
    press(page, "a", "Space", *["Shift+ArrowRight"] * 3, *["Shift+ArrowDown"] * 2, "Space")
    assert faults(page) == []
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url != first)
    held = answers_over_http(page, live_server, project)
    assert held.pop(("signs", "")) == {"kind": "multilabel", "codes": ["edema", "mass"]}
    assert held.pop(("order", "")) == {"kind": "ranking", "order": [["b"], ["c"], ["a"]]}
    assert held.pop(("spindles", "")) == {"kind": "interval", "spans": [[1.5, 2.25], [5, 7]]}
    heart = held.pop(("heart", ""))
    assert heart["low"] == pytest.approx([1, 4, 3], abs=0.05)
    assert heart["high"] == pytest.approx([3, 12, 9], abs=0.05)
    valve = held.pop(("valve", ""))["points"]
    assert valve["apex"] == pytest.approx([1.5, 6, 5], abs=0.05)
    assert valve["base"] is None
    fracture = held.pop(("fracture", "1"))
    assert [high - low for low, high in zip(fracture["low"], fracture["high"], strict=True)] == [1, 2, 3]
    assert held == {}
    assert Assignment.objects.get(case__key="case-1", reader__code="reader-aquila").finished_at is not None


def test_half_an_answer_is_named_and_not_sent(enter, project):
    page = enter("ada", reverse("worklist", args=[project.slug]))
    page.get_by_role("button", name="Read the next one").press("Enter")
    page.wait_for_selector(READY)
    page.locator('[data-question="signs"] [data-part="none"]').check()
    press(page, "n", "2")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Still needed: Likely causes is not complete").first.wait_for()
    assert not Assignment.objects.filter(finished_at__isnull=False).exists()
