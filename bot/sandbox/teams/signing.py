"""The keys of the Bot service: the addresses where it publishes them, and the tokens it signs with them.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from bot.sandbox.eid.keys import Key, lasting

ISSUER: Final = "https://api.botframework.com"
METADATA: Final = "/v1/.well-known/openidconfiguration"
KEYS: Final = "/v1/.well-known/keys"
ENDORSED: Final = ("msteams", "webchat", "directline")


@dataclass
class Published:
    """Serves the metadata and the keys. Every switch may be turned while it runs."""

    current: Key = field(default_factory=lambda: lasting("bot service 1"))
    """The key that signs."""
    endorsements: tuple[str, ...] | None = ENDORSED
    """The channels that the key is good for; nothing: it does not say."""
    down: bool = False
    """Answers 503."""
    garbage: bool = False
    """Answers something that is not JSON."""
    seconds: float = 0.0
    """How late it answers."""
    requests: int = 0
    """How often the keys were asked for."""
    metadata_requests: int = 0
    url: str = ""
    waiting: int = 0
    """How many requests wait just now for ``hang`` to end."""
    _gate: asyncio.Event | None = None
    _old: tuple[Key, ...] = ()
    _number: int = 1

    def rotate(self, *, keep: bool = False) -> Key:
        """Sign with another key from now on; ``keep`` goes on publishing the old one."""
        self._old = (*self._old, self.current) if keep else ()
        self._number += 1
        self.current = lasting(f"bot service {self._number}")
        return self.current

    def hang(self) -> asyncio.Event:
        """Answer nobody until the event is set."""
        self._gate = asyncio.Event()
        return self._gate

    def release(self) -> None:
        """Let everybody who waits go."""
        if self._gate is not None:
            self._gate.set()

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Both addresses."""
        router.add_get(METADATA, self._metadata)
        router.add_get(KEYS, self._keys)

    async def _metadata(self, _: web.Request) -> web.Response:
        self.metadata_requests += 1
        return await self._answer(
            {
                "issuer": ISSUER,
                "authorization_endpoint": "https://invalid.botframework.com",
                "jwks_uri": f"{self.url}{KEYS}",
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            }
        )

    async def _keys(self, _: web.Request) -> web.Response:
        self.requests += 1
        told = {} if self.endorsements is None else {"endorsements": list(self.endorsements)}
        keys = [each.public | {"x5t": each.kid} | told for each in (self.current, *self._old)]
        return await self._answer({"keys": keys})

    async def _answer(self, body: object) -> web.Response:
        if self._gate is not None and not self._gate.is_set():
            self.waiting += 1
            try:
                await self._gate.wait()
            finally:
                self.waiting -= 1
        if self.seconds:
            await asyncio.sleep(self.seconds)
        if self.down:
            return web.Response(status=503)
        return web.Response(text="<html>") if self.garbage else web.json_response(body)
