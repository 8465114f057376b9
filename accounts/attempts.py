"""Counts wrong passwords and codes, and says how long to wait.

Three counters, because each alone has a hole. A browser at an address has ten tries a name in a quarter of an hour. An
address has a hundred tries, whatever the names. A name has ten tries a day from everywhere; after those each further
try waits twice as long as the one before, a quarter of an hour at most, so that many addresses gain little. Whoever
signed in from a browser before has a mark of that in a cookie and is not kept waiting by strangers' tries.
"""

import hashlib
import math

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from annotations.locking import now

TRIES = 10
ADDRESS_TRIES = 100
CODE_TRIES = 5
LOCK_SECONDS = 900
DAY_SECONDS = 24 * 3600
LONGEST_WAIT = 900
COOKIE = "consilium_known"
COOKIE_SECONDS = 180 * DAY_SECONDS
SALT = "consilium.known-browser"


def key_of(kind: str, *parts: str) -> str:
    """Return the key of a counter; names and addresses are not kept as they are."""
    return f"tries-{kind}-" + hashlib.sha256("|".join(parts).encode()).hexdigest()


def count(key: str, seconds: int) -> int:
    """Add one to a counter that lives for some seconds from its first try, and return it."""
    cache.add(key, 0, seconds)
    try:
        return int(cache.incr(key))
    except ValueError:
        # It ran out between the two steps.
        cache.set(key, 1, seconds)
        return 1


def knows(request: HttpRequest | None, name: str) -> bool:
    """Say whether this browser signed in under the name before."""
    if request is None:
        return False
    try:
        names = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        return False
    return isinstance(names, list) and key_of("known", name) in names


def remember(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Mark the browser as one from which the name signed in; five names at most, as at a reading room's computer."""
    mark = key_of("known", name)
    try:
        names = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=COOKIE_SECONDS)
    except signing.BadSignature:
        names = []
    kept = [mark, *[one for one in names if one != mark]][:5]
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def seconds_to_wait(request: HttpRequest | None, name: str) -> int:
    """Return how long a name must wait before its next password from this browser is looked at; 0 for not at all."""
    address = _address(request)
    if (
        cache.get(key_of("pair", address, name), 0) >= TRIES
        or cache.get(key_of("address", address), 0) >= ADDRESS_TRIES
    ):
        return LOCK_SECONDS
    if knows(request, name):
        return 0
    until = cache.get(key_of("until", name), 0.0)
    return max(0, math.ceil(until - now().timestamp()))


def failed(request: HttpRequest | None, name: str) -> None:
    """Count a wrong password."""
    address = _address(request)
    count(key_of("pair", address, name), LOCK_SECONDS)
    count(key_of("address", address), LOCK_SECONDS)
    if knows(request, name):
        return
    number = count(key_of("name", name), DAY_SECONDS)
    if number >= TRIES:
        wait = min(2 ** min(number - TRIES, 20), LONGEST_WAIT)
        cache.set(key_of("until", name), now().timestamp() + wait, LONGEST_WAIT)


def succeeded(request: HttpRequest | None, name: str) -> None:
    """Forget this browser's wrong passwords; strangers' tries stay counted."""
    cache.delete(key_of("pair", _address(request), name))


def code_closed(user_id: int) -> bool:
    """Say whether a person gave too many wrong codes."""
    return bool(cache.get(key_of("code", str(user_id)), 0) >= CODE_TRIES)


def code_failed(user_id: int) -> None:
    """Count a wrong code."""
    count(key_of("code", str(user_id)), LOCK_SECONDS)


def code_succeeded(user_id: int) -> None:
    """Forget the wrong codes."""
    cache.delete(key_of("code", str(user_id)))


def _address(request: HttpRequest | None) -> str:
    return str(request.META.get("REMOTE_ADDR", "")) if request is not None else ""
