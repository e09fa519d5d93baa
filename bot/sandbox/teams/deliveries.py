"""Handing activities to the bot, signed as the Bot service signs them."""

import json
import time
from dataclasses import dataclass
from typing import Final

import aiohttp

from bot.sandbox.teams.records import Delivery, Json, Signed
from bot.sandbox.teams.signing import ISSUER, Published
from bot.sandbox.teams.tenant import Impossible, Tenant

_LIFETIME: Final = 3600


@dataclass(frozen=True)
class _Outcome:
    status: int | None = None
    answer: object = None
    failure: str | None = None
    request: Signed | None = None


class Deliveries:
    """One activity at a time to the bot's address. What is not answered in time is handed over once more."""

    def __init__(self, tenant: Tenant, published: Published, answer_seconds: float, repeats: int) -> None:
        self._tenant = tenant
        self._published = published
        self._answer_seconds = answer_seconds
        self._repeats = repeats
        self._client: aiohttp.ClientSession | None = None
        self.url: str | None = None

    async def start(self) -> None:
        """Get ready to send. Proxies of the environment are not used; no connection outlives its request."""
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=self._answer_seconds),
        )

    async def stop(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()

    async def deliver(self, activity: Json) -> Delivery:
        """Hand an activity over, again when the bot takes too long. Never raises on the bot's behalf."""
        delivery = await self.attempt(activity)
        for _ in range(self._repeats):
            if delivery.failure != "timeout":
                break
            delivery = await self.redeliver(delivery)
        return delivery

    async def attempt(self, activity: Json, token: str | None = None, number: int = 1) -> Delivery:
        """Hand an activity over once, with a token of the service's or with another. Empty: without."""
        body = json.dumps(activity).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Microsoft-SkypeBotApi"}
        bearer = self.token(activity) if token is None else token
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        return await self.send(activity, Signed(body, headers), number)

    async def redeliver(self, delivery: Delivery) -> Delivery:
        """Hand the same activity over again, with a new token."""
        return await self.attempt(delivery.activity, number=delivery.attempt + 1)

    async def replay(self, delivery: Delivery) -> Delivery:
        """Send the very bytes again, as somebody who overheard them could."""
        if delivery.request is None:
            raise Impossible("nothing went over the wire")
        return await self.send(delivery.activity, delivery.request, delivery.attempt)

    def claims(self, activity: Json) -> Json:
        """What the service says in its token about this activity. The time is the emulator's clock's."""
        now = int(self._tenant.clock.now().timestamp())
        return {
            "iss": ISSUER,
            "aud": self._tenant.app.id,
            "serviceurl": activity.get("serviceUrl"),
            "iat": now,
            "nbf": now,
            "exp": now + _LIFETIME,
        }

    def token(self, activity: Json) -> str:
        """A token of the service for this activity."""
        return self._published.current.signed(self.claims(activity))

    async def send(self, activity: Json, request: Signed, number: int = 1) -> Delivery:
        """Send bytes as they are, and record what came of it."""
        started = time.monotonic()
        outcome = await self._request(request)
        delivery = Delivery(
            activity=activity,
            status=outcome.status,
            latency=time.monotonic() - started,
            answer=outcome.answer,
            failure=outcome.failure,
            attempt=number,
            request=outcome.request,
        )
        self._tenant.deliveries.append(delivery)
        self._tenant.changes.happened()
        return delivery

    async def _request(self, request: Signed) -> _Outcome:
        if self._client is None:
            raise Impossible("the emulator is not started")
        if self.url is None:
            return _Outcome(failure="nowhere")
        try:
            async with self._client.post(
                self.url, data=request.body, headers=request.headers, allow_redirects=False
            ) as response:
                text = await response.text()
                good = 200 <= response.status < 300
                failure = None if good else "http_error"
                return _Outcome(response.status, _parsed(text), failure, request)
        except TimeoutError:
            return _Outcome(failure="timeout", request=request)
        except aiohttp.ClientError:
            return _Outcome(failure="connection_failed", request=request)


def _parsed(text: str) -> object:
    if not text:
        return None
    try:
        found: object = json.loads(text)
    except ValueError:
        return text
    return found
