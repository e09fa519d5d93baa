"""The real edge between the emulator and an inbox that a test can watch, hold and break."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.routing import Route

from bot.sandbox.slack import Installation, SlackEmulator
from bot.settings import Slack, SlackMode
from bot.slack.chat import SlackChat
from bot.slack.client import web_client
from bot.slack.edge import SlackEdge
from bot.slack.listening import Listening
from bot.slack.needs import Needs, needs
from handlers.events import Event
from tests.contracts.slack_rig import ANNA, BERIT, REFUSED, TEAM, FixedClock, words

SECRET = "the-signing-secret-of-a-test"
MODES = (SlackMode.HTTP, SlackMode.SOCKET)
_NOWHERE = Listening()
LEAST = needs(_NOWHERE)


class InboxBroken(Exception):
    """The row could not be written."""


@dataclass
class Inbox:
    """What was written, by id: as in the real one, the same event twice is one row."""

    rows: dict[str, Event] = field(default_factory=dict)
    offered: int = 0
    broken: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Nothing is held at first."""
        self.go_on.set()

    async def receive(self, event: Event) -> None:
        """Write a row, if nothing is wrong."""
        self.offered += 1
        self.arrived.set()
        await self.go_on.wait()
        if self.broken:
            raise InboxBroken(f"could not write {event}")
        self.rows[event.id] = event

    @property
    def events(self) -> Sequence[Event]:
        """The rows, oldest first."""
        return list(self.rows.values())


@dataclass
class Bot:
    """Everything that a test of the edge needs."""

    emulator: SlackEmulator
    edge: SlackEdge
    inbox: Inbox
    chat: SlackChat
    client: AsyncWebClient
    listening: Listening
    url: str = ""
    woken: asyncio.Queue[int] = field(default_factory=asyncio.Queue)
    """How many rows there were each time the worker was woken."""


def settings(emulator: SlackEmulator, mode: SlackMode, **changes: object) -> Slack:
    """Settings that fit the emulator, changed as told."""
    fitting = {
        "mode": mode,
        "api_url": emulator.api_url,
        "app_token": SecretStr(emulator.installation.app_token),
        "signing_secret": SecretStr(SECRET),
        "bot_token": SecretStr(emulator.installation.bot_token),
        "workspace_ids": (TEAM,),
    }
    return Slack.model_validate(fitting | changes)


@asynccontextmanager
async def serving(routes: Sequence[Route]) -> AsyncIterator[str]:
    """A web server on a free port; its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(
            Starlette(routes=routes), log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=5
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def emulated(ack_seconds: float = 3.0, wanted: Needs = LEAST) -> AsyncIterator[SlackEmulator]:
    """A workspace that nobody is connected to yet, with the app as ``wanted``."""
    users = (ANNA, BERIT, *(user for user, _ in REFUSED))
    emulator = SlackEmulator(
        users,
        FixedClock(),
        installation=Installation(TEAM, events=wanted.events),
        scopes=wanted.scopes,
        support=[BERIT.id],
        echoes=False,
        ack_seconds=ack_seconds,
    )
    await emulator.start()
    try:
        yield emulator
    finally:
        await emulator.stop()


@asynccontextmanager
async def made(
    emulator: SlackEmulator, mode: SlackMode, listening: Listening = _NOWHERE, **changes: object
) -> AsyncIterator[Bot]:
    """An edge that is not started."""
    given = settings(emulator, mode, **changes)
    inbox = Inbox()
    async with web_client(given.api_url, given.bot_token.get_secret_value(), None) as client:
        woken: asyncio.Queue[int] = asyncio.Queue()
        edge = SlackEdge(given, client, inbox.receive, lambda: woken.put_nowait(len(inbox.rows)), listening)
        bot = Bot(emulator, edge, inbox, SlackChat(client, words(), [TEAM]), client, listening, woken=woken)
        try:
            yield bot
        finally:
            inbox.go_on.set()
            await edge.stop()


@asynccontextmanager
async def running(
    mode: SlackMode, ack_seconds: float = 3.0, *, help_channel: str | None = None
) -> AsyncIterator[Bot]:
    """The edge, started and connected; with a ``public`` or ``private`` help channel, also support is listened to."""
    wanted = needs(Listening(frozenset({"C0"}))) if help_channel else LEAST
    async with emulated(ack_seconds, wanted) as emulator:
        listening = _NOWHERE
        if help_channel:
            channel = emulator.add_channel("help", [ANNA.id, BERIT.id], private=help_channel == "private")
            listening = Listening(frozenset({channel}), frozenset({emulator.support_channel}))
        async with made(emulator, mode, listening) as bot, _serving(bot, mode):
            yield bot


@asynccontextmanager
async def _serving(bot: Bot, mode: SlackMode) -> AsyncIterator[None]:
    await bot.edge.start()
    async with serving(bot.edge.routes()) as url:
        bot.url = f"{url}/slack/events"
        if mode is SlackMode.HTTP:
            bot.emulator.deliver_http(bot.url, SECRET)
        else:
            await bot.emulator.wait_for(lambda: bot.emulator.connections)
        try:
            yield
        finally:
            bot.inbox.go_on.set()


async def until(predicate: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for something that nobody announces."""
    async with asyncio.timeout(seconds):
        while not predicate():  # noqa: ASYNC110 – the product offers no event for it
            await asyncio.sleep(0.005)
