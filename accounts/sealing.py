"""Encrypts the few secrets that must be read back, so that a stolen backup does not hold them."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PURPOSE = b"field encryption"


def _box() -> Fernet:
    seed = hashlib.blake2b(settings.FIELD_KEY.encode(), digest_size=32, person=PURPOSE).digest()
    return Fernet(base64.urlsafe_b64encode(seed))


def seal(text: str) -> str:
    """Return a text that only this installation's key opens."""
    return _box().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the text again."""
    try:
        return _box().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise ImproperlyConfigured("CONSILIUM_FIELD_KEY is not the key with which secrets were sealed.") from error
