"""Keys that sign rows, so that a change made past this program is seen. They live outside the database."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

_SHORTEST = 32


@dataclass(frozen=True)
class Keys:
    """Keys of one purpose: the first signs, all of them verify, so that a key can be replaced."""

    secrets: Sequence[bytes] = field(repr=False)

    def __post_init__(self) -> None:
        if not self.secrets or any(len(secret) < _SHORTEST for secret in self.secrets):
            raise ValueError(f"at least one key is needed, and each must have {_SHORTEST} bytes or more")

    @property
    def signing(self) -> str:
        """The id of the key that signs: stored beside a signature, it tells nothing about the key."""
        return _key_id(self.secrets[0])

    def sign(self, message: bytes) -> str:
        """The signature of ``message`` by the first key."""
        return _mac(self.secrets[0], message)

    def all_signatures(self, message: bytes) -> list[str]:
        """The signature of ``message`` by every key: for looking up what an older key may have signed."""
        return [_mac(secret, message) for secret in self.secrets]

    def knows(self, key_id: str) -> bool:
        """Whether a signature by this key can be verified."""
        return any(_key_id(secret) == key_id for secret in self.secrets)

    def verify(self, key_id: str, message: bytes, mac: str) -> bool:
        """Whether ``mac`` is the signature of ``message`` by the key of this id."""
        return any(
            hmac.compare_digest(_mac(secret, message).encode(), mac.encode(errors="replace"))
            for secret in self.secrets
            if _key_id(secret) == key_id
        )


def hashed(secret: str) -> str:
    """What is kept of a secret of 256 bits: too long to be searched, so no key is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


class AuditKeys(Keys):
    """The keys of the audit chain."""


class EvidenceKeys(Keys):
    """The keys of evidence."""


def _key_id(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()[:8]


def _mac(secret: bytes, message: bytes) -> str:
    return hmac.new(secret, message, hashlib.sha256).hexdigest()
