"""Proof at a signature, after 21 CFR 11.200: the password each time, with the digits where there is a device.

One field takes both, the digits after a space, as other systems do: no page and no client needs a second one. Whoever
signs in by another service has no password here and proves it by the digits, or by a code that is shown after a fresh
sign-in there, for one signature within five minutes.
"""

import hashlib
import secrets

from django.contrib.auth.models import User
from django.core.cache import cache

from accounts import second_factor
from accounts.errors import CodesLocked, SecondFactorNeeded, WrongCode

FRESH_SECONDS = 300


def proves(user: User, given: str) -> bool:
    """Say whether what was typed proves the person; it may use up digits or a code."""
    has_device = second_factor.in_force(user) is not None
    if not has_device and second_factor.is_required(user) and user.has_usable_password():
        raise SecondFactorNeeded("Set up a second factor under your account, then sign.")
    if not user.has_usable_password():
        return _spends(user, given) or (has_device and _device_shows(user, given))
    if not has_device:
        return user.check_password(given)
    password, _, code = given.rpartition(" ")
    # The password first: whoever does not have it cannot use up codes, or close them.
    return user.check_password(password) and _device_shows(user, code)


def signing_code(user: User) -> str:
    """Return a fresh code for one signature; one given before is void."""
    code = secrets.token_hex(5)
    cache.set(_key(user), hashlib.sha256(code.encode()).hexdigest(), FRESH_SECONDS)
    return code


def _spends(user: User, code: str) -> bool:
    kept = cache.get(_key(user), "")
    fits = secrets.compare_digest(kept, hashlib.sha256(code.strip().encode()).hexdigest())
    # Whoever deletes it spends it: of two signatures at once one gets it.
    return fits and bool(cache.delete(_key(user)))


def _device_shows(user: User, code: str) -> bool:
    try:
        second_factor.check(user, code)
    except (WrongCode, CodesLocked):
        return False
    return True


def _key(user: User) -> str:
    return f"signing-code-{user.pk}"
