"""A study is set up in the browser: what the pages write, what they refuse and where they say so."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations import intake
from annotations.models import Assignment, Membership, Project, Reader
from annotations.selectors import questions_of
from tests.factories import EFFUSION, GRADE, NODULE, SUSPICION, VALVE, code, read, study

BUDGET = 20
pytestmark = pytest.mark.django_db


@pytest.fixture
def mira(client, cast):
    client.force_login(cast.mira)
    return client


def say(client, name, slug, **given):
    return client.post(reverse(name, args=[slug]), given)


def page_of(client, name, slug="study"):
    return client.get(reverse(name, args=[slug])).content.decode()


def open_one(client, **given):
    return client.post(reverse("new-project"), {"name": "Chest films", **given})


class TestNewProject:
    def test_opens_with_a_short_name_of_its_own_and_leads_to_what_is_next(self, mira, cast):
        answer = open_one(mira, description="Two readers.", simulated_note="Drawn.", anonymous_readers="on")
        assert answer.url == reverse("setup-questions", args=["chest-films"])
        project = Project.objects.get(slug="chest-films")
        assert (project.simulated_note, project.knows_readers) == ("Drawn.", False)
        assert Membership.objects.get(project=project).user == cast.mira
        assert 'aria-current="step"' in page_of(mira, "overview", "chest-films")

    def test_a_taken_short_name_is_refused_at_its_field_and_keeps_what_was_written(self, mira):
        open_one(mira)
        page = open_one(mira, description="Kept").content.decode()
        assert 'id="id_slug_error"' in page
        assert "Kept" in page
        assert Project.objects.count() == 1

    def test_a_name_without_latin_letters_asks_for_a_short_name(self, mira):
        assert "give a short name" in mira.post(reverse("new-project"), {"name": "胸部"}).content.decode()
        assert open_one(mira, name="胸部", slug="kyobu").status_code == 302

    def test_the_list_offers_it_to_whoever_may(self, mira, cast):
        assert f'href="{reverse("new-project")}"' in mira.get("/").content.decode()
        mira.force_login(cast.ada)
        assert f'href="{reverse("new-project")}"' not in mira.get("/").content.decode()


class TestChecklist:
    def test_the_overview_holds_the_steps_until_the_first_read(self, mira, cast):
        project = study(cast.mira, {"reader-aquila": cast.ada, "reader-borealis": cast.ben})
        page = page_of(mira, "overview")
        assert page.count(">done<") == 5
        assert page.count('aria-current="step"') == 1
        read(project, cast.ada, "case-1", effusion=code("yes"))
        assert ">done<" not in page_of(mira, "overview")
        assert ">done<" in page_of(mira, "setup")

    @pytest.mark.parametrize("name", ["overview", "setup", "setup-questions", "setup-people", "setup-seats"])
    def test_a_page_before_the_first_read_asks_the_database_little(self, mira, cast, name):
        study(cast.mira, {"reader-aquila": cast.ada, "reader-borealis": cast.ben}, questions=[NODULE, SUSPICION])
        # What pages compute is kept once it was asked for, as in the budget of the other pages.
        mira.get(reverse(name, args=["study"]))
        with CaptureQueriesContext(connection) as queries:
            assert mira.get(reverse(name, args=["study"])).status_code == 200
        assert len(queries) <= BUDGET, "\n".join(query["sql"][:150] for query in queries.captured_queries)


def asked(*questions, **more):
    """Return the fields of a form that asks these: dictionaries of field and value."""
    fields = {f"q{place}-{name}": value for place, one in enumerate(questions) for name, value in one.items()}
    return {"n": len(questions), **fields, **more}


PRESENT = {"kind": "category", "title": "Effusion present", "choices": "yes: Present\nno: Absent"}
MARKS = {"kind": "polygon", "title": "Nodule", "rule": "pixel_centre", "many": "on"}
LEVEL = {
    "kind": "grade",
    "title": "Suspicion",
    "choices": "1: Low\n2\n3: High",
    "scale": "ordinal",
    "about": "nodule",
}
SIZE = {"kind": "measurement", "title": "Size", "unit": "mm", "minimum": "0", "maximum": "80.5", "scale": "ratio"}


class TestQuestions:
    @pytest.fixture
    def slug(self, mira):
        open_one(mira, slug="new")
        return "new"

    def test_plain_fields_become_a_schema(self, mira, slug):
        answer = say(
            mira,
            "setup-questions",
            slug,
            **asked(PRESENT, MARKS, LEVEL, SIZE, guideline="Look twice.", do="publish"),
        )
        assert answer.status_code == 302, answer.content.decode()
        rows = questions_of(Project.objects.get(slug=slug))
        assert [(row.code, row.kind, row.scale) for row in rows] == [
            ("effusion_present", "category", "nominal"),
            ("nodule", "polygon", "none"),
            ("suspicion", "grade", "ordinal"),
            ("size", "measurement", "ratio"),
        ]
        codes = [{"code": "yes", "title": "Present"}, {"code": "no", "title": "Absent"}]
        assert rows[0].definition == {"codes": codes}
        assert rows[1].definition == {"many": True, "rule": "pixel_centre"}
        assert [level["code"] for level in rows[2].definition["levels"]] == ["1", "2", "3"]
        assert rows[2].about == rows[1]
        assert rows[3].definition == {"unit": "mm", "minimum": 0, "maximum": 80.5}
        assert rows[0].schema.guideline == "Look twice."

    def test_every_kind_can_be_asked_by_its_fields(self, mira, slug):
        choices = "a: One\nb: Two"
        kinds = {
            "category": {"choices": choices},
            "grade": {"choices": choices, "scale": "ordinal"},
            "multilabel": {"choices": choices},
            "measurement": {"unit": "mm", "scale": "ratio"},
            "mask": {},
            "polygon": {"rule": "pixel_centre"},
            "box": {},
            "landmarks": {"choices": choices},
            "interval": {"duration": "30"},
            "ranking": {"choices": choices},
        }
        questions = [{"kind": kind, "title": f"The {kind}", **fields} for kind, fields in kinds.items()]
        say(mira, "setup-questions", slug, **asked(*questions, do="publish"))
        assert [row.kind for row in questions_of(Project.objects.get(slug=slug))] == list(kinds)
        offered = page_of(mira, "setup-questions", slug)
        assert all(f'<option value="{kind}">' in offered for kind in kinds)

    def test_a_refusal_stands_at_its_field_and_nothing_is_published(self, mira, slug):
        wrong = {**SIZE, "minimum": "90"}
        dangling = {**LEVEL, "about": "nothing"}
        page = say(mira, "setup-questions", slug, **asked(wrong, dangling, do="publish")).content.decode()
        assert 'id="id_q0-maximum_error"' in page
        assert 'id="id_q1-about_error"' in page
        assert not questions_of(Project.objects.get(slug=slug))

    def test_adding_moving_and_removing_keeps_what_was_written(self, mira, slug):
        page = say(mira, "setup-questions", slug, **asked({**PRESENT, "choices": "half"}, MARKS, do="down-0"))
        content = page.content.decode()
        assert content.index('value="Nodule"') < content.index('value="Effusion present"')
        assert "half" in content
        added = say(mira, "setup-questions", slug, **asked(PRESENT, do="add", kind="box")).content.decode()
        assert 'name="q1-title"' in added
        removed = say(mira, "setup-questions", slug, **asked(PRESENT, MARKS, do="remove-0")).content.decode()
        assert 'value="Effusion present"' not in removed
        assert not questions_of(Project.objects.get(slug=slug))

    def test_the_preview_shows_what_a_reader_will_see(self, mira, slug):
        page = say(mira, "setup-questions", slug, **asked(PRESENT, do="preview"))
        assert 'name="effusion_present" value="yes"' in page.content.decode()
        assert not questions_of(Project.objects.get(slug=slug))

    def test_what_the_form_does_not_know_stays(self, mira, cast):
        project = study(cast.mira, {})
        intake.publish_schema(actor=cast.mira, project=project, questions=[VALVE])
        point = {"kind": "landmarks", "title": "Valve plane", "code": "valve", "choices": "apex: Tip\nbase: Base"}
        say(mira, "setup-questions", "study", **asked(point, do="publish"))
        definition = questions_of(project)[0].definition
        assert definition["points"][0] == {"code": "apex", "title": "Tip", "sigma": 0.1}
        assert definition["area_mm2"] == 100

    def test_json_is_another_way_to_the_same(self, mira, slug):
        document = {"guideline": "G", "questions": [{"code": "a", "title": "A", "kind": "mask", "scale": "none"}]}
        say(mira, "setup-questions", slug, document=json.dumps(document), do="publish")
        assert questions_of(Project.objects.get(slug=slug))[0].code == "a"
        for broken in ("{", "[]", '{"questions": [{"code": 1}]}', '{"questions": []}'):
            page = say(mira, "setup-questions", slug, document=broken, do="publish").content.decode()
            assert 'role="alert"' in page, broken
        assert Project.objects.get(slug=slug).schemas.count() == 1

    def test_answered_questions_change_only_knowingly(self, mira, cast):
        project = study(cast.mira, {"reader-aquila": cast.ada, "reader-borealis": cast.ben})
        read(project, cast.ada, "case-1", effusion=code("yes"))
        given = asked({**PRESENT, "code": "effusion", "title": "Effusion?"}, do="publish")
        page = say(mira, "setup-questions", "study", **given).content.decode()
        assert "1 reading holds answers of 1 case under version 1" in page
        assert "confirm below that they will not count any more" in page
        assert "changes: title" in page
        assert project.schemas.count() == 1
        assert say(mira, "setup-questions", "study", **given, knows="1").status_code == 302
        assert project.schemas.count() == 2

    def test_the_same_questions_make_no_version(self, mira, cast):
        project = study(cast.mira, {}, questions=[EFFUSION])
        same = {"kind": "category", "title": "Effusion", "code": "effusion", "choices": "yes: Present\nno: Absent"}
        assert (
            "Nothing was changed" in say(mira, "setup-questions", "study", **asked(same, do="publish")).content.decode()
        )
        assert project.schemas.count() == 1

    def test_pages_bear_a_question_of_which_the_protocol_says_nothing(self, mira, cast):
        project = study(cast.mira, {"reader-aquila": cast.ada}, questions=[EFFUSION])
        intake.publish_schema(actor=cast.mira, project=project, questions=[EFFUSION, GRADE])
        for name in ("overview", "setup", "protocol", "agreement", "readers"):
            assert mira.get(reverse(name, args=["study"])).status_code == 200, name


class TestPeople:
    @pytest.fixture
    def project(self, mira, cast):
        return study(cast.mira, {})

    def test_a_member_is_added_changed_and_removed(self, mira, cast, project):
        say(mira, "setup-people", "study", do="role", username="ada", role="annotator")
        assert project.memberships.get(user=cast.ada).role == "annotator"
        say(mira, "setup-people", "study", do="role", username="ada", role="adjudicator")
        assert project.memberships.get(user=cast.ada).role == "adjudicator"
        say(mira, "setup-people", "study", do="remove", username="ada")
        assert not project.memberships.filter(user=cast.ada).exists()
        actions = project.audit_events.order_by("number").values_list("action", flat=True)
        assert list(actions)[-3:] == ["member.role-set", "member.role-set", "member.removed"]

    def test_nobody_of_this_name_is_said_at_the_field(self, mira, project):
        page = say(mira, "setup-people", "study", do="role", username="nobody", role="annotator").content.decode()
        assert 'id="member_username_error"' in page

    def test_the_only_lead_stays(self, mira, project):
        for given in ({"do": "remove"}, {"do": "role", "role": "vendor"}):
            assert "only QA lead" in say(mira, "setup-people", "study", username="mira", **given).content.decode()
        assert project.memberships.get().role == "qa_lead"

    def test_readers_are_people_files_and_models_with_a_version(self, mira, cast, project):
        say(mira, "setup-people", "study", do="role", username="ada", role="annotator")
        for given in (
            {"code": "R01", "kind": "human", "username": "ada"},
            {"code": "R02", "kind": "human"},
            {"code": "M01", "kind": "model", "version": "2.1"},
        ):
            assert say(mira, "setup-people", "study", do="reader", **given).status_code == 302
        rows = Reader.objects.filter(project=project).order_by("code")
        assert [(row.code, row.kind, row.version, row.user) for row in rows] == [
            ("M01", "model", "2.1", None),
            ("R01", "human", "", cast.ada),
            ("R02", "human", "", None),
        ]

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"code": "M01", "kind": "model"}, "id_version"),
            ({"code": "R01", "kind": "human", "version": "2"}, "id_version"),
            ({"code": "R01", "kind": "human", "username": "ada"}, "id_username"),
        ],
    )
    def test_a_reader_that_cannot_be_is_refused_at_its_field(self, mira, project, given, field):
        assert f'id="{field}_error"' in say(mira, "setup-people", "study", do="reader", **given).content.decode()
        assert not project.readers.exists()

    def test_a_reader_stops_and_reads_again(self, mira, cast, project):
        intake.register_reader(actor=cast.mira, project=project, code="R01")
        say(mira, "setup-people", "study", do="deactivate", code="R01")
        assert project.readers.get().deactivated_at
        say(mira, "setup-people", "study", do="activate", code="R01")
        assert project.readers.get().deactivated_at is None


class TestSeats:
    @pytest.fixture
    def project(self, mira, cast):
        project = study(cast.mira, {}, n_cases=6)
        for username, code_ in (("ada", "R01"), ("ben", "R02"), ("chen", "R03")):
            user = getattr(cast, username)
            intake.set_role(actor=cast.mira, project=project, user=user, role="annotator")
            intake.register_reader(actor=cast.mira, project=project, code=code_, user=user)
        return project

    def test_showing_writes_nothing_and_giving_does_what_was_shown(self, mira, project):
        wish = {"readers": ["R01", "R02", "R03"], "how": "drawn", "n_readers": "2"}
        page = say(mira, "setup-seats", "study", do="preview", **wish).content.decode()
        assert "12 new" in page
        assert not Assignment.objects.exists()
        say(mira, "setup-seats", "study", do="give", **wish)
        seats = Assignment.objects.filter(case__project=project)
        assert seats.count() == 12
        assert {row.assignments.count() for row in project.readers.all()} == {4}
        assert {row.assignments.count() for row in project.cases.all()} == {2}
        say(mira, "setup-seats", "study", do="give", **wish)
        assert seats.count() == 12
        say(mira, "setup-seats", "study", do="give", **{**wish, "n_readers": "3"})
        assert seats.count() == 18

    def test_everybody_reads_everything(self, mira, project):
        say(mira, "setup-seats", "study", do="give", readers=["R01", "R03"], how="every")
        assert Assignment.objects.filter(case__project=project).count() == 12
        assert not Assignment.objects.filter(reader__code="R02").exists()

    def test_a_case_that_was_taken_out_gets_no_seat(self, mira, cast, project):
        intake.exclude_case(actor=cast.mira, case=project.cases.first(), reason="unreadable")
        say(mira, "setup-seats", "study", do="give", readers=["R01"], how="every")
        assert Assignment.objects.filter(case__project=project).count() == 5

    @pytest.mark.parametrize("n_readers", ["", "0", "4"])
    def test_a_number_that_cannot_be_is_refused_at_its_field(self, mira, project, n_readers):
        wish = {"readers": ["R01", "R02", "R03"], "how": "drawn", "n_readers": n_readers}
        assert 'id="id_n_readers_error"' in say(mira, "setup-seats", "study", do="give", **wish).content.decode()
        assert not Assignment.objects.exists()


def test_marks_are_described_question_by_question(mira, cast):
    """A question about the marks of another survives the way through the form."""
    project = study(cast.mira, {}, questions=[NODULE, SUSPICION])
    page = page_of(mira, "setup-questions")
    assert '<option value="nodule" selected>each mark of Nodule</option>' in page
    nodule = {"kind": "polygon", "title": "Nodule", "rule": "pixel_centre", "many": "on"}
    level = {"kind": "grade", "title": "Suspicion", "choices": "1\n2", "scale": "ordinal"}
    draft = say(mira, "setup-questions", "study", **asked(nodule, level, do="up-1")).content.decode()
    assert '<option value="nodule">each mark of Nodule</option>' in draft
    assert project.schemas.count() == 1
