"""A small story up to the door of a release: nine cases, three readers, one physician, every way a unit can go."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User

from annotations import assignment, due, intake, submission
from annotations.intake import NewCase, NewProject, NewQuestion
from annotations.models import Assignment, Case, Project, Reader, Role
from annotations.submission import NewAnswer
from qc import adjudication, evaluation
from qc.adjudication import NewDecision
from qc.models import Dispute
from qc.tasks import advance_one, evaluate_one
from reports import release
from reports.models import GoldRelease
from reports.tasks import build_one

PASSWORD = "a long password for signing"
LEVELS = [{"code": str(level), "title": f"Level {level}"} for level in range(1, 6)]
QUESTIONS = [
    NewQuestion("lesion", "Lesion", "polygon", "none", {"many": True, "rule": "outline_excluded"}),
    NewQuestion("grade", "Grade", "grade", "ordinal", {"levels": LEVELS}, about="lesion"),
    NewQuestion("quality", "Quality", "category", "nominal", {"codes": [{"code": "good"}, {"code": "=poor"}]}),
    NewQuestion("size", "Size", "measurement", "ratio", {"unit": "mm", "minimum": 0, "maximum": 100}),
]
DOCUMENT = {
    "protocol": "majority_panel",
    "seats": 3,
    "questions": {
        "lesion": {
            "existence": "majority",
            "method": "majority_mask",
            "rules": {"low_agreement": {"statistic": "dice", "minimum": 0.6}, "no_majority": {}},
        },
        "grade": {
            "method": "median",
            "rules": {"low_agreement": {"statistic": "spread", "maximum": 1}, "no_majority": {}},
        },
        "quality": {"method": "majority", "rules": {"no_majority": {}}},
        "size": {"method": "median", "rules": {"no_majority": {}}},
    },
    "matching": {"method": "outline_distance", "tolerance_mm": "slice_thickness"},
}
SQUARE = ((10, 10), (20, 10), (20, 20), (10, 20))
LARGE = ((10, 10), (36, 10), (36, 36), (10, 36))


def outline(points, slice_number=2):
    ring = {"slice": slice_number, "hole": False, "points": [list(point) for point in points]}
    return {"kind": "polygon", "rings": [ring]}


@dataclass
class Story:
    """The people of the story and the verbs that its tests call."""

    project: Project
    lead: User
    physician: User
    readers: dict[str, User]

    def case(self, key):
        return Case.objects.get(project=self.project, key=key)

    def read(self, case, reader, *, outlines=(), grade=3, quality="good", finish=True):
        """One reader answers everything asked of a case; None for the outlines says that it cannot be assessed."""
        size = {"ada": 12.5, "ben": 13.0, "cyd": 12.75, "dot": 12.5}[reader]
        answers = [NewAnswer(case, reader, "quality", {"kind": "category", "code": quality})]
        answers.append(NewAnswer(case, reader, "size", {"kind": "measurement", "number": size, "unit": "mm"}))
        for number, points in enumerate(outlines or (), start=1):
            answers.append(NewAnswer(case, reader, "lesion", outline(points), mark=str(number)))
            answers.append(NewAnswer(case, reader, "grade", {"kind": "grade", "level": str(grade)}, mark=str(number)))
        if outlines is None:
            answers.append(NewAnswer(case, reader, "lesion", {"kind": "cannot_assess", "reason": "motion"}))
        elif not outlines:
            answers.append(NewAnswer(case, reader, "lesion", {"kind": "nothing_found"}))
        user = self.readers[reader]
        submission.submit_answers(actor=user, project=self.project, answers=answers)
        if finish:
            seat = Assignment.objects.get(case=self.case(case), reader__code=reader)
            submission.finish_reading(actor=user, assignment=seat)

    def work(self):
        """Do what the worker would do until nothing is due, the measurement included."""
        for _ in range(6):
            pairs = due.claim_due(Case, 100, "test")
            if not pairs:
                break
            due.run(Case, pairs, advance_one)
        due.mark(self.project)
        due.run(Project, due.claim_due(Project, 10, "test"), evaluate_one)
        self.project.refresh_from_db()
        stuck = list(Case.objects.filter(project=self.project, due_at__isnull=False).values_list("key", "last_error"))
        assert not stuck
        assert not self.project.last_error

    def settle(self, case, question, **decision):
        """The physician signs a decision on the open dispute of a unit."""
        row = Dispute.objects.get(case__key=case, question__code=question, closed_at__isnull=True)
        held = adjudication.claim_dispute(actor=self.physician, dispute=row)
        new = NewDecision(
            rationale="The margin is plain on slice 2.",
            root_cause="interpretation",
            confidence="high",
            password=PASSWORD,
            shown_digest=adjudication.shown_digest(held),
            fence=held.fence,
            **decision,
        )
        return adjudication.resolve_dispute(actor=self.physician, dispute=held, new=new)

    def letter(self, case, question, reader):
        row = Dispute.objects.get(case__key=case, question__code=question, closed_at__isnull=True)
        return adjudication.letters_of(row)[reader]

    def freeze(self, **options):
        return release.freeze_release(actor=self.lead, project=self.project, **options)

    def build(self, row):
        """Do what the worker would do for the files of a release."""
        due.run(GoldRelease, due.claim_due(GoldRelease, 10, "test"), build_one)
        row.refresh_from_db()
        assert not row.last_error
        assert row.due_at is None
        return row

    def released(self, **options):
        return self.build(self.freeze(**options))

    def package(self, row, path):
        """Save the archive of a release and return its path."""
        with release.package_zip(row) as stream:
            target = path / release.archive_name(row)
            target.write_bytes(stream.read())
        return target


@pytest.fixture
def opened(db):
    """A project with its people, its questions and its protocol, and nine cases with three seats each."""
    lead = User.objects.create_user("lead", password=PASSWORD, first_name="Mira", last_name="Lind")
    physician = User.objects.create_user("physician", password=PASSWORD, first_name="Chen", last_name="Wu")
    new = NewProject("lesions", "Lesions", description="Lesions of *nobody*.", attribution="Made for a test.")
    project = intake.open_project(actor=lead, new=new)
    intake.set_role(actor=lead, project=project, user=physician, role=Role.ADJUDICATOR)
    intake.publish_schema(actor=lead, project=project, questions=QUESTIONS, guideline="Outline every lesion.")
    readers = {}
    for code in ("ada", "ben", "cyd"):
        user = User.objects.create_user(code, password=PASSWORD)
        intake.set_role(actor=lead, project=project, user=user, role=Role.ANNOTATOR)
        intake.register_reader(actor=lead, project=project, code=code, user=user)
        readers[code] = user
    strata = {"slice_thickness_mm": 2.5}
    cases = [NewCase(f"case-{n}", f"patient-{n // 2}", strata, (5, 40, 40), (2.5, 0.7, 0.7)) for n in range(1, 10)]
    intake.register_cases(actor=lead, project=project, cases=cases)
    evaluation.adopt_protocol(actor=lead, project=project, document=DOCUMENT)
    assignment.assign_readers(
        actor=lead,
        project=project,
        cases=list(project.cases.all()),
        readers=list(Reader.objects.filter(project=project)),
    )
    return Story(project, lead, physician, readers)


@pytest.fixture
def story(opened):
    """The reads are in: cases 1, 2 and 5 agree, 3, 4 and 6 are disputed, 7 is excluded, 8 and 9 unread."""
    for reader in ("ada", "ben", "cyd"):
        last = reader == "cyd"
        opened.read("case-1", reader, outlines=[SQUARE], grade=3, quality="=poor" if last else "good")
        opened.read("case-2", reader)
        # Grades 1, 1 and 5 of one lesion: too far apart for the rule.
        opened.read("case-3", reader, outlines=[SQUARE], grade=5 if last else 1)
        # A square in the corner of a much larger one: the same lesion, but its outline is disputed.
        opened.read("case-4", reader, outlines=[LARGE if last else SQUARE])
        # Only one of three marks it: the majority says that there is nothing.
        opened.read("case-5", reader, outlines=[SQUARE] if last else [])
        # One marks it, one sees nothing, one cannot tell: a tie about whether it exists.
        opened.read("case-6", reader, outlines=None if last else [SQUARE] if reader == "ada" else [])
        opened.read("case-7", reader, outlines=[SQUARE])
    opened.read("case-8", "ada", outlines=[SQUARE], finish=False)
    intake.exclude_case(actor=opened.lead, case=opened.case("case-7"), reason="duplicate")
    opened.work()
    return opened
