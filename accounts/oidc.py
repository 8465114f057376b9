"""Asks an OpenID Connect service who somebody is: discovery, code flow with PKCE, and every check of the ID token.

Sakimura, N., Bradley, J., Jones, M., de Medeiros, B. and Mortimore, C. (2014), OpenID Connect Core 1.0, section 3.1.
"""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from django.conf import settings
from django.core.cache import cache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from accounts.errors import ServiceRefused, ServiceUnreachable
from annotations.locking import now

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SCOPE = "openid email profile"
TIMEOUT_SECONDS = 5
KEPT_SECONDS = 3600
LEEWAY_SECONDS = 60
FRESH_SECONDS = 300
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# What a service writes into `amr` when it asked for more than a password (RFC 8176).
STRONG = frozenset({"mfa", "otp", "hwk", "fpt", "face", "sc"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser's session keeps between going there and coming back."""

    state: str
    nonce: str
    verifier: str
    then: str
    is_fresh: bool

    @classmethod
    def new(cls, then: str, *, is_fresh: bool) -> "Asked":
        """Return fresh random values for one way there and back."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state, nonce, verifier, then, is_fresh)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the service vouches for; the address is empty where it did not verify it."""

    issuer: str
    subject: str
    email: str
    name: str
    has_strong: bool


def address(asked: Asked, back: str) -> str:
    """Return where the browser is sent; a fresh sign-in makes the service ask for the password again."""
    more = {"prompt": "login", "max_age": "0"} if asked.is_fresh else {}
    with _session(back) as client:
        url, _ = client.create_authorization_url(
            _service()["authorization_endpoint"],
            state=asked.state,
            nonce=asked.nonce,
            code_verifier=asked.verifier,
            **more,
        )
    return str(url)


def identity(asked: Asked, back: str, code: str) -> Identity:
    """Exchange the code and return whom the ID token names, once every claim was checked."""
    try:
        with _session(back) as client:
            answer = client.fetch_token(
                _service()["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=asked.verifier,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
    except AuthlibBaseError as error:
        raise ServiceRefused("The service did not take the code. Start again.") from error
    except (RequestException, ValueError) as error:
        raise ServiceUnreachable() from error
    claims = checked_claims(str(answer.get("id_token", "")), asked)
    return Identity(
        issuer=claims["iss"],
        subject=claims["sub"],
        # Only what the service verified can name an account here; "true" as text is no true.
        email=_line(claims.get("email")) if claims.get("email_verified") is True else "",
        name=_line(claims.get("name")),
        has_strong=not STRONG.isdisjoint(claims["amr"]) if isinstance(claims.get("amr"), list) else False,
    )


def checked_claims(token: str, asked: Asked) -> dict[str, Any]:
    """Return the claims of an ID token that is signed by the service, for us, now, and in answer to what was asked."""
    claims = _decoded(token)
    client_id, moment = settings.OIDC["client_id"], int(now().timestamp())
    rules: dict[str, Any] = {
        "iss": {"essential": True, "value": _service()["issuer"]},
        "aud": {"essential": True, "value": client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
        "sub": {"essential": True},
        "nonce": {"essential": True, "value": asked.nonce},
    }
    if "azp" in claims or (isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1):
        rules["azp"] = {"essential": True, "value": client_id}
    try:
        jwt.JWTClaimsRegistry(now=moment, leeway=LEEWAY_SECONDS, **rules).validate(claims)
    except JoseError as error:
        raise ServiceRefused("The answer of the service is not for this sign-in.") from error
    if not 0 < len(_line(claims["sub"])) <= 255:
        raise ServiceRefused("The service names nobody.")
    if asked.is_fresh and not _is_fresh(claims.get("auth_time"), moment):
        raise ServiceRefused("The service did not ask for your password again.")
    return claims


def _line(value: Any) -> str:
    # Control characters are in no name, and a database may refuse them.
    return value if isinstance(value, str) and value.isprintable() else ""


def _is_fresh(auth_time: Any, moment: int) -> bool:
    return type(auth_time) is int and moment - FRESH_SECONDS <= auth_time <= moment + LEEWAY_SECONDS


def _decoded(token: str) -> dict[str, Any]:
    try:
        return dict(jwt.decode(token, _keys(), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError):
        # The service may have new keys since ours were fetched; once, so that nobody makes us ask without end.
        if not cache.add("oidc-keys-renewed", True, LEEWAY_SECONDS):  # noqa: FBT003 - a value, not a switch
            raise ServiceRefused("The answer of the service is not signed by it.") from None
    try:
        return dict(jwt.decode(token, _keys(is_new=True), algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError) as error:
        raise ServiceRefused("The answer of the service is not signed by it.") from error


def _keys(*, is_new: bool = False) -> KeySet:
    found: Any = _fetched("oidc-keys", _service()["jwks_uri"], is_new=is_new)
    return KeySet.import_key_set(found)


def _service() -> dict[str, Any]:
    issuer = str(settings.OIDC["issuer"])
    found = _fetched("oidc-service", f"{issuer.rstrip('/')}/.well-known/openid-configuration", is_new=False)
    if found.get("issuer") != issuer:
        raise ServiceUnreachable("The service calls itself by another name than CONSILIUM_OIDC_ISSUER.")
    if not all(is_safe(found.get(name)) for name in ENDPOINTS):
        raise ServiceUnreachable("The service names an address that is not https.")
    return found


def is_safe(url: Any) -> bool:
    """Say whether secrets may be sent there: https, or this machine."""
    if not isinstance(url, str):
        return False
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _fetched(key: str, url: str, *, is_new: bool) -> dict[str, Any]:
    kept = None if is_new else cache.get(key)
    if isinstance(kept, dict):
        return kept
    try:
        with _session("") as client:
            answer = client.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, withhold_token=True)
            answer.raise_for_status()
            found = answer.json()
    except (RequestException, ValueError) as error:
        raise ServiceUnreachable() from error
    if not isinstance(found, dict):
        raise ServiceUnreachable()
    cache.set(key, found, KEPT_SECONDS)
    return found


def _session(back: str) -> OAuth2Session:
    service = settings.OIDC
    return OAuth2Session(
        service["client_id"],
        service["client_secret"] or None,
        scope=SCOPE,
        redirect_uri=back or None,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if service["client_secret"] else "none",
    )
