"""A model as second reader: it stands beside one person, if it had read before, and counts in nothing else."""

import pytest
from django.urls import reverse

from annotations import assignment, intake, submission
from annotations.models import Annotation, Assignment
from qc import evaluation
from qc.errors import InvalidProtocol
from qc.models import AgreementResult, ConsensusResult, Dispute, ReaderResult
from qc.selectors import ledger
from tests.factories import EFFUSION, MAJORITY, code, person, read, work

DOCUMENT = {
    "protocol": "ai_second_reader",
    "seats": 2,
    "tie": "refer",
    "model": "net",
    "audit": {"share": 0.1},
    "questions": {"effusion": MAJORITY},
}

QUIET = "no case of these is audited"


def opened(cast, n_people=2):
    """Return a project with people, a model that has its seats and nobody seated yet."""
    project = intake.open_project(actor=cast.mira, new=intake.NewProject(slug="study", name="A study"))
    # The audit is drawn by the key: by one of their own a tenth of these cases would be read by a third person.
    project.secret = QUIET
    project.save(update_fields=["secret"])
    intake.publish_schema(actor=cast.mira, project=project, questions=[EFFUSION])
    cases = [intake.NewCase(f"case-{n}", f"p-{n}", {}, (1, 8, 8), (1.0, 1.0, 1.0), ("", ""), None) for n in range(1, 4)]
    intake.register_cases(actor=cast.mira, project=project, cases=cases)
    for name in (*(f"R-{n}" for n in range(n_people)), "net"):
        user, kind = person(name.lower()), "model" if name == "net" else "human"
        intake.set_role(actor=cast.mira, project=project, user=user, role="annotator")
        row = intake.register_reader(actor=cast.mira, project=project, code=name, user=user, kind=kind)
    assignment.assign_readers(actor=cast.mira, project=project, cases=list(project.cases.all()), readers=[row])
    evaluation.adopt_protocol(actor=cast.mira, project=project, document=DOCUMENT)
    work()
    return project


@pytest.fixture
def project(cast):
    return opened(cast)


def model_reads(project, case, says):
    read(project, project.readers.get(code="net").user, case, effusion=code(says))
    work()


def next_reads(project, case, says):
    """Let the one person who is asked and has not finished answer."""
    seat = Assignment.objects.get(case__key=case, finished_at__isnull=True, reader__kind="human")
    read(project, seat.reader.user, case, effusion=code(says))
    work()


def rounds(case):
    return sorted(Assignment.objects.filter(case__key=case, reader__kind="human").values_list("round", flat=True))


def state(case):
    found = ConsensusResult.objects.filter(case__key=case).latest("pk")
    said = found.details.get("accepted_by", "")
    return found.verdict, found.label and found.label["code"], said, Dispute.objects.filter(case__key=case).count()


def test_a_person_and_the_model_who_agree_settle_the_case_and_the_label_says_so(project, cast):
    model_reads(project, "case-1", "yes")
    assert rounds("case-1") == [1]
    next_reads(project, "case-1", "yes")
    assert state("case-1") == ("accept", "yes", "human_ai_pair", 0)
    assert rounds("case-1") == [1]
    assert ledger(project).counts["auto_accepted"] == 1
    address = reverse("case", args=["study", project.cases.get(key="case-1").public_id])
    page = cast.client("mira").get(address).content.decode()
    assert "human_ai_pair" in page


def test_where_they_differ_a_second_person_reads_and_the_model_counts_no_more(project):
    for case, second in (("case-1", "no"), ("case-2", "yes")):
        model_reads(project, case, "yes")
        next_reads(project, case, "no")
        assert rounds(case) == [1, 2]
        assert state(case) == ("refer", None, "", 0)
        next_reads(project, case, second)
    # Two against one settle nothing here: only people are counted.
    assert state("case-1") == ("accept", "no", "", 0)
    assert state("case-2") == ("refer", None, "", 1)
    assert {name for name, *_ in ConsensusResult.objects.latest("pk").inputs} == {"R-0", "R-1"}


@pytest.mark.parametrize("when", ["never", "late", "changed", "withdrawn"])
def test_without_a_read_that_was_there_before_two_people_read(project, when):
    if when in ("changed", "withdrawn"):
        model_reads(project, "case-1", "yes")
    next_reads(project, "case-1", "yes")
    if when == "late":
        model_reads(project, "case-1", "yes")
    if when == "changed":
        sheet = submission.AnswerSheet(project, {"case-1"})
        answer = sheet.prepare(submission.NewAnswer("case-1", "net", "effusion", code("no")))
        submission.write_answers(actor=project.readers.get(code="net").user, prepared=[answer])
    if when == "withdrawn":
        row = Annotation.objects.get(reader__code="net")
        submission.withdraw_annotation(actor=row.created_by, annotation=row, reason="A wrong version ran.")
    evaluation.due.mark(project.cases.all())
    work()
    # The second is of the first round: whether there was a read depends on no answer, so agreement is measured on both.
    assert rounds("case-1") == [1, 1]
    next_reads(project, "case-1", "yes")
    assert state("case-1") == ("accept", "yes", "", 0)


def test_who_does_not_finish_is_waited_for(project):
    model_reads(project, "case-1", "yes")
    assert not ConsensusResult.objects.filter(case__key="case-1").exists()
    assert rounds("case-1") == [1]


def test_where_nobody_is_left_a_physician_decides_between_the_person_and_the_model(cast):
    project = opened(cast, n_people=1)
    model_reads(project, "case-1", "yes")
    next_reads(project, "case-1", "no")
    assert state("case-1") == ("refer", None, "", 1)


def test_agreement_is_of_people_and_the_model_is_measured_by_nothing_it_settled(project):
    for number in (1, 2, 3):
        model_reads(project, f"case-{number}", "yes")
        next_reads(project, f"case-{number}", "yes")
    assert ledger(project).counts["auto_accepted"] == 3
    assert not AgreementResult.objects.filter(statistic="percent", estimate__value__isnull=False).exists()
    assert not ReaderResult.objects.filter(reader__code="net").exists()


def test_an_audit_that_differs_opens_what_the_pair_accepted(project, cast):
    evaluation.adopt_protocol(actor=cast.mira, project=project, document={**DOCUMENT, "audit": {"share": 1.0}})
    work()
    model_reads(project, "case-1", "yes")
    next_reads(project, "case-1", "yes")
    assert Assignment.objects.get(purpose="audit").case.key == "case-1"
    next_reads(project, "case-1", "no")
    assert state("case-1")[0] == "refer"
    assert len(Dispute.objects.get().result.inputs) == 3


@pytest.mark.parametrize(
    ("change", "pointer", "said"),
    [
        ({"seats": 3}, "#/seats", "two seats"),
        ({"model": ""}, "#/model", "Name the model"),
        ({"model": "R-0"}, "#/model", "no model R-0"),
        ({"model_votes": True}, "#/model_votes", "no other part"),
        ({"model_check": True}, "#/model_check", "no other part"),
        ({"audit": {"share": 0.05}}, "#/audit/share", "at least 10 %"),
    ],
)
def test_a_document_that_cannot_be_carried_out_is_refused(project, cast, change, pointer, said):
    with pytest.raises(InvalidProtocol) as caught:
        evaluation.adopt_protocol(actor=cast.mira, project=project, document={**DOCUMENT, **change})
    (error,) = caught.value.errors
    assert error["pointer"] == pointer
    assert said in error["detail"]
