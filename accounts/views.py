"""Pages: signing in and out, the second step, and one's own password."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import entering, second_factor
from accounts.errors import CodesLocked, WrongCode
from accounts.forms import CodeForm, SignInForm
from annotations.navigation import frame


class SignIn(LoginView):
    """Name and password; then the second step where there is one; then the page that was asked for, else the work."""

    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form with an empty frame."""
        return {**super().get_context_data(**kwargs), **frame(), "service": settings.OIDC["name"]}

    def form_valid(self, form: Any) -> HttpResponse:
        """Go on with whoever the name and password belong to."""
        return entering.recognised(self.request, form.get_user(), self.get_redirect_url())

    def get_default_redirect_url(self) -> str:
        """Return where the work is of a person who is signed in already."""
        return entering.home_of(self.request.user)  # type: ignore[arg-type]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask for the digits of the device, or a recovery code."""
    found = entering.who_waits(request)
    if found is None:
        return redirect("sign-in")
    user, then = found
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            second_factor.check(user, form.cleaned_data["code"])
            return entering.begin_session(request, user, then, was_shown=True)
        except (WrongCode, CodesLocked) as refusal:
            form.add_error("code", str(refusal))
    return render(request, "accounts/second_step.html", {**frame(), "form": form})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session and have the browser forget what it kept of the pictures."""
    logout(request)
    response = redirect("sign-in")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


class OwnPassword(PasswordChangeView):
    """A new password, by the rules that are shown; every other session of the person ends."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("account")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the form with an empty frame."""
        return {**super().get_context_data(**kwargs), **frame()}

    def form_valid(self, form: Any) -> HttpResponse:
        """Change it, and write down that it was changed."""
        answer = super().form_valid(form)
        second_factor.record(form.user, form.user, "password.changed")
        messages.success(self.request, "Your password is changed.")
        return answer
