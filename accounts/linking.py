"""Verb: find or open the account of somebody whom a sign-in service vouches for. No membership comes with it."""

import hashlib
import re

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from accounts.errors import ServiceRefused
from accounts.models import ForeignName
from accounts.oidc import Identity
from accounts.second_factor import record
from annotations import locking

NO_ACCOUNT = (
    "The service knows you, but you have no account here yet. Ask the administrator, and name your e-mail address."
)
LONGEST_NAME = 150


@transaction.atomic
def account_of(identity: Identity) -> User:
    """Return the account: by the linked subject, else by a verified e-mail address, else a new one if allowed."""
    known = ForeignName.objects.filter(issuer=identity.issuer, subject=identity.subject).select_related("user").first()
    if known is not None:
        if not known.user.is_active:
            raise ServiceRefused("This account is closed.")
        return known.user
    user = _by_address(identity.email) or _opened(identity)
    ForeignName.objects.create(user=user, issuer=identity.issuer, subject=identity.subject, linked_at=locking.now())
    record(user, user, "foreign_name.linked", issuer=identity.issuer)
    return user


def _by_address(email: str) -> User | None:
    if not email:
        return None
    found = list(User.objects.filter(email__iexact=email)[:2])
    if not found:
        return None
    # Two accounts of one address are not told apart by it; who runs the instance is no gift of another service.
    if len(found) > 1 or not found[0].is_active or found[0].is_superuser:
        raise ServiceRefused(
            "This e-mail address opens no account here. Sign in by password, or ask the administrator."
        )
    if ForeignName.objects.filter(user=found[0], issuer=settings.OIDC["issuer"]).exists():
        raise ServiceRefused("The account of this e-mail address belongs to somebody else at the service.")
    return found[0]


def _opened(identity: Identity) -> User:
    if not settings.OIDC["opens_accounts"]:
        raise ServiceRefused(NO_ACCOUNT)
    first, _, last = identity.name.strip().partition(" ")
    user = User(username=_free_name(identity), first_name=first[:150], last_name=last[:150], email=identity.email)
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


def _free_name(identity: Identity) -> str:
    digest = hashlib.sha256(f"{identity.issuer}|{identity.subject}".encode()).hexdigest()[:8]
    stem = re.sub(r"[^a-z0-9.-]+", "", identity.email.partition("@")[0].lower()) or "person"
    return f"{stem[: LONGEST_NAME - 9]}-{digest}"
