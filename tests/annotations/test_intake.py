import pytest

from annotations import intake, selectors
from annotations.errors import Conflict, InvalidInput
from annotations.intake import NewCase, NewProject, NewQuestion
from annotations.models import AuditEvent, Image, Membership
from tests.factories import EFFUSION, NODULE, SUSPICION, study
from tests.personas import ADA, CODES


@pytest.fixture
def project(cast):
    return intake.open_project(actor=cast.mira, new=NewProject(slug="knee", name="Knee"))


def actions(project):
    return list(AuditEvent.objects.filter(project=project).order_by("number").values_list("action", flat=True))


def test_whoever_opens_a_project_leads_it(cast, project):
    assert Membership.objects.get(project=project).role == "qa_lead"
    assert len(project.secret) == 64
    assert actions(project) == ["project.opened"]
    with pytest.raises(Conflict):
        intake.open_project(actor=cast.mira, new=NewProject(slug="knee", name="Other"))


def test_a_role_replaces_the_one_before(cast, project):
    intake.set_role(actor=cast.mira, project=project, user=cast.ada, role="annotator")
    intake.set_role(actor=cast.mira, project=project, user=cast.ada, role="vendor")
    assert Membership.objects.get(project=project, user=cast.ada).role == "vendor"
    with pytest.raises(InvalidInput):
        intake.set_role(actor=cast.mira, project=project, user=cast.ada, role="emperor")


@pytest.mark.parametrize(
    ("questions", "pointer", "code"),
    [
        ([], "#/questions", "empty"),
        ([EFFUSION, EFFUSION], "#/questions/1/code", "duplicate"),
        ([NewQuestion("a", "A", "opinion", "nominal")], "#/questions/0/kind", "unknown-kind"),
        ([NewQuestion("a", "A", "category", "ratio", EFFUSION.definition)], "#/questions/0/scale", "wrong-scale"),
        ([NewQuestion("a", "A", "category", "nominal", {})], "#/questions/0/definition/codes", "missing-member"),
        ([SUSPICION], "#/questions/0/about", "no-such-marks"),
        ([EFFUSION, NewQuestion("b", "B", "grade", "ordinal", SUSPICION.definition, "effusion")], "#/questions/1/about",
         "no-such-marks"),
    ],
)  # fmt: skip
def test_an_unusable_schema_is_refused_with_a_pointer(cast, project, questions, pointer, code):
    with pytest.raises(InvalidInput) as refusal:
        intake.publish_schema(actor=cast.mira, project=project, questions=questions)
    (error,) = refusal.value.errors
    assert error["pointer"].startswith(pointer.rsplit("/", 1)[0])
    assert (error["pointer"], error["code"]) == (pointer, code) or pointer.endswith("codes")
    assert not project.schemas.exists()


def test_versions_of_the_questions_stay_readable(cast, project):
    first = intake.publish_schema(actor=cast.mira, project=project, questions=[EFFUSION])
    second = intake.publish_schema(actor=cast.mira, project=project, questions=[NODULE, SUSPICION])
    assert (first.version, second.version) == (1, 2)
    assert first.digest != second.digest
    assert selectors.current_schema(project) == second
    assert [question.code for question in selectors.questions_of(project)] == ["nodule", "suspicion"]
    assert second.questions.get(code="suspicion").about.code == "nodule"
    assert [question.code for question in first.questions.all()] == ["effusion"]


def test_cases_are_registered_once_with_their_grid(cast, project):
    cases = [NewCase("a", "p1", {}, (3, 4, 5), (2.0, 1.0, 1.0)), NewCase("b", "p2")]
    assert intake.register_cases(actor=cast.mira, project=project, cases=cases) == 2
    assert intake.register_cases(actor=cast.mira, project=project, cases=[*cases, NewCase("c", "p3")]) == 1
    assert sorted(project.cases.values_list("key", flat=True)) == ["a", "b", "c"]
    assert Image.objects.get().shape == [3, 4, 5]
    assert project.cases.filter(due_at__isnull=False).count() == 3
    grid = selectors.geometry_of(project.cases.get(key="a").image)
    assert (grid.shape, grid.spacing_mm) == ((3, 4, 5), (2.0, 1.0, 1.0))


def test_a_large_registration_is_written_chunk_by_chunk(cast, project, monkeypatch):
    monkeypatch.setattr(intake, "CHUNK", 3)
    cases = [NewCase(f"c{n}", f"p{n}") for n in range(8)]
    assert intake.register_cases(actor=cast.mira, project=project, cases=cases) == 8
    assert actions(project).count("cases.registered") == 3


def test_the_same_reader_code_is_the_same_reader(cast, project):
    first = intake.register_reader(actor=cast.mira, project=project, code="r1", user=cast.ada)
    assert intake.register_reader(actor=cast.mira, project=project, code="r1", user=cast.ada) == first
    assert actions(project).count("reader.registered") == 1


def test_the_same_code_for_another_person_is_refused(cast, project):
    intake.register_reader(actor=cast.mira, project=project, code="r1", user=cast.ada)
    with pytest.raises(Conflict):
        intake.register_reader(actor=cast.mira, project=project, code="r1", user=cast.ben)
    with pytest.raises(Conflict):
        intake.register_reader(actor=cast.mira, project=project, code="r2", user=cast.ada)


def test_one_exclusion_at_a_time(cast):
    project = study(cast.mira, {CODES[ADA]: cast.ada})
    case = project.cases.first()
    intake.exclude_case(actor=cast.mira, case=case, reason="duplicate", note="Same scan as case-2.")
    with pytest.raises(Conflict):
        intake.exclude_case(actor=cast.mira, case=case, reason="again")
    assert selectors.worklist(cast.ada, project).count() == 1
