"""Reads the environment: every variable is listed here, and a wrong name or value stops the start."""

import difflib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

PREFIX = "CONSILIUM_"

# Name and meaning; `manage.py check` and the operator's guide tell the same story.
KNOWN: Mapping[str, str] = {
    "PRODUCTION": "1 refuses to start insecurely, and sends HSTS and secure cookies",
    "HOSTS": "host names that the service answers to, separated by commas",
    "LISTEN": "address and port of the web server",
    "DATA": "folder of the database, files, generated keys and the lock",
    "SECRET_KEY": "signs cookies; made once in the data folder",
    "SECRET_KEY_FALLBACKS": "earlier secret keys that are still accepted, separated by commas",
    "FIELD_KEY": "encrypts the secrets of second factors; made once in the data folder",
    "SECOND_FACTOR": "off, signers or all: of whom a second factor is asked",
    "IDLE_MINUTES": "minutes without work after which a session ends",
    "OIDC_ISSUER": "https address of an OpenID Connect service that people may sign in by",
    "OIDC_CLIENT_ID": "our name at that service",
    "OIDC_CLIENT_SECRET": "our secret at that service; may come as a file",
    "OIDC_NAME": "what the button calls the service",
    "OIDC_OPENS_ACCOUNTS": "1 opens an account, without any role, for whoever the service knows",
    "SIGNING_KEY": "Ed25519 key that signs manifests; made once in the data folder",
    "DATABASE": "postgresql://… or sqlite:///…",
    "ALLOW_SQLITE": "1 allows SQLite in production",
    "SQLITE_SYNCHRONOUS": "NORMAL, or FULL where the power may fail",
    "BROKER": "memory://, redis://… or amqp://…",
    "CACHE": "locmem:// or redis://…",
    "STORAGE": "folder of stored files, or s3://bucket/prefix?endpoint=…&region=…",
    "WEB_THREADS": "threads of the web server",
    "CONCURRENCY": "processes of the worker",
    "POOL": "prefork or threads",
    "PUMP_SECONDS": "pause between two looks for due rows",
    "PUMP_IDLE_SECONDS": "the same when the last look found none",
    "MAX_BODY": "largest plain request, in bytes",
    "TRUSTED_PROXIES": "address of the proxy whose headers are believed",
    "LOG": "console or json",
    "ADDRESS": "https://… under which people reach the service; links in messages begin with it",
    "MAIL": "smtp://user:password@host:port, or smtp+tls://…; without it nothing is mailed",
    "MAIL_FROM": "sender of what is mailed",
    "PRIVATE_HOOKS": "1 lets webhooks go to addresses of the own network, and without encryption",
    "OTEL_ENDPOINT": "address of an OpenTelemetry collector (OTLP over HTTP) that gets a span of each request",
    "METRICS_TOKEN": "bearer token of /metrics; without it only this machine may ask",
    "SUPERVISOR_PIPE": "set by the supervisor for its children",
    "REQUIRE_SHARED": "tests: a missing ../shared is a failure, not a skip",
    "REQUIRE_SERVICES": "tests: a missing PostgreSQL or Redis is a failure, not a skip",
    "REQUIRE_BROWSER": "tests: a missing Chromium is a failure, not a skip",
    "REQUIRE_NODE": "tests: a missing Node is a failure, not a skip",
    "REQUIRE_ORACLES": "tests: a missing external checker is a failure, not a skip",
    "CHROMIUM": "tests: the browser to drive",
    "TEST_POSTGRES": "tests: a PostgreSQL server to create databases on",
    "SCREENSHOTS": "tests: folder in which the browser tests leave pictures",
}

_env = environ.Env()


def check_names(environment: Mapping[str, str]) -> None:
    """Refuse a CONSILIUM_… variable that means nothing, naming the nearest that does."""
    for variable in environment:
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).removesuffix("_FILE")
        if name in KNOWN:
            continue
        near = difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.0)
        raise ImproperlyConfigured(f"{variable} is not a setting of Consilium. Did you mean {PREFIX}{near[0]}?")


def envtext(name: str, default: str = "") -> str:
    """Return a variable as text."""
    return _read(name, _env.str, default)


def envlist(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return a variable as a list; commas separate."""
    return [part.strip() for part in _read(name, _env.str, ",".join(default)).split(",") if part.strip()]


def envbool(name: str) -> bool:
    """Return whether a switch is on; only 0 and 1 are understood, and absent is off."""
    text = envtext(name, "0")
    if text not in {"0", "1"}:
        raise ImproperlyConfigured(f"{PREFIX}{name} is {text!r}; it must be 0 or 1.")
    return text == "1"


def envint(name: str, default: int, *, least: int = 1) -> int:
    """Return a whole number, not below ``least``."""
    return int(_number(name, _env.int, default, least))


def envfloat(name: str, default: float, *, least: float = 0.0) -> float:
    """Return a number, not below ``least``."""
    return float(_number(name, _env.float, default, least))


def envchoice(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return one of the allowed words."""
    text = envtext(name, default)
    if text not in choices:
        raise ImproperlyConfigured(f"{PREFIX}{name} is {text!r}; it must be one of {', '.join(choices)}.")
    return text


def envmail() -> dict[str, Any]:
    """Return Django's settings of CONSILIUM_MAIL; empty where nothing is mailed."""
    url = envoptional("MAIL")
    if not url:
        return {}
    if url.partition(":")[0] not in {"smtp", "smtp+tls", "smtp+ssl"}:
        raise ImproperlyConfigured("CONSILIUM_MAIL must be smtp://…, smtp+tls://… or smtp+ssl://…")
    return dict(_env.email_url_config(url))


def envdatabase(default: str) -> dict[str, Any]:
    """Return Django's form of CONSILIUM_DATABASE; only SQLite and PostgreSQL are supported."""
    # It may hold a password, so it may come as a file.
    url = envoptional("DATABASE") or default
    if url.partition(":")[0] not in {"sqlite", "postgresql", "postgres"}:
        raise ImproperlyConfigured("CONSILIUM_DATABASE must be sqlite:///… or postgresql://…")
    return dict(_env.db_url_config(url))


def envstorage(folder: str) -> dict[str, Any]:
    """Return Django's form of CONSILIUM_STORAGE: a folder, or a bucket; credentials come as AWS tools expect them."""
    text = envtext("STORAGE", folder)
    if "://" not in text:
        return {"BACKEND": "config.storage.WholeFiles", "OPTIONS": {"location": text}}
    parts = urlsplit(text)
    asked = parse_qs(parts.query, strict_parsing=bool(parts.query))
    if parts.scheme != "s3" or not parts.hostname or set(asked) - {"endpoint", "region"}:
        raise ImproperlyConfigured("CONSILIUM_STORAGE must be a folder or s3://bucket/prefix?endpoint=…&region=…")
    options = {
        "bucket_name": parts.hostname,
        "location": parts.path.strip("/"),
        "endpoint_url": asked.get("endpoint", [None])[0],
        "region_name": asked.get("region", [None])[0],
        # No list of its own: the bucket's policy says who may read, and nothing is public.
        "default_acl": None,
        "querystring_auth": True,
        # Names are digests: what stands under one is the same bytes.
        "file_overwrite": True,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def envoptional(name: str) -> str:
    """Return a secret from NAME or from the file NAME_FILE; empty when neither is set."""
    named = os.environ.get(f"{PREFIX}{name}_FILE")
    return _file_text(Path(named), f"{PREFIX}{name}_FILE") if named else envtext(name)


def envsecret(name: str, path: Path) -> str:
    """Return a secret from NAME, from the file NAME_FILE, or from ``path``, where it is made once."""
    if text := envtext(name):
        return text
    named = os.environ.get(f"{PREFIX}{name}_FILE")
    if named:
        return _file_text(Path(named), f"{PREFIX}{name}_FILE")
    if not path.exists():
        _make_secret(path)
    return _file_text(path, str(path.name))


def _make_secret(path: Path) -> None:
    # Written aside and linked: of two processes that start together, one makes the key and both read it.
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(secrets.token_urlsafe(64))
    try:
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        aside.unlink()


def _file_text(path: Path, named: str) -> str:
    try:
        text = path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{named}: the secret cannot be read ({error.strerror}).") from error
    if not text:
        raise ImproperlyConfigured(f"{named}: the secret is empty.")
    return text


def _number(name: str, read: Any, default: float, least: float) -> float:
    value: float = _read(name, read, default)
    if value < least:
        raise ImproperlyConfigured(f"{PREFIX}{name} is {value}; it must be at least {least}.")
    return value


def _read(name: str, read: Any, default: Any) -> Any:
    if name not in KNOWN:
        raise ImproperlyConfigured(f"{PREFIX}{name} is read but not listed in config/env.py.")
    try:
        return read(PREFIX + name, default=default)
    except ValueError as error:
        raise ImproperlyConfigured(f"{PREFIX}{name}: {error}") from error
