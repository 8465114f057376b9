"""From a study to a project: every step by a verb, each one skipped where it was done before.

A start that was interrupted goes on where it stopped. What people decided since then stays: the protocol in
force is the sign that a project is complete, and a complete project is not touched.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from django.contrib.auth.models import User

from annotations import assignment, importing, intake, storing
from annotations.models import ImportBatch, Membership, Project, Reader, ReaderKind
from config.demo.people import LEAD, PEOPLE
from config.demo.study import Study, StudyCase
from qc.evaluation import adopt_protocol
from qc.selectors import current_protocol

Say = Callable[[str], object]

IMPORTER = "csv_table"


def is_complete(slug: str) -> bool:
    """Say whether the project was opened to the last step."""
    project = Project.objects.filter(slug=slug).first()
    return project is not None and current_protocol(project) is not None


def open_study(study: Study, say: Say) -> Project:
    """Open the project of a study, or finish opening it; the worker then reads the file and evaluates.

    Parameters
    ----------
    study : Study
        What to open.
    say : callable
        Takes one line for people.
    """
    lead = User.objects.get(username=LEAD)
    project = Project.objects.filter(slug=study.slug).first() or intake.open_project(actor=lead, new=_new(study))
    _give_roles(lead, project)
    if not project.schemas.exists():
        questions = [intake.NewQuestion(**asdict(question)) for question in study.questions]
        intake.publish_schema(actor=lead, project=project, questions=questions, guideline=study.guideline)
    with timed(say) as done:
        cases = [_case(case) for case in study.cases]
        n_new = intake.register_cases(actor=lead, project=project, cases=cases)
        done(f"{n_new:,} cases registered, {len(study.questions)} questions published")
    with timed(say) as done:
        readers = _register_readers(lead, project, study)
        n_excluded = _exclude(lead, project, study)
        # Excluded cases too: an exclusion may be revoked, and the protocol would then seat whoever is free.
        n_seats = assignment.assign_readers(
            actor=lead, project=project, cases=list(project.cases.all()), readers=readers
        )
        done(f"cases excluded with their reason: {n_excluded}; {n_seats:,} seats given to {len(readers)} readers")
    with timed(say) as done:
        batch = _hand_over(lead, project, study)
        adopt_protocol(actor=lead, project=project, document=study.protocol)
        done(f"{batch.file_name} handed over ({len(study.table) / 1e6:.1f} MB), protocol adopted")
    return project


@contextmanager
def timed(say: Say) -> Iterator[Say]:
    """Give a function that says what was done and how many seconds it took."""
    start = time.monotonic()
    yield lambda text: say(f"  {text} ({time.monotonic() - start:.1f} s)")


def _new(study: Study) -> intake.NewProject:
    return intake.NewProject(
        slug=study.slug,
        name=study.name,
        description=study.description,
        attribution=study.attribution,
        simulated_note=study.simulated_note,
        knows_readers=study.knows_readers,
    )


def _give_roles(lead: User, project: Project) -> None:
    roles = {person.username: person.role for person in PEOPLE if person.role is not None}
    held = dict(Membership.objects.filter(project=project).values_list("user__username", "role"))
    for user in User.objects.filter(username__in=[name for name in roles if name not in held]):
        intake.set_role(actor=lead, project=project, user=user, role=roles[user.username])


def _case(case: StudyCase) -> intake.NewCase:
    pixels = storing.store_bytes(case.voxels, "voxels") if case.voxels else ("", "")
    return intake.NewCase(
        key=case.key,
        subject=case.subject,
        strata=case.strata,
        shape=case.shape,
        spacing_mm=case.spacing_mm,
        pixels=pixels,
        window=case.window,
    )


def _register_readers(lead: User, project: Project, study: Study) -> list[Reader]:
    """Register all readers, simulated ones as models; returns those who read every case."""
    users = {user.username: user for user in User.objects.filter(username__in=study.people.values())}

    def register(code: str) -> Reader:
        user = users[study.people[code]] if code in study.people else None
        is_person = user is not None or not study.simulated_note
        kind = ReaderKind.HUMAN if is_person else ReaderKind.MODEL
        return intake.register_reader(actor=lead, project=project, code=code, user=user, kind=kind)

    for code in study.guests:
        register(code)
    return [register(code) for code in study.panel]


def _exclude(lead: User, project: Project, study: Study) -> int:
    reasons = {exclusion.case: exclusion for exclusion in study.exclusions}
    # An exclusion that somebody revoked meanwhile is a decision, and stays revoked.
    cases = list(project.cases.filter(key__in=reasons, exclusions__isnull=True))
    for case in cases:
        exclusion = reasons[case.key]
        intake.exclude_case(actor=lead, case=case, reason=exclusion.reason, note=exclusion.note)
    return len(cases)


def _hand_over(lead: User, project: Project, study: Study) -> ImportBatch:
    return importing.receive_import(
        actor=lead,
        project=project,
        content=study.table,
        file_name=study.file_name,
        importer=IMPORTER,
        options={},
    )
