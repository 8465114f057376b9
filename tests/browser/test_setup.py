"""A lead sets a study up in the browser, from nothing to reads that count; axe looks at every state on the way."""

from dataclasses import replace

from django.urls import reverse
from playwright.sync_api import expect

from annotations import intake
from annotations.intake import NewCase, NewProject
from annotations.models import Annotation, Assignment, Project
from qc.selectors import current_protocol
from tests.annotations.images.dicom_files import slices
from tests.browser.test_access import faults
from tests.factories import EFFUSION, GRADE, work

READS = b"""case,reader,question,value
ct-1,R1,is_there_an_effusion,yes
ct-2,R1,is_there_an_effusion,no
ct-9,R1,how_severe,mild
"""


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
    assert not faults(page)
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


def add_reader(page, username, code):
    """Make a person of the instance a member who reads under a code."""
    page.locator("#member_username").fill(username)
    page.locator("#member_role").select_option("annotator")
    page.get_by_role("button", name="Add the member").click()
    expect(page.get_by_role("status")).to_contain_text("is Annotator now")
    page.locator("#id_code").fill(code)
    page.locator("#id_username").fill(username)
    page.get_by_role("button", name="Add the reader").click()
    expect(page.get_by_role("status")).to_contain_text(f"{code} is a reader")


def test_people_are_added_seated_and_their_files_taken(enter, live_server, cast, transactional_db):
    project = intake.open_project(actor=cast.mira, new=NewProject("chest", "Chest films"))
    effusion = replace(EFFUSION, code="is_there_an_effusion")
    intake.publish_schema(actor=cast.mira, project=project, questions=[effusion, replace(GRADE, code="how_severe")])
    cases = [NewCase(f"ct-{place}", f"p-{place}") for place in range(1, 7)]
    intake.register_cases(actor=cast.mira, project=project, cases=cases)
    page = enter("mira", reverse("setup-people", args=["chest"]))
    found = faults(page)
    for username, code in (("ada", "R1"), ("ben", "R2"), ("chen", "R3")):
        add_reader(page, username, code)
    page.get_by_role("button", name="Remove mira").click()
    expect(page.get_by_text("This is the only QA lead")).to_be_visible()
    found += faults(page)
    page.get_by_role("link", name="Seats").click()
    page.get_by_label("So many of them, drawn and balanced").check()
    page.get_by_label("Readers of a case").fill("2")
    page.get_by_role("button", name="Show what it does").click()
    expect(page.get_by_text("12 new, not given yet")).to_be_visible()
    found += faults(page)
    page.get_by_role("button", name="Give the seats").click()
    expect(page.get_by_text("12 readings are asked for")).to_be_visible()
    assert {row.assignments.count() for row in project.readers.all()} == {4}
    page.goto(f"{live_server.url}{reverse('setup-reads', args=['chest'])}")
    page.get_by_label("File of reads").set_input_files({"name": "r.csv", "mimeType": "text/csv", "buffer": READS})
    page.get_by_role("button", name="Look through").click()
    expect(page.get_by_text("surely (95% certain)")).to_be_visible()
    expect(page.get_by_text("The project has no case ct-9")).to_be_visible()
    found += faults(page)
    page.get_by_role("button", name="Take the 2 good ones").click()
    expect(page.get_by_text("Waiting for the worker")).to_be_visible()
    found += faults(page)
    work()
    expect(page.get_by_text("Read 3 = 2 new + 0 there already + 1 refused")).to_be_visible(timeout=10_000)
    found += faults(page)
    assert Annotation.objects.filter(reader__code="R1").count() == 2
    assert Assignment.objects.filter(reader__code="R1", finished_at__isnull=False).count() == 2
    assert not found, "\n".join(found)


def test_images_are_looked_through_and_taken_without_choosing_them_twice(enter, live_server, cast, transactional_db):
    project = intake.open_project(actor=cast.mira, new=NewProject("chest", "Chest films"))
    page = enter("mira", reverse("setup-images", args=["chest"]))
    files = [{"name": f"{place}.dcm", "mimeType": "application/dicom", "buffer": content}
             for place, content in enumerate(slices())]  # fmt: skip
    page.get_by_label("Files", exact=True).set_input_files(files)
    page.get_by_role("textbox", name="Case key").fill("ct-1")
    page.get_by_role("button", name="Look through").click()
    expect(page.get_by_text("1 image can be taken, 0 cannot")).to_be_visible()
    assert not faults(page)
    assert not project.cases.exists()
    page.get_by_role("button", name="Take all").click()
    expect(page.get_by_text("1 images taken, 0 there already, 0 refused")).to_be_visible()
    assert project.cases.get().key == "ct-1"
    assert not faults(page)
