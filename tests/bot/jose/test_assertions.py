"""Our own signature: for one provider, once, for a minute."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from bot.jose import SigningKey, UnusableKey
from bot.jose.assertions import LIFE
from bot.sandbox.eid.keys import encoded, verified
from graph.secret import Secret

NOW: Final = datetime(2027, 1, 18, 8, 0, 0, 999_999, tzinfo=UTC)
PRIVATE: Final = rsa.generate_private_key(65537, 2048)


def pem(key: Any, how: PrivateFormat = PrivateFormat.PKCS8, password: bytes | None = None) -> Secret:
    closed = BestAvailableEncryption(password) if password else NoEncryption()
    return Secret(key.private_bytes(Encoding.PEM, how, closed).decode())


@pytest.fixture
def key() -> SigningKey:
    return SigningKey(pem(PRIVATE), "registered")


def test_what_an_assertion_says(key: SigningKey) -> None:
    token = key.assertion("client", "https://idp.example", NOW)
    claims = dict(verified(token, [key.public]))
    assert len(str(claims.pop("jti"))) >= 32
    at = int(NOW.timestamp())
    assert claims == {
        "iss": "client",
        "sub": "client",
        "aud": "https://idp.example",
        "iat": at,
        "exp": at + LIFE,
    }
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT", "kid": "registered"}


def test_no_two_assertions_have_the_same_jti(key: SigningKey) -> None:
    made = [verified(key.assertion("client", "https://idp.example", NOW), [key.public]) for _ in range(50)]
    assert len({str(claims["jti"]) for claims in made}) == 50


def test_what_is_published_is_the_public_half(key: SigningKey) -> None:
    assert key.public.keys() == {"kty", "n", "e", "use", "alg", "kid"}
    assert jwt.PyJWK.from_dict(dict(key.public)).key.public_numbers() == PRIVATE.public_key().public_numbers()


def test_a_key_without_a_name_goes_by_its_thumbprint() -> None:
    """RFC 7638, computed here by its text."""
    key = SigningKey(pem(PRIVATE))
    numbers = f'{{"e":"{key.public["e"]}","kty":"RSA","n":"{key.public["n"]}"}}'
    assert key.kid == encoded(sha256(numbers.encode()).digest())
    assert json.loads(numbers)["e"] == "AQAB"
    assert key.kid == SigningKey(pem(PRIVATE, PrivateFormat.TraditionalOpenSSL)).kid


@pytest.mark.parametrize(
    "text",
    [
        Secret(""),
        Secret("canary"),
        Secret("-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----"),
        pem(rsa.generate_private_key(65537, 1024)),
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(PRIVATE, password=b"canary"),
        Secret(PRIVATE.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()),
        Secret("-----BEGIN RSA PRIVATE KEY-----\nblåbær\n-----END RSA PRIVATE KEY-----"),
    ],
    ids=["empty", "word", "rubbish", "small", "curve", "locked", "public", "letters"],
)
def test_a_key_that_cannot_be_used_is_found_at_once(text: Secret) -> None:
    with pytest.raises(UnusableKey) as refused:
        SigningKey(text)
    assert str(refused.value) == ""


def test_a_key_does_not_show_itself(key: SigningKey) -> None:
    assert key.kid
    assert "PRIVATE" not in repr(key)
    assert pem(PRIVATE).reveal()[40:80] not in repr(key)
