import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)
from django.core.exceptions import ImproperlyConfigured

from reports.signing import key_id, public_pem, signing_key


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def test_the_key_is_made_once_and_kept():
    assert public_pem(signing_key()) == public_pem(signing_key())
    assert len(key_id(signing_key())) == 16


def test_another_secret_is_another_key(settings):
    first = key_id(signing_key())
    settings.SIGNING_KEY = "another secret text"
    assert key_id(signing_key()) != first


def test_the_public_half_checks_a_signature():
    load_pem_public_key(public_pem(signing_key())).verify(signing_key().sign(b"bytes"), b"bytes")


def test_the_operator_may_bring_a_key(settings):
    own = Ed25519PrivateKey.generate()
    settings.SIGNING_KEY = pem(own)
    assert public_pem(signing_key()) == public_pem(own)


@pytest.mark.parametrize("text", ["-----BEGIN nothing", pem(generate_private_key(SECP256R1()))])
def test_a_key_of_another_kind_stops(settings, text):
    settings.SIGNING_KEY = text
    with pytest.raises(ImproperlyConfigured, match="CONSILIUM_SIGNING_KEY"):
        signing_key()
