"""A second release after ten changed decisions: the difference names exactly these ten, with cause and version."""

import json

import pytest

from annotations import intake, submission
from annotations.models import Annotation
from qc import adjudication
from qc.models import Dispute
from reports import comparing, release
from reports.verification.verify import verify_package
from tests.factories import PASSWORD, code, read, study, work
from tests.personas import ADA, BEN, CODES

pytestmark = pytest.mark.django_db
DISPUTED = [f"case-{number}" for number in range(1, 13)]
CHANGED = DISPUTED[1:11]


def project_of(cast):
    """Twelve disputed cases, and three on which both agree."""
    project = study(cast.mira, {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}, n_cases=15)
    intake.set_role(actor=cast.mira, project=project, user=cast.chen, role="adjudicator")
    for number in range(1, 16):
        key = f"case-{number}"
        read(project, cast.ada, key, effusion=code("yes"))
        read(project, cast.ben, key, effusion=code("no" if key in DISPUTED else "yes"))
    work()
    return project


def decide(cast, project, value):
    for row in Dispute.objects.filter(project=project, closed_at__isnull=True).order_by("pk"):
        held = adjudication.claim_dispute(actor=cast.chen, dispute=row)
        new = adjudication.NewDecision(
            decision="own", value=code(value), rationale="Plain to see.", root_cause="oversight", confidence="high",
            password=PASSWORD, shown_digest=adjudication.shown_digest(held), fence=held.fence,
        )  # fmt: skip
        adjudication.resolve_dispute(actor=cast.chen, dispute=held, new=new)
    work()


def frozen(cast, project):
    made = release.freeze_release(actor=cast.mira, project=project)
    work()
    made.refresh_from_db()
    return made


def test_ten_changed_decisions_are_ten_changes(cast, tmp_path):
    project = project_of(cast)
    decide(cast, project, "yes")
    first = frozen(cast, project)
    # A decision is never edited: a read that it rests on is withdrawn, which opens the unit anew.
    for row in Annotation.objects.filter(case__project=project, case__key__in=CHANGED, reader__user=cast.ben):
        submission.withdraw_annotation(actor=cast.mira, annotation=row, reason="Read on the wrong screen.")
    work()
    assert Dispute.objects.filter(project=project, closed_at__isnull=True).count() == len(CHANGED) == 10
    decide(cast, project, "no")
    second = frozen(cast, project)

    found = comparing.diff_releases(first, second)
    assert sorted((one.case, one.what, one.cause) for one in found.changes) == sorted(
        (key, "label", "adjudication") for key in CHANGED
    )
    assert {(one.before["label"]["code"], one.after["label"]["code"]) for one in found.changes} == {("yes", "no")}
    assert (found.n_same, found.bump, second.version) == (5, "major", "2.0.0")

    stored = json.loads(release.package_files(second)["diff.json"])
    assert sorted(one["case"] for one in stored["changes"]) == sorted(CHANGED)
    path = tmp_path / "second.zip"
    with release.package_zip(second) as stream:
        path.write_bytes(stream.read())
    assert verify_package(path).is_equal
