"""RSA keys and compact signatures (RFC 7515) by hand: they can be made wrong, and share no bug with ours."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicNumbers,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Json = Mapping[str, object]

_PARTS: Final = 3


class BadSignature(Exception):
    """No key of these signed the token, or it is no token."""


@dataclass(frozen=True)
class Key:
    """A private key and its name."""

    private: RSAPrivateKey = field(repr=False)
    kid: str

    @classmethod
    def new(cls, kid: str) -> "Key":
        """A fresh one."""
        return cls(generate_private_key(public_exponent=65537, key_size=2048), kid)

    @property
    def public(self) -> dict[str, str]:
        """The public half (RFC 7517)."""
        numbers = self.private.public_key().public_numbers()
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": encoded(_bytes(numbers.n)),
            "e": encoded(_bytes(numbers.e)),
        }

    def signed(self, claims: Json, **header: object) -> str:
        """A token; ``header`` adds to the usual one, and takes away where it says nothing."""
        first = self.unsigned(claims, **header)
        signature = self.private.sign(first.encode(), PKCS1v15(), SHA256())
        return f"{first}.{encoded(signature)}"

    def signed_as_password(self, claims: Json) -> str:
        """An HS256 token with the public key, which everybody has, in place of a password."""
        first = self.unsigned(claims, alg="HS256")
        pem = self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return f"{first}.{encoded(hmac.new(pem, first.encode(), hashlib.sha256).digest())}"

    def unsigned(self, claims: Json, **header: object) -> str:
        """Header and claims, the part that is signed."""
        whole = {"alg": "RS256", "kid": self.kid} | header
        kept = {name: value for name, value in whole.items() if value is not None}
        return f"{encoded(json.dumps(kept).encode())}.{encoded(json.dumps(claims).encode())}"


def verified(token: str, keys: Sequence[Json]) -> Json:
    """The claims of an RS256 token that the one of these public keys it names has signed."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise BadSignature
    try:
        header, claims = (json.loads(decoded(part)) for part in parts[:2])
        signature = decoded(parts[2])
        if not isinstance(header, dict) or not isinstance(claims, dict) or header.get("alg") != "RS256":
            raise BadSignature
        (key,) = (key for key in keys if key.get("kid") == header.get("kid"))
        numbers = RSAPublicNumbers(_number(key["e"]), _number(key["n"]))
        numbers.public_key().verify(signature, f"{parts[0]}.{parts[1]}".encode(), PKCS1v15(), SHA256())
    except (ValueError, KeyError, InvalidSignature):
        raise BadSignature from None
    return claims


@cache
def lasting(kid: str) -> Key:
    """The key of this name, another in each process: kept, since making one takes a while."""
    return Key.new(kid)


def encoded(data: bytes) -> str:
    """Base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The other way. ``ValueError`` for anything else."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8)


def _number(text: object) -> int:
    return int.from_bytes(decoded(str(text)))
