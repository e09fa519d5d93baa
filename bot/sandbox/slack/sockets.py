"""Socket Mode: the WebSocket side of deliveries.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import secrets
from dataclasses import dataclass, field

from aiohttp import WSMsgType, web

from bot.sandbox.slack.records import Json
from bot.sandbox.slack.workspace import Workspace

_MOST = 10
"""Connections an app may hold at once."""


class SocketGone(Exception):
    """The connection ended before the app acknowledged."""


@dataclass(eq=False)
class Connection:
    """One open WebSocket of the app."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    leaving: bool = False
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)


class Sockets:
    """Hands envelopes to one connection after the other and collects the acknowledgements."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._tickets: set[str] = set()
        self._turn = 0
        self.connections: list[Connection] = []
        self.late_acks: list[str] = []
        """Envelope ids that were acknowledged when nobody waited any more."""

    def ticket(self) -> str:
        """A ticket for one connection."""
        name = secrets.token_urlsafe(16)
        self._tickets.add(name)
        return name

    @property
    def usable(self) -> list[Connection]:
        """The connections that may be given work."""
        return [each for each in self.connections if not each.leaving and not each.socket.closed]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """``/link``: a connection for as long as it lasts."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=404)
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(timeout=1.0)
        await socket.prepare(request)
        if len(self.usable) >= _MOST:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        connection = Connection(socket, request.transport)
        try:
            await socket.send_json(self._hello())
            self.connections.append(connection)
            self._workspace.changes.happened()
            await self._listen(connection)
        finally:
            self._forget(connection)
        return socket

    async def send(self, kind: str, payload: Json, seconds: float, retry: tuple[int, str] | None) -> Json:
        """Give an envelope to the connection whose turn it is, and wait for its acknowledgement.

        ``SocketGone`` when that connection ends first, ``TimeoutError`` when no acknowledgement comes.
        """
        usable = self.usable
        if not usable:
            raise SocketGone
        self._turn += 1
        connection = usable[self._turn % len(usable)]
        envelope_id = secrets.token_hex(16)
        envelope: Json = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if retry is not None:
            envelope |= {"retry_attempt": retry[0], "retry_reason": retry[1]}
        answer: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        connection.waiting[envelope_id] = answer
        try:
            await connection.socket.send_json(envelope)
            async with asyncio.timeout(seconds):
                return await answer
        except ConnectionError:
            raise SocketGone from None
        finally:
            connection.waiting.pop(envelope_id, None)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to come back on a new one. ``warning`` only announces it."""
        for connection in self.usable:
            connection.leaving = reason != "warning"
            await connection.socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {}})

    async def close(self) -> None:
        """Close every connection without having announced it."""
        for connection in list(self.connections):
            self._forget(connection)
            await connection.socket.close()

    def cut(self) -> None:
        """End every connection without even closing it, as a broken network does."""
        for connection in list(self.connections):
            self._forget(connection)
            if connection.transport is not None:
                connection.transport.abort()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.usable) + 1,
            "connection_info": {"app_id": self._workspace.installation.app_id},
            "debug_info": {"host": "sandbox", "build_number": 1, "approximate_connection_time": 18060},
        }

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                ack = json.loads(message.data)
            except ValueError:
                continue
            envelope_id = str(ack.get("envelope_id", ""))
            waiting = connection.waiting.get(envelope_id)
            if waiting is None or waiting.done():
                self.late_acks.append(envelope_id)
            else:
                waiting.set_result(ack)

    def _forget(self, connection: Connection) -> None:
        if connection in self.connections:
            self.connections.remove(connection)
        for waiting in connection.waiting.values():
            if not waiting.done():
                waiting.set_exception(SocketGone())
        self._workspace.changes.happened()
