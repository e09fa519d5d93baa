"""Whether an activity comes from Microsoft's Bot service.

https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication. The token proves the
sender, not the body: that the body is for us, and new, is looked at besides.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import httpx

from bot.jose import KeySet, TokenRefused
from bot.jose.tokens import Claims, key_id, signed_claims
from bot.outside import BadAnswer, JsonObject, NoAnswer, ask

ISSUER: Final = "https://api.botframework.com"
CHANNEL: Final = "msteams"
SKEW: Final = 300
"""Seconds that the clocks may differ, by the specification."""
_PATIENCE: Final = 5.0
"""Seconds that one activity waits for the keys; Teams itself gives up after fifteen."""
_BEARER: Final = "bearer "


class Proof:
    """Checks the token of an activity. Keys are fetched without holding up anything else."""

    def __init__(self, keys: KeySet, app_id: str, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._app_id = app_id
        self._now = now

    async def check(self, authorization: str) -> str:
        """The service that the token was made for (its claim ``serviceurl``).

        Raises ``TokenRefused``, and ``OutsideError`` when the keys to check it by cannot be had.
        """
        scheme, token = authorization[: len(_BEARER)], authorization[len(_BEARER) :]
        if scheme.lower() != _BEARER:
            raise TokenRefused("missing")
        kid = key_id(token)
        try:
            async with asyncio.timeout(_PATIENCE):
                key = await self._keys.get(kid)
        except TimeoutError:
            raise NoAnswer("keys") from None
        if key is None:
            raise TokenRefused("unknown-key")
        claims = signed_claims(token, key)
        self._judge(claims)
        service = claims.get("serviceurl")
        if not isinstance(service, str) or not service:
            raise TokenRefused("no-serviceurl")
        return service

    def _judge(self, claims: Claims) -> None:
        if claims.get("iss") != ISSUER:
            raise TokenRefused("issuer")
        if claims.get("aud") != self._app_id:
            raise TokenRefused("audience")
        now = self._now().timestamp()
        ends, begins = claims.get("exp"), claims.get("nbf", now)
        if not isinstance(ends, int | float) or not isinstance(begins, int | float):
            raise TokenRefused("times")
        if now > ends + SKEW:
            raise TokenRefused("expired")
        if now < begins - SKEW:
            raise TokenRefused("not-yet")


def keys_at(client: httpx.AsyncClient, openid_url: str) -> KeySet:
    """The keys that the Bot service signs with for Teams: those that carry its name among their endorsements."""

    async def fetch() -> JsonObject:
        metadata = await ask(client, client.build_request("GET", openid_url))
        where = metadata.get("jwks_uri")
        if not isinstance(where, str) or _home(where) != _home(openid_url):
            raise BadAnswer("jwks_uri lies elsewhere")
        return endorsed(await ask(client, client.build_request("GET", where)))

    return KeySet(fetch)


def endorsed(published: JsonObject) -> JsonObject:
    """Only the keys that may sign for Teams."""
    listed = published.get("keys")
    kept = [key for key in listed if _is_endorsed(key)] if isinstance(listed, list) else []
    return {"keys": kept}


def _is_endorsed(key: object) -> bool:
    endorsements = key.get("endorsements") if isinstance(key, dict) else None
    return isinstance(endorsements, list) and CHANNEL in endorsements


def _home(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc
