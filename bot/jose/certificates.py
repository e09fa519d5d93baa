"""Our own signature with a certificate: how Entra knows a client that has no secret.

https://learn.microsoft.com/entra/identity-platform/certificate-credentials
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from bot.jose.assertions import SigningKey, UnusableKey, statement
from graph.secret import Secret

ALGORITHM: Final = "PS256"
"""What goes with a thumbprint by SHA-256; Entra takes RS256 only beside one by SHA-1."""


@dataclass(frozen=True)
class CertifiedKey:
    """A private key and its certificate, both in ``pem``."""

    pem: Secret

    def __post_init__(self) -> None:
        """Raises ``UnusableKey`` at the start, not at the first sign-in."""
        _ = self.key, self.thumbprint

    @cached_property
    def key(self) -> SigningKey:
        """The private key."""
        return SigningKey(self.pem)

    @cached_property
    def thumbprint(self) -> str:
        """By SHA-256, as ``x5t#S256`` writes it (RFC 7515, 4.1.8). The certificate has to be that of the key."""
        try:
            certificate = x509.load_pem_x509_certificate(self.pem.reveal().encode())
        except ValueError:
            raise UnusableKey from None
        if certificate.public_key() != self.key.private.public_key():
            raise UnusableKey
        return base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).rstrip(b"=").decode()

    def assertion(self, client_id: str, audience: str, now: datetime) -> str:
        """A signed statement that we are ``client_id``, for one use."""
        claims = statement(client_id, audience, now)
        claims["nbf"] = claims["iat"]
        headers = {"x5t#S256": self.thumbprint}
        return jwt.encode(claims, self.key.private, algorithm=ALGORITHM, headers=headers)
