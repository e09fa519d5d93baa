"""A certificate in place of a secret: the thumbprint names it, and it belongs to its key."""

from datetime import UTC, datetime
from typing import Final

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from bot.jose import CertifiedKey, UnusableKey
from bot.sandbox.eid.keys import encoded
from graph.secret import Secret
from tests.graph.test_tokens import certified

NOW: Final = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)
PEM, CERTIFICATE = certified()


def test_what_an_assertion_says() -> None:
    parsed = x509.load_pem_x509_certificate(CERTIFICATE.encode())
    token = CertifiedKey(Secret(PEM)).assertion("client", "https://login.example/token", NOW)
    assert jwt.get_unverified_header(token) == {
        "alg": "PS256",
        "typ": "JWT",
        "x5t#S256": encoded(parsed.fingerprint(SHA256())),
    }
    claims = jwt.decode(token, options={"verify_signature": False})
    at = int(NOW.timestamp())
    assert claims.pop("jti")
    assert claims == {
        "iss": "client",
        "sub": "client",
        "aud": "https://login.example/token",
        "iat": at,
        "nbf": at,
        "exp": at + 60,
    }


@pytest.mark.parametrize(
    "pem",
    [
        CERTIFICATE,
        PEM.removesuffix(CERTIFICATE),
        PEM.removesuffix(CERTIFICATE) + certified()[1],
        "",
        "canary",
    ],
    ids=["no key", "no certificate", "another's certificate", "nothing", "no PEM"],
)
def test_what_is_no_key_with_its_certificate_is_refused(pem: str) -> None:
    with pytest.raises(UnusableKey) as refused:
        CertifiedKey(Secret(pem))
    assert "canary" not in repr(refused.value)
