"""A lead sets a study up in the browser, from nothing to a protocol in force."""

from django.urls import reverse
from playwright.sync_api import expect

from annotations.models import Project
from qc.selectors import current_protocol


def test_a_study_is_set_up_from_nothing(enter, world, live_server):
    page = enter("mira")
    page.goto(f"{live_server.url}{reverse('projects')}")
    page.get_by_role("link", name="New project").click()
    page.get_by_label("Name", exact=True).fill("Chest films")
    page.get_by_label("Short name").fill("chest")
    page.get_by_role("button", name="Open project").click()
    page.get_by_label("Another question").select_option("category")
    page.get_by_role("button", name="Add the question").click()
    page.get_by_label("What is asked").fill("Is there an effusion?")
    page.get_by_label("Codes").fill("yes: Present\nno: Absent")
    page.get_by_label("Another question").select_option("grade")
    page.get_by_role("button", name="Add the question").click()
    page.get_by_label("What is asked").nth(1).fill("How severe?")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_label("Levels").fill("none\nmild\nsevere")
        page.get_by_label("Guideline").focus()
    expect(page.locator("#questions-aside").get_by_role("radio", name="severe")).to_be_visible()
    page.get_by_role("button", name="Publish").first.click()
    expect(page.get_by_text("Version 1 of the questions is in force")).to_be_visible()
    page.get_by_role("link", name="Set up").first.click()
    page.get_by_role("link", name="Cases").click()
    page.get_by_label("Or as text").fill("case,subject,site\nct-1,p-1,Basel\nct-2,p-2,Bern")
    page.get_by_role("button", name="Look through").click()
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_text("2 cases registered")).to_be_visible()
    page.get_by_role("link", name="Set up").first.click()
    page.get_by_role("link", name="Protocol").click()
    drawn = page.locator("#consequences svg text")
    expect(drawn.filter(has_text="2 readers read every case")).to_be_visible()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_label("Third reader on disagreement (2+1 blind)").check()
    expect(drawn.filter(has_text="A third reads it, blind to both")).to_be_visible()
    page.get_by_role("button", name="Put in force").first.click()
    expect(page.get_by_text("Version 1 of the protocol is in force")).to_be_visible()
    project = Project.objects.get(slug="chest")
    assert current_protocol(project).document["protocol"] == "third_reader"
    assert [case.strata["site"] for case in project.cases.order_by("key")] == ["Basel", "Bern"]
