"""The keys that a provider publishes (RFC 7517)."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bot.jose.tokens import ALGORITHM
from bot.outside import BadAnswer, JsonObject, OutsideError

log = structlog.get_logger(__name__)

FRESH: Final = 24 * 3600.0
"""Seconds after which the keys are fetched anew."""
EXTRA_LOOKS: Final = 5
PERIOD: Final = 300.0
"""For keys that we don't know, at most so many looks in so many seconds: whoever invents ids causes no flood."""
_SMALLEST: Final = 2048
_MOST: Final = 64

Fetch = Callable[[], Awaitable[JsonObject]]


@dataclass
class KeySet:
    """Keys by id, fetched when first asked for, again after a day, and for an id that is new (rotation).

    When a later fetch fails the last good keys go on being used. Concurrent callers share one fetch.
    """

    fetch: Fetch
    monotonic: Callable[[], float] = time.monotonic
    _keys: Mapping[str, jwt.PyJWK] = field(default_factory=dict)
    _fetched: float | None = None
    _looks: list[float] = field(default_factory=list)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, kid: str) -> jwt.PyJWK | None:
        """The key of that id, or nothing. Raises ``OutsideError`` when no keys were ever got."""
        async with self._lock:
            if self._fetched is None:
                await self._renew()
            elif self._old() or (kid not in self._keys and self._may_look()):
                try:
                    await self._renew()
                except OutsideError as error:
                    log.warning("keys-not-renewed", error=type(error).__name__)
            return self._keys.get(kid)

    def _old(self) -> bool:
        return self._fetched is not None and self.monotonic() - self._fetched > FRESH and self._may_look()

    def _may_look(self) -> bool:
        now = self.monotonic()
        self._looks = [look for look in self._looks if now - look < PERIOD]
        if len(self._looks) >= EXTRA_LOOKS:
            return False
        self._looks.append(now)
        return True

    async def _renew(self) -> None:
        keys = usable(await self.fetch())
        if not keys:
            raise BadAnswer("no usable key")
        self._keys, self._fetched = keys, self.monotonic()


def usable(published: JsonObject) -> Mapping[str, jwt.PyJWK]:
    """The RSA signing keys of a JWK set, by id. An id with two such keys names no key at all."""
    listed = published.get("keys")
    found: dict[str, list[jwt.PyJWK]] = {}
    for entry in listed[:_MOST] if isinstance(listed, list) else ():
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if isinstance(kid, str) and kid:
            key = _key(entry)
            found.setdefault(kid, []).extend([key] if key else [])
    return {kid: keys[0] for kid, keys in found.items() if len(keys) == 1}


def _key(entry: dict[str, object]) -> jwt.PyJWK | None:
    if entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig":
        return None
    if entry.get("alg", ALGORITHM) != ALGORITHM:
        return None
    try:
        key = jwt.PyJWK.from_dict(entry, algorithm=ALGORITHM)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        return None
    good = isinstance(key.key, RSAPublicKey) and key.key.key_size >= _SMALLEST
    return key if good else None
