"""Handing events, interactions and commands to the app, over signed HTTP or an open socket.

https://docs.slack.dev/apis/events-api and https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from urllib.parse import urlencode

import aiohttp

from bot.sandbox.slack.records import Delivery, Json, Kind, Signed
from bot.sandbox.slack.sockets import SocketGone, Sockets
from bot.sandbox.slack.workspace import Impossible, Workspace

_ENVELOPES = {Kind.EVENT: "events_api", Kind.INTERACTION: "interactive", Kind.COMMAND: "slash_commands"}


def signed_headers(secret: str, body: bytes, timestamp: int | None = None) -> dict[str, str]:
    """What Slack sends along to prove a request. The time is real unless a test forges it."""
    at = int(time.time()) if timestamp is None else timestamp
    digest = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}


@dataclass(frozen=True)
class HttpTarget:
    """Where the app listens, and the secret shared with it."""

    url: str
    signing_secret: str


@dataclass(frozen=True)
class _Outcome:
    over: str
    acknowledged: bool
    status: int | None = None
    answer: Json | None = None
    failure: str | None = None
    no_retry: bool = False
    request: Signed | None = None


class Deliveries:
    """One attempt at a time; a retry is another attempt, made when a test asks for it."""

    def __init__(self, workspace: Workspace, sockets: Sockets, ack_seconds: float) -> None:
        self._workspace = workspace
        self._sockets = sockets
        self._ack_seconds = ack_seconds
        self._client: aiohttp.ClientSession | None = None
        self.target: HttpTarget | None = None

    async def start(self) -> None:
        """Get ready to send. Proxies of the environment are not used; no connection outlives its request."""
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(total=self._ack_seconds),
        )

    async def stop(self) -> None:
        """Let go of the connections."""
        if self._client is not None:
            await self._client.close()

    async def deliver(self, kind: Kind, payload: Json, *, number: int = 0, reason: str = "") -> Delivery:
        """Hand something over and record what came of it. Never raises on the app's behalf."""
        started = time.monotonic()
        if self._sockets.usable:
            outcome = await self._over_socket(kind, payload, number, reason)
        elif self.target is not None:
            outcome = await self._over_http(kind, payload, self.target, number, reason)
        else:
            outcome = _Outcome("nowhere", acknowledged=False, failure="connection_failed")
        return self._record(kind, payload, outcome, started, number)

    async def redeliver(self, delivery: Delivery, reason: str | None = None) -> Delivery:
        """Hand an event over once more, as Slack does when it was not acknowledged in time."""
        if delivery.kind is not Kind.EVENT:
            raise Impossible(f"Slack never repeats an {delivery.kind}")
        why = reason or delivery.failure or "http_timeout"
        return await self.deliver(
            delivery.kind, delivery.payload, number=delivery.retry_number + 1, reason=why
        )

    async def replay(self, delivery: Delivery) -> Delivery:
        """Send the very bytes and headers of an HTTP delivery again, as somebody who overheard it could."""
        if delivery.request is None or self.target is None:
            raise Impossible("only what went over HTTP can be overheard")
        started = time.monotonic()
        outcome = await self._request(self.target.url, delivery.request)
        return self._record(delivery.kind, delivery.payload, outcome, started, delivery.retry_number)

    async def verify_url(self) -> bool:
        """Slack's first request to a new request URL. True when the app gives the challenge back."""
        if self.target is None:
            raise Impossible("no request URL is set")
        challenge = hashlib.sha256(self.target.url.encode()).hexdigest()
        token = self._workspace.installation.verification_token
        body = json.dumps({"token": token, "challenge": challenge, "type": "url_verification"}).encode()
        headers = {
            "Content-Type": "application/json",
            **signed_headers(self.target.signing_secret, body),
        }
        outcome = await self._request(self.target.url, Signed(body, headers))
        return outcome.acknowledged and (outcome.answer or {}).get("challenge") == challenge

    def _record(self, kind: Kind, payload: Json, outcome: _Outcome, started: float, number: int) -> Delivery:
        delivery = Delivery(
            kind=kind,
            payload=payload,
            over=outcome.over,
            acknowledged=outcome.acknowledged,
            status=outcome.status,
            latency=time.monotonic() - started,
            answer=outcome.answer,
            failure=outcome.failure,
            retry_number=number,
            no_retry=outcome.no_retry,
            request=outcome.request,
        )
        self._workspace.deliveries.append(delivery)
        self._workspace.changes.happened()
        return delivery

    async def _over_socket(self, kind: Kind, payload: Json, number: int, reason: str) -> _Outcome:
        retry = (number, reason) if number else None
        try:
            ack = await self._sockets.send(_ENVELOPES[kind], payload, self._ack_seconds, retry)
        except SocketGone:
            return _Outcome("socket", acknowledged=False, failure="connection_failed")
        except TimeoutError:
            return _Outcome("socket", acknowledged=False, failure="timeout")
        answer = ack.get("payload")
        return _Outcome("socket", acknowledged=True, answer=answer if isinstance(answer, dict) else None)

    async def _over_http(
        self, kind: Kind, payload: Json, target: HttpTarget, number: int, reason: str
    ) -> _Outcome:
        headers = {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}
        if kind is Kind.EVENT:
            body = json.dumps(payload).encode()
            headers["Content-Type"] = "application/json"
        else:
            fields = payload if kind is Kind.COMMAND else {"payload": json.dumps(payload)}
            body = urlencode(fields).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if number:
            headers |= {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        headers |= signed_headers(target.signing_secret, body)
        return await self._request(target.url, Signed(body, headers))

    async def _request(self, url: str, request: Signed) -> _Outcome:
        if self._client is None:
            raise Impossible("the emulator is not started")
        try:
            async with self._client.post(
                url, data=request.body, headers=request.headers, allow_redirects=False
            ) as response:
                text = await response.text()
                acknowledged = 200 <= response.status < 300
                return _Outcome(
                    "http",
                    acknowledged=acknowledged,
                    status=response.status,
                    answer=_answer(text),
                    failure=None if acknowledged else "http_error",
                    no_retry=response.headers.get("X-Slack-No-Retry") == "1",
                    request=request,
                )
        except TimeoutError:
            return _Outcome("http", acknowledged=False, failure="http_timeout", request=request)
        except aiohttp.ClientError:
            return _Outcome("http", acknowledged=False, failure="connection_failed", request=request)


def _answer(text: str) -> Json | None:
    if not text:
        return None
    try:
        body = json.loads(text)
    except ValueError:
        return {"text": text}
    return body if isinstance(body, dict) else None
