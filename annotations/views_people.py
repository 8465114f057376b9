"""Page: who takes part in a study, in which role, and under which codes they read."""

from collections.abc import Callable, Mapping

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotations import intake
from annotations.errors import DomainError, InvalidInput, NotFound
from annotations.forms_setup import MemberForm, ReaderForm, place_refusal
from annotations.models import Project, Role
from annotations.navigation import enter, frame
from annotations.posted import member
from annotations.selectors import member_named, user_named

Act = Callable[[User, Project, Mapping[str, str]], str]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest, slug: str) -> HttpResponse:
    """Show members and readers; add one, change one."""
    user = member(request)
    project, standing = enter(user, slug, "project.manage")
    member_form, reader_form = MemberForm(auto_id="member_%s", initial={"role": Role.ANNOTATOR}), ReaderForm()
    if request.method == "POST":
        do = request.POST.get("do", "")
        form: Form | None = None
        if do == "role":
            form = member_form = MemberForm(request.POST, auto_id="member_%s")
        elif do == "reader":
            form = reader_form = ReaderForm(request.POST)
        said = done(user, project, do, form, request)
        if said:
            messages.success(request, said)
            return redirect("setup-people", slug)
    context = {
        **frame(project, "overview", standing),
        "project": project,
        "member_form": member_form,
        "reader_form": reader_form,
        "members": project.memberships.select_related("user").order_by("role", "user__username"),
        "readers": reader_rows(project),
        "roles": Role.choices,
    }
    return render(request, "annotations/setup_people.html", context)


def reader_rows(project: Project) -> object:
    """Return the readers with how many readings each was asked for and has finished."""
    n_done = Count("assignments", filter=Q(assignments__finished_at__isnull=False))
    rows = project.readers.select_related("user").annotate(n_asked=Count("assignments"), n_done=n_done)
    return rows.order_by("code")


def done(user: User, project: Project, do: str, form: Form | None, request: HttpRequest) -> str:
    """Do what was asked and return what to say; an empty text where it was refused, with the reason on the page."""
    if form is not None and not form.is_valid():
        return ""
    given = form.cleaned_data if form is not None else request.POST.dict()
    act = ACTS.get(do)
    if act is None:
        raise InvalidInput("Nothing of this kind can be done here.")
    try:
        return act(user, project, given)
    except DomainError as refusal:
        if form is None:
            messages.error(request, str(refusal))
        else:
            place_refusal(form, refusal)
        return ""


def give_role(user: User, project: Project, given: Mapping[str, str]) -> str:
    """Give a person a role, in place of the one held before."""
    person = user_named(given["username"])
    if person is None:
        detail = "Nobody has this user name; the administrator opens accounts."
        raise InvalidInput(detail, errors=[{"pointer": "#/username", "code": "unknown-user", "detail": detail}])
    made = intake.set_role(actor=user, project=project, user=person, role=given["role"])
    return f"{person.get_full_name() or person.get_username()} is {made.get_role_display()} now."


def remove(user: User, project: Project, given: Mapping[str, str]) -> str:
    """Take a member's role away."""
    person = member_named(project, given.get("username", ""))
    intake.remove_member(actor=user, project=project, user=person)
    return f"{person.get_full_name() or person.get_username()} is no member any more."


def add_reader(user: User, project: Project, given: Mapping[str, str]) -> str:
    """Register a reader under a code."""
    person = member_named(project, given["username"]) if given["username"] else None
    reader = intake.register_reader(
        actor=user, project=project, code=given["code"], user=person, kind=given["kind"], version=given["version"]
    )
    return f"{reader.code} is a reader of this project."


def activate(user: User, project: Project, given: Mapping[str, str]) -> str:
    """Let a reader read again."""
    return _set_active(user, project, given, is_active=True)


def deactivate(user: User, project: Project, given: Mapping[str, str]) -> str:
    """Let a reader read no more."""
    return _set_active(user, project, given, is_active=False)


def _set_active(user: User, project: Project, given: Mapping[str, str], *, is_active: bool) -> str:
    reader = project.readers.filter(code=given.get("code", "")).first()
    if reader is None:
        raise NotFound("The project has no such reader.")
    intake.set_active(actor=user, reader=reader, is_active=is_active)
    return f"{reader.code} {'reads again' if is_active else 'reads no more'}."


ACTS: Mapping[str, Act] = {
    "role": give_role,
    "remove": remove,
    "reader": add_reader,
    "activate": activate,
    "deactivate": deactivate,
}
