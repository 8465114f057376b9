"""The key that signs manifests: made once, kept in the data folder, its public half in every package."""

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PEM_START = "-----BEGIN"
# Separates this use of the secret text from any other that the operator may make of it.
PURPOSE = b"manifest signing"


def signing_key() -> Ed25519PrivateKey:
    """Return the private key: the PEM that the operator gave, or one derived from the generated secret text."""
    text = settings.SIGNING_KEY
    if not text.startswith(PEM_START):
        seed = hashlib.blake2b(text.encode(), digest_size=32, person=PURPOSE).digest()
        return Ed25519PrivateKey.from_private_bytes(seed)
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except ValueError as error:
        raise ImproperlyConfigured("CONSILIUM_SIGNING_KEY is no readable PEM private key.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ImproperlyConfigured("CONSILIUM_SIGNING_KEY must be an Ed25519 key.")
    return key


def public_pem(key: Ed25519PrivateKey) -> bytes:
    """Return the public half as PEM, as ``openssl`` reads it."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_id(key: Ed25519PrivateKey) -> str:
    """Return the name of the public key: the first 16 digits of the SHA-256 of its raw bytes."""
    return hashlib.sha256(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]
