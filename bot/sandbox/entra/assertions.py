"""How an application proves itself to Entra: errors of the token endpoint, and certificates in place of a secret."""

import base64
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import uuid4

import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SKEW: Final = 300


class TokenRefused(Exception):
    """No token is given."""

    def __init__(self, status: int, error: str, number: int, words: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.number = number
        self.words = f"AADSTS{number}: {words}"


def token_error(refused: TokenRefused) -> web.Response:
    """As Entra words it."""
    correlation = str(uuid4())
    body = {
        "error": refused.error,
        "error_description": f"{refused.words}\r\nTrace ID: {uuid4()}\r\nCorrelation ID: {correlation}",
        "error_codes": [refused.number],
        "timestamp": time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime()),
        "trace_id": str(uuid4()),
        "correlation_id": correlation,
    }
    return web.json_response(body, status=refused.status)


@dataclass
class Certificates:
    """The certificates that an administrator registered for one application."""

    _keys: dict[str, RSAPublicKey] = field(default_factory=dict, repr=False)
    _seen: set[str] = field(default_factory=set, repr=False)

    def trust(self, pem: str) -> None:
        """Let the application prove itself with the key of this certificate."""
        certificate = x509.load_pem_x509_certificate(pem.encode())
        public = certificate.public_key()
        if not isinstance(public, RSAPublicKey):
            raise TypeError("Entra takes RSA keys only")
        thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).decode().rstrip("=")
        self._keys[thumbprint] = public

    @property
    def thumbprints(self) -> list[str]:
        """By SHA-256."""
        return list(self._keys)

    def check(self, form: Mapping[str, str], client_id: str, audience: str, now: datetime) -> None:
        """An assertion is for one use, about one application, and at a time. Raises ``TokenRefused``."""
        if form.get("client_assertion_type") != _ASSERTION:
            raise TokenRefused(401, "invalid_client", 7000218, "The client_assertion_type is missing.")
        assertion = form.get("client_assertion", "")
        try:
            thumbprint = jwt.get_unverified_header(assertion).get("x5t#S256", "").rstrip("=")
            key = self._keys.get(thumbprint)
            if key is None:
                raise TokenRefused(401, "invalid_client", 700027, "The certificate is not registered.")
            claims = jwt.decode(
                assertion,
                key,
                algorithms=["PS256"],
                audience=audience,
                options={
                    "require": ["exp", "aud", "iss", "sub", "jti"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidTokenError:
            raise TokenRefused(401, "invalid_client", 700027, "The assertion is not valid.") from None
        if not claims["iss"] == claims["sub"] == client_id:
            raise TokenRefused(401, "invalid_client", 700027, "The assertion names another application.")
        at = now.timestamp()
        if not claims.get("nbf", at) - _SKEW <= at <= claims["exp"] + _SKEW:
            raise TokenRefused(
                401, "invalid_client", 700024, "The assertion is not within its valid time range."
            )
        if claims["jti"] in self._seen:
            raise TokenRefused(401, "invalid_client", 700027, "The assertion was used before.")
        self._seen.add(claims["jti"])
