"""Sends a message: by mail, or as a signed POST that cannot be led into the own network.

A webhook's host is resolved once, every address that it has must be public, and the connection goes to one of the
addresses that were checked, so that a second answer of the name server changes nothing (OWASP, Server Side Request
Forgery Prevention). Redirects are not followed. The signature is Ed25519 (RFC 8032) over ``timestamp.body``, under the
key that signs releases; the receiver refuses what is older than some minutes.
"""

import base64
import http.client
import ipaddress
import json
import smtplib
import socket
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from reports.errors import NotSent
from reports.signing import key_id, signing_key

TIMEOUT_SECONDS = 10.0
LONGEST_ANSWER = 1024
PORTS = {"https": 443, "http": 80}


def mail(address: str, subject: str, text: str) -> None:
    """Send a plain mail; NotSent where the server does not take it."""
    if not settings.CAN_MAIL:
        raise NotSent("This installation sends no mail: its administrator sets CONSILIUM_MAIL.")
    try:
        EmailMessage(subject, text, to=[address]).send()
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"The mail server did not take it: {type(error).__name__}.") from error


def post(url: str, body: Mapping[str, Any]) -> None:
    """POST a signed JSON body; NotSent where it may not go there or is not taken with 2xx."""
    parts = checked(url)
    content = json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts)
    try:
        connection.request("POST", path, body=content, headers=headers_of(content, int(time.time())))
        answer = connection.getresponse()
        answer.read(LONGEST_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise NotSent(f"The other end cannot be reached: {type(error).__name__}.") from error
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotSent(f"The other end answered {answer.status}.")


def headers_of(content: bytes, moment: int) -> dict[str, str]:
    """Return the headers of a body, with its signature."""
    key = signing_key()
    signature = base64.b64encode(key.sign(f"{moment}.".encode() + content)).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Consilium",
        "Consilium-Timestamp": str(moment),
        "Consilium-Key": key_id(key),
        "Consilium-Signature": f"ed25519={signature}",
    }


def checked(url: str) -> SplitResult:
    """Return the parts of an address that may be posted to; NotSent for any other."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise NotSent("This is no address.") from error
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.PRIVATE_HOOKS):
        raise NotSent("A webhook's address begins with https://.")
    if not parts.hostname or parts.username or parts.password or "\r" in url or "\n" in url or " " in url or port == 0:
        raise NotSent("A webhook's address is a host and a path, without a name or password.")
    return parts


def public_address(host: str, port: int) -> str:
    """Return an address of a host; NotSent unless all that it has are public, or private ones are allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotSent("The host's name leads nowhere.") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.PRIVATE_HOOKS and not all(is_public(one) for one in addresses):
        raise NotSent("The host lies in a network that is not public.")
    return addresses[0]


def is_public(address: str) -> bool:
    """Tell whether an address can be reached by everybody; an IPv4 address within an IPv6 one counts itself."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if inner is not None:
        return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def _connection(parts: SplitResult) -> http.client.HTTPConnection:
    """Return a connection that goes to the address that was checked, and proves the name to which it belongs."""
    host = parts.hostname or ""
    port = parts.port or PORTS[parts.scheme]
    made = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        plain = socket.create_connection((public_address(host, port), port), TIMEOUT_SECONDS)
        secure = parts.scheme == "https"
        made.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
    except OSError as error:
        raise NotSent(f"The other end cannot be reached: {type(error).__name__}.") from error
    return made
