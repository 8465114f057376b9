"""Pages: one's own account with its second factor, and everybody's for the administrator."""

from collections.abc import Callable

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import entering, second_factor
from accounts.errors import CodesLocked, WrongCode
from accounts.forms import CodeForm
from accounts.models import SecondFactor
from accounts.preferring import TIME_ZONE, ZONES
from annotations.errors import Forbidden, InvalidInput, NotFound
from annotations.navigation import frame
from annotations.posted import member

ROWS = 50
QR_SCALE = 5


@login_required
@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """Show how the person signs in and signs."""
    user = member(request)
    context = {
        **frame(),
        "factor": second_factor.in_force(user),
        "is_required": second_factor.is_required(user),
        "n_codes": user.recovery_codes.filter(used_at__isnull=True).count(),
        "names": user.foreign_names.order_by("issuer"),
        "events": user.account_events.select_related("actor").order_by("-pk")[:10],
        "has_password": user.has_usable_password(),
        "service": settings.OIDC["name"],
        "zones": sorted(ZONES),
        "zone": request.session.get(TIME_ZONE, "UTC"),
    }
    return render(request, "accounts/account.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def factor(request: HttpRequest) -> HttpResponse:
    """Set the second factor up: a picture for the device, then its first digits, then the recovery codes, once."""
    user = member(request)
    if second_factor.in_force(user) is not None:
        return redirect("account")
    waiting = second_factor.begin(user)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = second_factor.confirm(user, form.cleaned_data["code"])
        except (WrongCode, CodesLocked) as refusal:
            form.add_error("code", str(refusal))
        else:
            request.session.cycle_key()
            request.session[entering.SHOWN] = True
            return show_codes(request, codes)
    picture = segno.make(second_factor.address_of(waiting), error="m", micro=False)
    context = {
        **frame(),
        "form": form,
        "picture": picture.svg_inline(scale=QR_SCALE, border=4, dark="#000", light="#fff", omitsize=False),
        "secret": second_factor.typed_secret(waiting),
        "is_required": second_factor.is_required(user),
    }
    return render(request, "accounts/factor.html", context)


@login_required
@never_cache
@require_http_methods(["POST"])
def factor_change(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes or take the second factor away; both ask for the digits."""
    user = member(request)
    act = CHANGES.get(request.POST.get("do", ""))
    if act is None:
        raise InvalidInput("Nothing of this kind can be done here.")
    try:
        return act(request, user, request.POST.get("code", ""))
    except (WrongCode, CodesLocked) as refusal:
        messages.error(request, str(refusal))
        return redirect("account")


def renew(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """Show new recovery codes."""
    return show_codes(request, second_factor.renew_codes(user, code))


def remove(request: HttpRequest, user: User, code: str) -> HttpResponse:
    """Take the person's own second factor away."""
    second_factor.take_away(actor=user, user=user, code=code)
    request.session.pop(entering.SHOWN, None)
    messages.success(request, "Your second factor is taken away.")
    return redirect("account")


CHANGES: dict[str, Callable[[HttpRequest, User, str], HttpResponse]] = {"renew": renew, "remove": remove}


def show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Show recovery codes, now and never again."""
    return render(request, "accounts/codes.html", {**frame(), "codes": codes})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accounts(request: HttpRequest) -> HttpResponse:
    """Show the administrator who has a second factor, and reset one whose device is lost."""
    actor = member(request)
    if not actor.is_superuser:
        raise Forbidden("Only the administrator sees the accounts.")
    if request.method == "POST":
        person = User.objects.filter(username=request.POST.get("username", "").replace("\0", "")).first()
        if person is None or person == actor:
            raise NotFound("No such account, or your own: that one is changed under your account.")
        second_factor.take_away(actor=actor, user=person)
        messages.success(request, f"{person.get_username()} sets a second factor up at the next sign-in.")
        return redirect("accounts")
    confirmed = SecondFactor.objects.filter(user=OuterRef("pk"), confirmed_at__isnull=False)
    people = User.objects.annotate(has_factor=Exists(confirmed)).order_by("username")
    page = Paginator(people, ROWS).get_page(request.GET.get("page"))
    return render(request, "accounts/accounts.html", {**frame(), "page": page})
