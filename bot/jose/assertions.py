"""Our own signature: proving to a provider which client we are (RFC 7523, 3; OpenID Connect Core, 9)."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bot.jose.tokens import ALGORITHM
from graph.secret import Secret

LIFE: Final = 60
"""Seconds that an assertion lives: it is used at once."""
_SMALLEST: Final = 2048


class UnusableKey(Exception):
    """The text is no RSA private key in PEM of at least 2,048 bits without a password."""


@dataclass(frozen=True)
class SigningKey:
    """One of our private keys. ``kid`` as the provider registered it; otherwise its thumbprint (RFC 7638)."""

    pem: Secret
    named: str | None = None

    def __post_init__(self) -> None:
        """Raises ``UnusableKey`` at the start, not at the first login."""
        _ = self.private

    @cached_property
    def private(self) -> RSAPrivateKey:
        """What signs. It leaves ``bot.jose`` no more than its text does."""
        try:
            key = load_pem_private_key(self.pem.reveal().encode(), password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise UnusableKey from None
        if not isinstance(key, RSAPrivateKey) or key.key_size < _SMALLEST:
            raise UnusableKey
        return key

    @cached_property
    def kid(self) -> str:
        """What names this key at the provider and in our own published set."""
        return self.named or _thumbprint(self._numbers)

    @property
    def _numbers(self) -> dict[str, str]:
        published = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {"e": str(published["e"]), "kty": "RSA", "n": str(published["n"])}

    @property
    def public(self) -> dict[str, str]:
        """The public half, as ``/eid/jwks.json`` shows it."""
        return {**self._numbers, "use": "sig", "alg": ALGORITHM, "kid": self.kid}

    def assertion(self, client_id: str, audience: str, now: datetime) -> str:
        """A signed statement that we are ``client_id``, for one use: a new ``jti`` each time."""
        claims = statement(client_id, audience, now)
        return jwt.encode(claims, self.private, algorithm=ALGORITHM, headers={"kid": self.kid})


def statement(client_id: str, audience: str, now: datetime) -> dict[str, str | int]:
    """That we are ``client_id``, for one use."""
    at = int(now.timestamp())
    return {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": secrets.token_urlsafe(24),
        "iat": at,
        "exp": at + LIFE,
    }


def _thumbprint(numbers: dict[str, str]) -> str:
    canonical = json.dumps(numbers, separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(hashlib.sha256(canonical).digest()).rstrip(b"=").decode()
