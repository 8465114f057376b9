"""Pages of this app: signing in and out, the theme."""

from typing import Any

from django.contrib.auth import logout
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from annotations.forms import SignInForm
from annotations.models import Membership, Role
from annotations.navigation import frame

THEMES = ("dark", "light")
YEAR_SECONDS = 365 * 24 * 3600
# Where a role's work is; every other role starts at the overview.
HOME = {Role.ADJUDICATOR: "queue", Role.VENDOR: "releases"}


class SignIn(LoginView):
    """Name and password; then the page that was asked for, else the place of the person's work."""

    form_class = SignInForm
    template_name = "annotations/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form with an empty frame."""
        return {**super().get_context_data(**kwargs), **frame()}

    def get_default_redirect_url(self) -> str:
        """Return where the person's work is, when it is in one project; else the list of projects."""
        memberships = list(Membership.objects.filter(user_id=self.request.user.pk or 0).select_related("project")[:2])
        if len(memberships) != 1:
            return reverse("projects")
        only = memberships[0]
        return reverse(HOME.get(Role(only.role), "overview"), args=[only.project.slug])


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and have the browser forget what it kept of the pictures."""
    logout(request)
    response = redirect("sign-in")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme in a cookie and go back to the page."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = redirect(back)
    wanted = request.POST.get("theme", "")
    if wanted in THEMES:
        response.set_cookie("theme", wanted, max_age=YEAR_SECONDS, samesite="Lax", httponly=True)
    return response
