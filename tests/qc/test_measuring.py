import pytest

from annotations import due, intake
from annotations.due import Fenced
from annotations.models import Project
from qc import measuring
from qc.models import AgreementResult, Evaluation
from tests.factories import EFFUSION, GRADE, LESION, box_mask, code, level, read, study, work
from tests.personas import ADA, BEN, CODES


@pytest.fixture
def project(cast):
    readers = {CODES[ADA]: cast.ada, CODES[BEN]: cast.ben}
    project = study(cast.mira, readers, questions=[EFFUSION, GRADE, LESION], n_cases=4)
    same, other = box_mask(0, 2, 2, 8, 2, 8), box_mask(0, 2, 5, 11, 2, 8)
    for number, (ada, ben, grade, mask) in enumerate(
        [("yes", "yes", 2, same), ("no", "no", 2, same), ("yes", "no", 3, other), ("no", "no", 2, same)], 1
    ):
        case = f"case-{number}"
        read(project, cast.ada, case, effusion=code(ada), grade=level(2), lesion=same)
        read(project, cast.ben, case, effusion=code(ben), grade=level(grade), lesion=mask)
    work()
    return project


def estimate(project, question, statistic, population="all"):
    newest = project.evaluations.filter(case__isnull=True).latest("pk")
    return newest.agreement.get(question__code=question, statistic=statistic, population=population).estimate


def test_each_question_is_measured_by_what_its_kind_allows(project):
    assert estimate(project, "effusion", "percent")["value"] == pytest.approx(0.75)
    # Marginals 2 yes of 4 and 1 yes of 4: by chance 1/8 + 3/8, so kappa is (3/4 - 1/2) / (1/2).
    assert estimate(project, "effusion", "cohen_kappa")["value"] == pytest.approx(0.5)
    # Three pairs with Dice 1 and one with half of its voxels shared.
    assert estimate(project, "lesion", "dice")["value"] == pytest.approx((3 + 0.5) / 4)
    asked = set(AgreementResult.objects.values_list("question__code", "statistic"))
    assert ("lesion", "cohen_kappa") not in asked
    assert ("grade", "krippendorff_alpha") in asked


def test_an_estimate_without_a_value_says_why(project):
    # Ada gave one level only and Ben almost: a coefficient corrected for chance may have no value, but never a NaN.
    for row in AgreementResult.objects.all():
        assert (row.estimate["value"] is None) == bool(row.estimate["undefined"]), row


def test_the_same_units_are_measured_once(project):
    runs = project.evaluations.filter(case__isnull=True).count()
    due.mark(project)
    work()
    assert project.evaluations.filter(case__isnull=True).count() == runs


def test_an_excluded_case_is_left_out_and_measured_anew(cast, project):
    intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-3"), reason="wrong patient")
    due.mark(project)
    work()
    assert estimate(project, "effusion", "percent")["value"] == 1.0
    assert project.evaluations.filter(case__isnull=True).count() >= 2


def test_numbers_never_stand_under_the_digest_of_other_units(cast, project, monkeypatch):
    intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-3"), reason="wrong patient")
    before = Evaluation.objects.filter(case__isnull=True).count()
    measured = measuring.measured_questions

    def excludes_meanwhile(*given):
        found = list(measured(*given))
        if not project.cases.get(key="case-4").exclusions.exists():
            intake.exclude_case(actor=cast.mira, case=project.cases.get(key="case-4"), reason="meanwhile")
        return found

    monkeypatch.setattr(measuring, "measured_questions", excludes_meanwhile)
    due.mark(project)
    ((pk, token),) = due.claim_due(Project, 10, "slow")
    claim = due.begin(Project, pk, token)
    assert measuring.evaluate_project(project=Project.objects.get(pk=pk), claim=claim) is None
    assert Evaluation.objects.filter(case__isnull=True).count() == before
    work()
    newest = Evaluation.objects.filter(case__isnull=True).latest("pk")
    assert newest.input_digest == measuring.project_digest(project)
    assert newest.facts["effusion"]["n_units"] == 2


def test_a_run_that_lost_its_lease_writes_nothing(project):
    due.mark(project)
    project.evaluations.filter(case__isnull=True)
    ((pk, token),) = due.claim_due(Project, 10, "slow")
    claim = due.begin(Project, pk, token)
    Project.objects.update(claim="another:one")
    with pytest.raises(Fenced):
        measuring.evaluate_project(project=Project.objects.get(pk=pk), claim=claim)
