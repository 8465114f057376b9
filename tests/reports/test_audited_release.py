"""A release made after audits says so, and whoever verifies it finds the same."""

import pytest

from annotations import intake
from annotations.assignment import assign_readers
from annotations.models import Assignment
from qc import evaluation
from qc.models import Dispute
from reports.verification.content import content_of
from reports.verification.verify import verify_package
from tests.reports.conftest import DOCUMENT, SQUARE
from tests.reports.verification.archives import changed, forged, packed, unpacked


@pytest.fixture
def audited(opened, django_user_model):
    """Every closed case is audited by a fourth reader, who differs on the quality of the second."""
    user = django_user_model.objects.create_user("dot", password="a long password for signing")
    opened.readers["dot"] = user
    for key in ("case-1", "case-2"):
        for reader in ("ada", "ben", "cyd"):
            opened.read(key, reader, outlines=[SQUARE] if key == "case-1" else [])
    opened.work()
    intake.set_role(actor=opened.lead, project=opened.project, user=user, role="annotator")
    intake.register_reader(actor=opened.lead, project=opened.project, code="dot", user=user)
    policy = {**DOCUMENT, "audit": {"share": 1.0}}
    evaluation.adopt_protocol(actor=opened.lead, project=opened.project, document=policy)
    opened.work()
    return opened


def test_an_audit_is_in_the_package_and_the_package_verifies(audited, tmp_path):
    assert Assignment.objects.filter(purpose="audit").count() == 2
    audited.read("case-1", "dot", outlines=[SQUARE])
    audited.read("case-2", "dot", quality="=poor")
    audited.work()
    path = audited.package(audited.released(), tmp_path)
    report = verify_package(path)
    assert report.is_equal, report.lines()
    files = unpacked(path)
    content = content_of(files)
    assert [check.purpose for check in content.cases["case-1"].checks()] == ["audit"]
    record = content.records["case-2", "quality", ""]
    assert (record["disposition"], record["referred_by"], record["label"]) == ("in_dispute", "audit", None)
    assert len(record["inputs"]) == 4
    assert content.records["case-1", "quality", ""]["disposition"] == "auto_accepted"
    # Whoever drops the audit from the package is found out, whatever key it is signed with.
    without = forged(
        changed(files, "reads.jsonl", lambda line: line.update(why=line["why"].replace("for_audit", "withdrawn")))
    )
    assert not verify_package(packed(without, tmp_path / "changed.zip")).is_equal


def test_a_model_without_a_vote_is_in_the_package_as_a_benchmark(opened, django_user_model, tmp_path):
    user = django_user_model.objects.create_user("net", password="a long password for signing")
    intake.set_role(actor=opened.lead, project=opened.project, user=user, role="annotator")
    intake.register_reader(actor=opened.lead, project=opened.project, code="dot", user=user, kind="model")
    opened.readers["dot"] = user
    reader = opened.project.readers.get(code="dot")
    assign_readers(actor=opened.lead, project=opened.project, cases=[opened.case("case-1")], readers=[reader])
    for name in ("ada", "ben", "cyd", "dot"):
        opened.read("case-1", name, outlines=[SQUARE], quality="=poor" if name == "dot" else "good")
    opened.work()
    path = opened.package(opened.released(), tmp_path)
    assert verify_package(path).is_equal, verify_package(path).lines()
    content = content_of(unpacked(path))
    assert content.records["case-1", "quality", ""]["votes"] == {"good": 3}
    assert b"case-1,dot,1,1,1,benchmark" in unpacked(path)["seats.csv"]
    assert b'"for_benchmark"' in unpacked(path)["reads.jsonl"]


def test_a_model_that_checks_opens_what_it_contradicts_and_the_package_verifies(opened, django_user_model, tmp_path):
    user = django_user_model.objects.create_user("net", password="a long password for signing")
    intake.set_role(actor=opened.lead, project=opened.project, user=user, role="annotator")
    intake.register_reader(actor=opened.lead, project=opened.project, code="dot", user=user, kind="model")
    opened.readers["dot"] = user
    reader = opened.project.readers.get(code="dot")
    cases = [opened.case("case-1"), opened.case("case-2")]
    assign_readers(actor=opened.lead, project=opened.project, cases=cases, readers=[reader])
    evaluation.adopt_protocol(actor=opened.lead, project=opened.project, document={**DOCUMENT, "model_check": True})
    for name in ("ada", "ben", "cyd"):
        opened.read("case-1", name, outlines=[SQUARE])
        opened.read("case-2", name)
    opened.work()
    assert not Dispute.objects.exists()
    opened.read("case-1", "dot", outlines=[SQUARE])
    opened.read("case-2", "dot", outlines=[SQUARE])
    opened.work()
    (dispute,) = Dispute.objects.all()
    assert (dispute.case.key, dispute.question.code, dispute.result.rule) == ("case-2", "lesion", "model_differs")
    path = opened.package(opened.released(), tmp_path)
    assert verify_package(path).is_equal, verify_package(path).lines()
