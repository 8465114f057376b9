"""Verb: open a project, publish its questions, register cases and readers, exclude a case."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from annotations import audit, due, locking
from annotations.errors import Conflict, InvalidInput
from annotations.labels.base import LabelError, canonical
from annotations.models import (
    Case,
    Exclusion,
    Image,
    LabelSchema,
    Membership,
    Project,
    Question,
    Reader,
    ReaderKind,
    Role,
)
from annotations.registry import KINDS

CHUNK = 2000
CODE = re.compile(r"[A-Za-z0-9_-]{1,40}", re.ASCII)
LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class NewProject:
    """What a project is opened with."""

    slug: str
    name: str
    description: str = ""
    attribution: str = ""
    simulated_note: str = ""
    knows_readers: bool = True


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """One question of a schema; ``about`` is the code of the question whose marks it describes."""

    code: str
    title: str
    kind: str
    scale: str
    definition: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""


@dataclass(frozen=True, slots=True)
class NewCase:
    """One case; shape and spacing along (z, y, x), voxels and millimetres, where an image is known."""

    key: str
    subject: str
    strata: Mapping[str, Any] = field(default_factory=dict)
    shape: tuple[int, int, int] | None = None
    spacing_mm: tuple[float, float, float] | None = None
    pixels: tuple[str, str] = ("", "")  # digest and storage path
    window: tuple[float, float] | None = None
    origin_mm: tuple[float, float, float] | None = None  # x, y, z; LPS
    direction: tuple[tuple[float, float, float], ...] | None = None
    slices: Mapping[str, Any] | None = None


@transaction.atomic
def open_project(*, actor: User, new: NewProject) -> Project:
    """Open a project; its first QA lead is whoever opened it."""
    if Project.objects.filter(slug=new.slug).exists():
        raise Conflict("A project with this short name exists.", data={"slug": new.slug})
    project = Project.objects.create(
        slug=new.slug,
        name=new.name,
        description=new.description,
        attribution=new.attribution,
        simulated_note=new.simulated_note,
        knows_readers=new.knows_readers,
        created_at=locking.now(),
    )
    Membership.objects.create(project=project, user=actor, role=Role.QA_LEAD)
    audit.record(project=project, actor=actor, action="project.opened", body={"slug": new.slug})
    return project


@transaction.atomic
def set_role(*, actor: User, project: Project, user: User, role: str) -> Membership:
    """Give a person a role in the project, in place of the one held before."""
    if role not in Role.values:
        raise InvalidInput("No such role.", errors=[{"pointer": "#/role", "code": "unknown-role", "detail": role}])
    locking.lock(Project.objects.filter(pk=project.pk)).get()
    if role != Role.QA_LEAD:
        check_lead_stays(project, user)
    membership, _ = Membership.objects.update_or_create(project=project, user=user, defaults={"role": role})
    audit.record(project=project, actor=actor, action="member.role-set", body={"user": user.pk, "role": role})
    return membership


@transaction.atomic
def remove_member(*, actor: User, project: Project, user: User) -> None:
    """Take a person's role away; what the person said and signed stays."""
    locking.lock(Project.objects.filter(pk=project.pk)).get()
    check_lead_stays(project, user)
    n_removed, _ = Membership.objects.filter(project=project, user=user).delete()
    if n_removed:
        audit.record(project=project, actor=actor, action="member.removed", body={"user": user.pk})


def check_lead_stays(project: Project, user: User) -> None:
    """Refuse to leave a project without a QA lead: nobody in it could then give anybody a role."""
    leads = set(project.memberships.filter(role=Role.QA_LEAD).values_list("user_id", flat=True))
    if leads == {user.pk}:
        raise Conflict("This is the only QA lead; make somebody else QA lead first.")


@transaction.atomic
def publish_schema(
    *, actor: User, project: Project, questions: Sequence[NewQuestion], guideline: str = ""
) -> LabelSchema:
    """Publish the next version of the project's questions."""
    check_questions(questions)
    version = project.schemas.count() + 1
    content = {"guideline": guideline, "questions": [question_form(question) for question in questions]}
    schema = LabelSchema.objects.create(
        project=project,
        version=version,
        guideline=guideline,
        digest=hashlib.sha256(canonical(content).encode()).hexdigest(),
        created_at=locking.now(),
    )
    made: dict[str, Question] = {}
    for position, question in enumerate(questions):
        made[question.code] = Question.objects.create(
            schema=schema,
            code=question.code,
            position=position,
            title=question.title,
            kind=question.kind,
            scale=question.scale,
            definition=dict(question.definition),
            about=made.get(question.about),
        )
    audit.record(
        project=project, actor=actor, action="schema.published", body={"version": version, "digest": schema.digest}
    )
    return schema


def question_form(question: NewQuestion) -> dict[str, Any]:
    """Return the canonical form of a question, for the schema's digest."""
    return {
        "code": question.code,
        "title": question.title,
        "kind": question.kind,
        "scale": question.scale,
        "definition": dict(question.definition),
        "about": question.about,
    }


def check_questions(questions: Sequence[NewQuestion]) -> None:
    """Refuse a schema with an unknown kind, a scale that the kind cannot have, or a dangling ``about``."""
    errors: list[dict[str, Any]] = []
    seen: dict[str, NewQuestion] = {}
    for index, question in enumerate(questions):
        pointer = f"#/questions/{index}"
        fault = question_fault(question, seen)
        if fault is not None:
            errors.append({"pointer": pointer + fault[0], "code": fault[1], "detail": fault[2]})
        seen[question.code] = question
    if not questions:
        errors.append({"pointer": "#/questions", "code": "empty", "detail": "A schema asks at least one question."})
    if errors:
        raise InvalidInput("The schema cannot be used.", errors=errors)


def question_fault(question: NewQuestion, seen: Mapping[str, NewQuestion]) -> tuple[str, str, str] | None:
    """Return pointer, code and sentence of the first fault of one question."""
    if not CODE.fullmatch(question.code):
        return "/code", "bad-code", "A code is 1 to 40 letters, digits, hyphens and underscores."
    if not 1 <= len(question.title.strip()) <= LONGEST_TITLE:
        return "/title", "bad-title", f"A title is 1 to {LONGEST_TITLE} characters."
    if question.code in seen:
        return "/code", "duplicate", f"Another question is called {question.code}."
    if question.kind not in KINDS:
        return "/kind", "unknown-kind", f"{question.kind} is not one of {', '.join(KINDS)}."
    if question.scale not in KINDS[question.kind].scales:
        return "/scale", "wrong-scale", f"A {question.kind} cannot have the scale {question.scale}."
    parent = seen.get(question.about)
    if question.about and (parent is None or not parent.definition.get("many")):
        return "/about", "no-such-marks", f"{question.about} is no earlier question that takes several marks."
    try:
        KINDS[question.kind].check_definition(question.definition)
    except LabelError as error:
        return "/definition" + error.pointer, error.code, error.message
    return None


def register_cases(*, actor: User, project: Project, cases: Sequence[NewCase]) -> int:
    """Register cases in chunks, skipping keys that are there; returns how many are new."""
    total = 0
    for start in range(0, len(cases), CHUNK):
        total += register_chunk(actor=actor, project=project, cases=cases[start : start + CHUNK])
    return total


@transaction.atomic
def register_chunk(*, actor: User, project: Project, cases: Sequence[NewCase]) -> int:
    """Register one chunk of cases with their images, the due marks and the audit event."""
    there = set(project.cases.filter(key__in=[case.key for case in cases]).values_list("key", flat=True))
    fresh = [case for case in cases if case.key not in there]
    moment = locking.now()
    rows = Case.objects.bulk_create(
        Case(
            project=project,
            key=case.key,
            subject=case.subject,
            strata=dict(case.strata),
            registered_at=moment,
            due_at=moment,
        )
        for case in fresh
    )
    Image.objects.bulk_create(
        Image(
            case=row,
            digest=case.pixels[0],
            path=case.pixels[1],
            shape=list(case.shape),
            spacing_mm=list(case.spacing_mm) if case.spacing_mm else None,
            window=list(case.window) if case.window else None,
            origin_mm=list(case.origin_mm) if case.origin_mm else None,
            direction=[list(axis) for axis in case.direction] if case.direction else None,
            slices=dict(case.slices) if case.slices else None,
        )
        for row, case in zip(rows, fresh, strict=True)
        if case.shape is not None
    )
    if fresh:
        body = {"n_cases": len(fresh), "first": fresh[0].key, "last": fresh[-1].key}
        audit.record(project=project, actor=actor, action="cases.registered", body=body)
    return len(fresh)


@transaction.atomic
def register_reader(
    *,
    actor: User,
    project: Project,
    code: str,
    user: User | None = None,
    kind: str = ReaderKind.HUMAN,
    version: str = "",
) -> Reader:
    """Register a reader under a code; the same code for the same person or model again is the same reader."""
    there = Reader.objects.filter(Q(code=code) | Q(user=user, user__isnull=False), project=project).first()
    if there is not None:
        same = (there.code, there.user_id, there.kind, there.version)
        if same != (code, getattr(user, "pk", None), kind, version):
            raise Conflict("This code, or this person under another code, reads here already.", data={"code": code})
        return there
    reader = Reader.objects.create(project=project, code=code, user=user, kind=kind, version=version)
    body = {"code": code, "kind": kind, **({"version": version} if version else {})}
    audit.record(project=project, actor=actor, action="reader.registered", body=body)
    return reader


@transaction.atomic
def set_active(*, actor: User, reader: Reader, is_active: bool) -> Reader:
    """Let a reader read on or no more; finished readings stay, and open seats wait until the reader is back."""
    row = locking.lock(Reader.objects.filter(pk=reader.pk)).get()
    if (row.deactivated_at is None) == is_active:
        return row
    row.deactivated_at = None if is_active else locking.now()
    row.save(update_fields=["deactivated_at"])
    action = "reader.activated" if is_active else "reader.deactivated"
    audit.record(project=row.project, actor=actor, action=action, body={"code": row.code})
    return row


@transaction.atomic
def exclude_case(*, actor: User, case: Case, reason: str, note: str = "") -> Exclusion:
    """Take a case out of the count, with a reason; a second exclusion while one is in force is refused."""
    locking.lock(Case.objects.filter(pk=case.pk)).get()
    if case.exclusions.filter(revoked_at__isnull=True).exists():
        raise Conflict("This case is excluded already.", data={"case": str(case.public_id)})
    exclusion = Exclusion.objects.create(
        case=case, reason=reason, note=note, excluded_by=actor, excluded_at=locking.now()
    )
    due.mark(case)
    # Its reads no longer count, although nothing of the case itself is computed anew.
    due.mark(case.project)
    audit.record(project=case.project, actor=actor, action="case.excluded", body={"case": case.key, "reason": reason})
    return exclusion
