"""Verb: set up, use and take away the second factor of an account.

Time-based one-time passwords: M'Raihi, D., Machani, S., Pei, M. and Rydell, J. (2011), RFC 6238,
doi:10.17487/RFC6238. Digits of the half minute before and after are taken, each half minute once.
"""

import base64
import hashlib
import secrets
from datetime import datetime

import pyotp
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from accounts import attempts
from accounts.errors import CodesLocked, WrongCode
from accounts.models import AccountEvent, RecoveryCode, SecondFactor
from accounts.sealing import seal, unseal
from annotations import audit, locking
from annotations.errors import Forbidden
from annotations.models import Membership, Project
from annotations.permissions import ALLOWED

ISSUER = "Consilium"
STEP_SECONDS = 30
DRIFT = (0, -1, 1)
N_CODES = 10
CODE_BYTES = 10
SIGNING = ("dispute.settle", "release.freeze", "release.sign")
SIGNING_ROLES = frozenset().union(*(ALLOWED[action] for action in SIGNING))


def in_force(user: User) -> SecondFactor | None:
    """Return the person's confirmed second factor."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()


def is_required(user: User) -> bool:
    """Say whether the installation asks this person for a second factor: everybody, or whoever can sign."""
    if settings.SECOND_FACTOR == "all":
        return True
    if settings.SECOND_FACTOR == "off":
        return False
    return user.is_superuser or Membership.objects.filter(user=user, role__in=SIGNING_ROLES).exists()


def begin(user: User) -> SecondFactor:
    """Make a secret for a device that is not confirmed yet; one that waits already is kept: a reload is safe."""
    if in_force(user) is not None:
        raise Forbidden("Your account has a second factor. Take it away first.")
    waiting = SecondFactor.objects.filter(user=user).first()
    if waiting is not None:
        return waiting
    return SecondFactor.objects.create(user=user, secret=seal(pyotp.random_base32()), made_at=locking.now())


def address_of(factor: SecondFactor) -> str:
    """Return what the device reads from the picture."""
    return pyotp.TOTP(unseal(factor.secret)).provisioning_uri(name=factor.user.get_username(), issuer_name=ISSUER)


def typed_secret(factor: SecondFactor) -> str:
    """Return the secret in groups of four, for a device without a camera."""
    secret = unseal(factor.secret)
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


@transaction.atomic
def confirm(user: User, code: str) -> list[str]:
    """Put the device in force with its first digits, and return the recovery codes: shown now and never again."""
    _refuse_when_closed(user)
    factor = locking.lock(SecondFactor.objects.filter(user=user, confirmed_at__isnull=True)).first()
    moment = locking.now()
    if factor is None or not _digits_fit(factor, code, moment):
        attempts.code_failed(user.pk)
        raise WrongCode("These are not the digits that the device shows now. Is its clock right?")
    attempts.code_succeeded(user.pk)
    factor.confirmed_at = moment
    factor.save(update_fields=["confirmed_at"])
    record(user, user, "second_factor.confirmed")
    return _new_codes(user)


@transaction.atomic
def renew_codes(user: User, code: str) -> list[str]:
    """Replace the recovery codes; the old ones are void."""
    check(user, code)
    record(user, user, "recovery_codes.renewed")
    return _new_codes(user)


def check(user: User, code: str) -> None:
    """Accept digits of the device or a recovery code, each once; refuse anything else, and all of it after five."""
    _refuse_when_closed(user)
    factor = in_force(user)
    moment = locking.now()
    if factor is not None and (_digits_fit(factor, code, moment) or _recovery_fits(user, code, moment)):
        attempts.code_succeeded(user.pk)
        return
    attempts.code_failed(user.pk)
    raise WrongCode("These are not the digits that the device shows now, and no unused recovery code.")


@transaction.atomic
def take_away(*, actor: User, user: User, code: str = "") -> None:
    """Take a second factor away: one's own with its digits, another's as administrator. Written down both times.

    A lost device of somebody who signs concerns the projects in which he does, so their chains say it too.
    """
    if actor.pk == user.pk:
        check(user, code)
    elif not actor.is_superuser:
        raise Forbidden("Only the administrator may reset another person's second factor.")
    SecondFactor.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    record(user, actor, "second_factor.taken_away")
    for project in Project.objects.filter(memberships__user=user).order_by("pk"):
        body = {"person": user.get_username()}
        audit.record(project=project, actor=actor, action="second_factor.taken_away", body=body)


def record(user: User, actor: User | None, action: str, **body: str) -> None:
    """Write down what happened to an account."""
    AccountEvent.objects.create(user=user, actor=actor, action=action, body=body, at=locking.now())


def _refuse_when_closed(user: User) -> None:
    if attempts.code_closed(user.pk):
        raise CodesLocked("Five wrong codes: try again in fifteen minutes.")


def _digits_fit(factor: SecondFactor, code: str, moment: datetime) -> bool:
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit() and len(digits) == 6):
        return False
    device = pyotp.TOTP(unseal(factor.secret))
    for drift in DRIFT:
        step = int(moment.timestamp()) // STEP_SECONDS + drift
        if secrets.compare_digest(device.generate_otp(step), digits):
            # One statement decides, so that of two who bring the same digits one is let in.
            rows = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step)
            return rows.update(last_step=step) == 1
    return False


def _recovery_fits(user: User, code: str, moment: datetime) -> bool:
    digest = _digest(code)
    unused = RecoveryCode.objects.filter(user=user, digest=digest, used_at__isnull=True)
    if unused.update(used_at=moment) != 1:
        return False
    record(user, user, "recovery_code.used")
    return True


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [_readable(secrets.token_bytes(CODE_BYTES)) for _ in range(N_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=_digest(code)) for code in codes)
    return codes


def _readable(content: bytes) -> str:
    text = base64.b32encode(content).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _digest(code: str) -> str:
    # Eighty random bits: nothing that a slow hash would make safer.
    return hashlib.sha256("".join(code.lower().replace("-", "").split()).encode()).hexdigest()
