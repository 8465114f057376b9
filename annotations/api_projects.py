"""Projects, their members and their questions over HTTP."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotations import intake
from annotations.endpoint import ONCE, PAGED, Endpoint, page_of
from annotations.errors import Forbidden, NotFound
from annotations.idempotency import Answer
from annotations.models import AuditEvent, LabelSchema, Membership, Project, Role
from annotations.permissions import OPEN_PROJECTS, projects_visible_to
from annotations.selectors import current_schema, member_named, user_named


class ProjectIn(serializers.Serializer):
    """A project to be opened."""

    slug = serializers.SlugField(max_length=64)
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(required=False, allow_blank=True, default="")
    attribution = serializers.CharField(required=False, allow_blank=True, default="")
    simulated_note = serializers.CharField(required=False, allow_blank=True, default="")
    knows_readers = serializers.BooleanField(required=False, default=True)


class ProjectOut(serializers.Serializer):
    """A project as a member sees it; ``role`` is null for the administrator."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    attribution = serializers.CharField()
    simulated_note = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices, allow_null=True)
    url = serializers.CharField()


def project_form(project: Project, role: str | None) -> dict[str, Any]:
    """Return what a member may know of a project."""
    return {
        "slug": project.slug,
        "name": project.name,
        "description": project.description,
        "attribution": project.attribution,
        "simulated_note": project.simulated_note,
        "role": role,
        "url": reverse("api-project", args=[project.slug]),
    }


class ProjectList(Endpoint):
    """The projects that you may know of."""

    @extend_schema(operation_id="list_projects", parameters=PAGED, responses=page_of(ProjectOut))
    def get(self, request: Request) -> Response:
        """List the projects in which you have a role."""
        roles = dict(Membership.objects.filter(user_id=request.user.pk).values_list("project_id", "role"))

        def show(rows: Iterable[Project]) -> list[Any]:
            return [project_form(row, roles.get(row.pk)) for row in rows]

        return self.page(projects_visible_to(request.user), "slug", show)

    @extend_schema(operation_id="open_project", parameters=ONCE, request=ProjectIn, responses={201: ProjectOut})
    def post(self, request: Request) -> Response:
        """Open a project; you become its first QA lead. Needs the administrator or the right to open projects."""
        if not request.user.has_perm(OPEN_PROJECTS):
            raise Forbidden("You may not open projects; the administrator can.")
        new = self.take(ProjectIn)

        def act() -> Answer:
            project = intake.open_project(actor=request.user, new=intake.NewProject(**new))
            return Answer(201, project_form(project, Role.QA_LEAD))

        return self.once(act)


class MemberIn(serializers.Serializer):
    """The role that a person gets."""

    role = serializers.ChoiceField(choices=Role.choices)


class MemberOut(serializers.Serializer):
    """A person's role in the project."""

    username = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


def member_form(row: Membership) -> dict[str, Any]:
    """Return a membership as it is shown."""
    return {"username": row.user.get_username(), "role": row.role}


class MemberList(Endpoint):
    """The people who have a role in a project."""

    @extend_schema(operation_id="list_members", parameters=PAGED, responses=page_of(MemberOut))
    def get(self, request: Request, slug: str) -> Response:
        """List the members with their roles."""
        rows = self.project("project.manage").memberships.select_related("user")
        return self.page(rows, "user__username", lambda found: [member_form(row) for row in found])


class Member(Endpoint):
    """One person's role in a project."""

    @extend_schema(operation_id="set_member", request=MemberIn, responses=MemberOut)
    def put(self, request: Request, slug: str, username: str) -> Response:
        """Give a person a role, in place of the one held before."""
        project = self.project("project.manage")
        role = self.take(MemberIn)["role"]
        user = user_named(username)
        if user is None:
            raise NotFound("Nobody has this user name.")
        membership = intake.set_role(actor=request.user, project=project, user=user, role=role)
        return Response({"username": username, "role": membership.role})

    @extend_schema(operation_id="remove_member", request=None, responses={204: None})
    def delete(self, request: Request, slug: str, username: str) -> Response:
        """Take a person's role away; what the person said and signed stays. The only QA lead stays too."""
        project = self.project("project.manage")
        intake.remove_member(actor=request.user, project=project, user=member_named(project, username))
        return Response(status=204)


class QuestionForm(serializers.Serializer):
    """One question; ``about`` is the code of the question whose marks it describes."""

    code = serializers.SlugField(max_length=40)
    title = serializers.CharField(max_length=120)
    kind = serializers.CharField(max_length=20)
    scale = serializers.CharField(max_length=10)
    definition = serializers.DictField(required=False, default=dict)
    about = serializers.CharField(required=False, allow_blank=True, default="")


class SchemaIn(serializers.Serializer):
    """The next version of the questions."""

    guideline = serializers.CharField(required=False, allow_blank=True, default="")
    questions = QuestionForm(many=True, max_length=200)


class SchemaOut(serializers.Serializer):
    """A version of the questions."""

    version = serializers.IntegerField()
    digest = serializers.CharField()
    guideline = serializers.CharField()
    questions = QuestionForm(many=True)
    url = serializers.CharField()


def schema_form(schema: LabelSchema) -> dict[str, Any]:
    """Return a schema with its questions."""
    return {
        "version": schema.version,
        "digest": schema.digest,
        "guideline": schema.guideline,
        "questions": [
            {
                "code": question.code,
                "title": question.title,
                "kind": question.kind,
                "scale": question.scale,
                "definition": question.definition,
                "about": question.about.code if question.about else "",
            }
            for question in schema.questions.select_related("about")
        ],
        "url": reverse("api-schema", args=[schema.project.slug]),
    }


class SchemaList(Endpoint):
    """The versions of a project's questions."""

    @extend_schema(operation_id="publish_schema", parameters=ONCE, request=SchemaIn, responses={201: SchemaOut})
    def post(self, request: Request, slug: str) -> Response:
        """Publish the next version of the questions."""
        project = self.project("project.manage")
        new = self.take(SchemaIn)
        questions = [intake.NewQuestion(**question) for question in new["questions"]]

        def act() -> Answer:
            schema = intake.publish_schema(
                actor=request.user, project=project, questions=questions, guideline=new["guideline"]
            )
            return Answer(201, schema_form(schema))

        return self.once(act)


class CurrentSchema(Endpoint):
    """The questions in force."""

    @extend_schema(operation_id="get_schema", responses=SchemaOut)
    def get(self, request: Request, slug: str) -> Response:
        """Read the newest version of the questions."""
        schema = current_schema(self.project())
        if schema is None:
            raise NotFound("The project has no questions yet.")
        return Response(schema_form(schema))


class AuditOut(serializers.Serializer):
    """One link of the project's chain of events."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_null=True)
    action = serializers.CharField()
    body = serializers.DictField()
    previous = serializers.CharField()
    hash = serializers.CharField()


class AuditList(Endpoint):
    """Who did what when."""

    @extend_schema(operation_id="list_audit_events", parameters=PAGED, responses=page_of(AuditOut))
    def get(self, request: Request, slug: str) -> Response:
        """List the events of the project in their order; each holds the hash of the one before."""
        rows = AuditEvent.objects.filter(project=self.project("audit.read")).select_related("actor")

        def show(events: Iterable[AuditEvent]) -> list[Any]:
            return [
                {
                    "number": event.number,
                    "at": event.at,
                    "actor": event.actor.get_username() if event.actor else None,
                    "action": event.action,
                    "body": event.body,
                    "previous": event.previous,
                    "hash": event.hash,
                }
                for event in events
            ]

        return self.page(rows, "number", show)
