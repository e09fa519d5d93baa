"""Where Slack's requests come in: prove, translate, write down, acknowledge. Nothing is decided here.

An event is written by ``receive`` before Slack hears that we have it. If it cannot be written, Slack gets no
acknowledgement and delivers it again (three times within some six minutes:
https://docs.slack.dev/apis/events-api#retries).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.gate import Gate
from bot.settings.sections import Slack, SlackMode
from bot.shapes import at, text
from bot.slack import forms, incoming, payloads
from bot.slack.client import silent
from bot.slack.listening import Listening
from bot.slack.needs import needs
from bot.slack.socket_mode import SocketMode
from bot.slack.standing import SlackRefused, Standing
from handlers.events import Event, Gone
from handlers.ports import ChatError, Rejected

__all__ = ["Receive", "SlackEdge", "SlackRefused"]

Receive = Callable[[Event], Awaitable[None]]
"""Writes an event into the inbox, once; raises if it could not."""

_LOOK_EVERY = 30.0
"""Seconds between looks at the token and the connection."""

_NOWHERE = Listening()

log = structlog.get_logger()


class SlackEdge:
    """Slack's way in, over HTTP or Socket Mode. ``wake`` is called after each acknowledgement."""

    def __init__(
        self,
        settings: Slack,
        client: AsyncWebClient,
        receive: Receive,
        wake: Callable[[], None] = lambda: None,
        listening: Listening = _NOWHERE,
    ) -> None:
        self._settings = settings
        self._client = client
        self._receive = receive
        self._wake = wake
        self._gate = Gate()
        self._listening = listening
        self._standing = Standing(client, settings.workspace_ids, needs(listening))
        self._look_now = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._app = self._bolt()
        self._socket: SocketMode | None = None
        self._verifier: SignatureVerifier | None = None
        if settings.mode is SlackMode.HTTP:
            self._verifier = SignatureVerifier(settings.signing_secret.get_secret_value())

    def routes(self) -> list[Route]:
        """``/slack/events``, for everything Slack sends. None in Socket Mode."""
        if self._verifier is None:
            return []
        return [Route("/slack/events", self._requested, methods=["POST"])]

    async def start(self) -> None:
        """Check the token and the workspace, and connect. ``SlackRefused`` when that can never work.

        Slack being away is no reason not to start: the web pages work, and the watch goes on.
        """
        await self._standing.look()
        if self._settings.mode is SlackMode.SOCKET:
            await self._connect()
        self._watching = asyncio.create_task(self._watch())

    async def stop(self, patience: float = 10.0) -> None:
        """Take nothing new, let what came be written and acknowledged, then hang up."""
        if not await self._gate.close(patience):
            log.warning("slack.stopped_early")
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    def ready(self) -> str | None:
        """Why Slack does not work now, for ``/readyz``; None when it does."""
        if self._gate.closed:
            return "slack: stopping"
        if self._standing.trouble is None and self._socket is not None and not self._socket.connected:
            return "slack: not connected"
        return self._standing.trouble

    def _bolt(self) -> AsyncApp:
        """Both ways in end in one middleware: only what runs there comes before the acknowledgement."""
        base = silent("bot.slack.bolt")
        app = AsyncApp(
            name="tofaktor",
            logger=base,
            client=AsyncWebClient(base_url=self._client.base_url, logger=base, retry_handlers=[]),
            signing_secret="",
            authorize=_authorize,
            request_verification_enabled=False,  # done before: see bot.slack.signature
            ignoring_self_events_enabled=False,  # bot.slack.payloads ignores every bot
            ssl_check_enabled=False,  # without a signature there is no answer but 401
        )
        app.use(_Middleware(self._take))
        app.error(_not_received)
        return app

    async def _take(self, body: payloads.Payload) -> BoltResponse:
        found = payloads.read(body, self._settings.workspace_ids, self._listening)
        if isinstance(found, payloads.Ignored):
            log.debug("slack.ignored", reason=found.reason)
            return BoltResponse(status=200)
        await self._receive(found)
        if isinstance(found, Gone):
            self._look_now.set()
        if text(body, "type") == "view_submission":
            answer = {"response_action": "update", "view": forms.frozen(at(body, "view"))}
            return BoltResponse(status=200, body=answer)
        return BoltResponse(status=200)

    async def _requested(self, request: Request) -> Response:
        with self._gate.passing() as inside:
            if not inside or self._verifier is None:
                return Response(status_code=503)
            read = await incoming.read(request, self._verifier)
            if isinstance(read, int):
                log.warning("slack.bad_request", status=read)
                return Response(status_code=read)
            answer = await self._app.async_dispatch(read)
            after = BackgroundTask(_call, self._wake)
            return Response(answer.body, answer.status, answer.first_headers(), background=after)

    async def _connect(self) -> None:
        token = self._settings.app_token.get_secret_value()
        self._socket = SocketMode(self._app, self._client, token, self._gate, self._wake)
        try:
            await self._socket.probe()
        except Rejected as rejected:
            await self._socket.close()
            raise SlackRefused(f"slack.app_token is refused by Slack ({rejected})") from None
        except ChatError:
            log.warning("slack.not_reachable")
        await self._socket.connect()

    async def _watch(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._look_now.wait()
            self._look_now.clear()
            if self._socket is not None:
                self._socket.renew()
            known = self._standing.trouble
            try:
                await self._standing.look()
            except SlackRefused as refused:
                if str(refused) != known:
                    log.error("slack.refused", reason=str(refused))


class _Middleware(AsyncMiddleware):
    """Our part of Bolt's chain. A plain function would get arguments for which Bolt trusts every shape."""

    def __init__(self, take: Callable[[payloads.Payload], Awaitable[BoltResponse]]) -> None:
        self._take = take

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,  # noqa: ARG002 – Bolt's signature
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: ARG002 – Bolt's signature
    ) -> BoltResponse:
        """The answer to whatever came; nothing comes after us."""
        return await self._take(req.body)


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Who may be here is decided in ``payloads``; Bolt only wants to be told something."""
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


async def _not_received(error: Exception) -> BoltResponse:
    """Not written, so not acknowledged. The text of the error may hold what somebody wrote."""
    log.error("slack.not_received", error=type(error).__name__)
    return BoltResponse(status=503)


async def _call(wake: Callable[[], None]) -> None:
    wake()
