"""Events over a WebSocket that we open: Slack's Socket Mode, for installations that nobody can reach.

https://docs.slack.dev/apis/events-api/using-socket-mode. An envelope without an answer comes again.
"""

import asyncio
from collections.abc import Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.gate import Gate
from bot.slack.client import silent
from bot.slack.failures import as_chat_errors

_PATIENCE = 10.0
"""Seconds that the start waits for the connection, and the SDK between its pings."""


class SocketMode:
    """The connection: kept up by Slack's SDK, watched by us."""

    def __init__(
        self, app: AsyncApp, client: AsyncWebClient, app_token: str, gate: Gate, wake: Callable[[], None]
    ) -> None:
        self._web = client
        self._app_token = app_token
        self._handler = _Handler(app, client, app_token, gate, wake)
        self._connecting: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the socket stands at this moment."""
        session = self._handler.client.current_session
        return session is not None and not session.closed and not self._handler.client.stale

    async def probe(self) -> None:
        """Ask for an address to connect to, which shows whether the token is good. Raises ``ChatError``."""
        with as_chat_errors(repeatable=True):
            answer = await self._web.apps_connections_open(app_token=self._app_token)
        self._handler.client.wss_uri = answer["url"]

    async def connect(self) -> None:
        """Begin to connect, and wait a moment for it. The SDK goes on until it is connected or closed."""
        self._connecting = asyncio.create_task(self._handler.connect_async())  # type: ignore[no-untyped-call]  # Bolt's
        await asyncio.wait({self._connecting}, timeout=_PATIENCE)

    def renew(self) -> None:
        """While there is no connection, have the SDK ask for a new address: it tries a stale one for ever."""
        if not self.connected:
            self._handler.client.wss_uri = None

    async def close(self) -> None:
        """Hang up. What came and was not answered goes to another connection, or comes again."""
        client = self._handler.client
        await self._handler.close_async()  # type: ignore[no-untyped-call]  # Bolt's
        tasks = (
            self._connecting,
            client.message_processor,
            client.message_receiver,
            client.current_session_monitor,
        )
        running = [task for task in tasks if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class _Handler(AsyncSocketModeHandler):
    """Bolt's handler behind our gate."""

    def __init__(
        self, app: AsyncApp, client: AsyncWebClient, app_token: str, gate: Gate, wake: Callable[[], None]
    ) -> None:
        super().__init__(
            app, app_token, logger=silent("bot.slack.socket"), web_client=client, ping_interval=_PATIENCE
        )
        self.client.proxy = client.proxy
        self._gate = gate
        self._wake = wake

    async def handle(self, client: SocketModeClient, req: SocketModeRequest) -> None:  # type: ignore[override]  # as Bolt's own
        """Take an envelope and answer it; what comes after the stop is left to others."""
        with self._gate.passing() as inside:
            if inside:
                await super().handle(client, req)
                self._wake()
