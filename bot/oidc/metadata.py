"""What a provider publishes about itself (OpenID Connect Discovery 1.0), pinned to the issuer of the settings."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

import httpx
import structlog

from bot.jose import KeySet
from bot.outside import BadAnswer, JsonObject, OutsideError, ask

log = structlog.get_logger(__name__)

FRESH: Final = 24 * 3600.0
"""Seconds after which metadata is read anew."""
WELL_KNOWN: Final = "/.well-known/openid-configuration"


class Pinned(Protocol):
    """What is known of a provider before it is asked anything."""

    @property
    def name(self) -> str:
        """For logs."""
        ...

    @property
    def issuer(self) -> str:
        """Compared letter by letter."""
        ...

    @property
    def further(self) -> frozenset[str]:
        """The endpoints that are used besides those of the flow, by their names in the metadata."""
        ...

    def may_reach(self, address: object) -> bool:
        """Whether an endpoint of the metadata is one we go to."""
        ...


@dataclass(frozen=True)
class Metadata:
    """The endpoints we use. Each lies where the settings let it."""

    authorization: str
    token: str
    jwks: str
    pushed: str | None
    """Where authorization requests are pushed to (RFC 9126), if the provider takes them."""
    userinfo: str | None
    end_session: str | None
    names_issuer: bool
    """Whether its authorization responses carry ``iss`` (RFC 9207, 3)."""


def read(provider: Pinned, document: JsonObject) -> Metadata:
    """The metadata in a discovery document. Raises ``BadAnswer`` when it is another issuer's or leads elsewhere."""
    if document.get("issuer") != provider.issuer:
        raise BadAnswer("another issuer")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    found: dict[str, str] = {}
    for name in (*names, *sorted(provider.further)):
        address = document.get(name)
        if address is None and name in provider.further:
            continue
        if not isinstance(address, str) or not provider.may_reach(address):
            raise BadAnswer(f"{name} leads elsewhere")
        found[name] = address
    return Metadata(
        authorization=found["authorization_endpoint"],
        token=found["token_endpoint"],
        jwks=found["jwks_uri"],
        pushed=found.get("pushed_authorization_request_endpoint"),
        userinfo=found.get("userinfo_endpoint"),
        end_session=found.get("end_session_endpoint"),
        names_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


@dataclass
class Published:
    """A provider's metadata and keys, kept for a day; the last good ones go on being used when it is silent."""

    provider: Pinned
    client: httpx.AsyncClient
    monotonic: Callable[[], float] = time.monotonic
    _metadata: Metadata | None = None
    _read_at: float = 0.0
    keys: KeySet = field(init=False)
    """The signing keys."""
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        """The keys come from wherever the metadata says by then."""
        self.keys = KeySet(self._jwks, self.monotonic)

    async def metadata(self) -> Metadata:
        """The endpoints. Raises ``OutsideError`` when they were never got."""
        async with self._lock:
            if self._metadata is None:
                await self._renew()
            elif self.monotonic() - self._read_at > FRESH:
                try:
                    await self._renew()
                except OutsideError as error:
                    log.warning(
                        "metadata-not-renewed", provider=self.provider.name, error=type(error).__name__
                    )
                    self._read_at = self.monotonic()
            if self._metadata is None:
                raise BadAnswer("no metadata")
            return self._metadata

    async def _jwks(self) -> JsonObject:
        metadata = await self.metadata()
        return await ask(self.client, self.client.build_request("GET", metadata.jwks))

    async def _renew(self) -> None:
        address = self.provider.issuer.rstrip("/") + WELL_KNOWN
        document = await ask(self.client, self.client.build_request("GET", address))
        self._metadata, self._read_at = read(self.provider, document), self.monotonic()
