"""A Slack workspace with every sort of person in it, and real Bolt apps that listen to it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.slack import SCOPES, SlackEmulator, SlackUser
from bot.sandbox.teams import TeamsEmulator
from tests.bot.sandbox.teams_rig import Bot, Connector, listening, teams_running

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"

USERS = (
    SlackUser("U0ANNA", "Anna Berg", "anna@example.com", locale="nb-NO"),
    SlackUser("U0OLA", "Ola Nordmann", "ola@example.com", locale="nn-NO"),
    SlackUser("U0KARI", "Kari Support", "kari@example.com"),
    SlackUser("U0GUEST", "Gjest", "guest@partner.example", is_restricted=True),
    SlackUser("U0SINGLE", "Single", "single@partner.example", is_ultra_restricted=True),
    SlackUser("U0GONE", "Gone", "gone@example.com", deleted=True),
    SlackUser("U0ROBOT", "Robot", is_bot=True),
    SlackUser("U0OTHER", "Other Org", "anna@example.com", team_id="T0ELSEWHERE"),
    SlackUser("U0STRANGE", "Stranger", "s@else.example", team_id="T0ELSEWHERE", is_stranger=True),
)


@dataclass
class TestClock:
    """Stands still until a test moves it."""

    __test__ = False
    at: datetime = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Stopwatch:
    """A monotonic clock in the hands of the test."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Apps:
    """Runs Bolt apps against the emulator and stops them afterwards."""

    slack: SlackEmulator
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    def beside(self, slack: SlackEmulator) -> "Apps":
        """The same for another emulator, ending with this one."""
        return Apps(slack, self.stack)

    def new(self) -> AsyncApp:
        """A Bolt app that knows the emulator as its Slack."""
        return AsyncApp(client=web_client(self.slack), signing_secret=SECRET)

    async def over_http(self, app: AsyncApp) -> str:
        """Serve the app over HTTP; its request URL, which the emulator now uses."""
        handler = AsyncSlackRequestHandler(app)

        async def events(request: Request) -> Response:
            return await handler.handle(request)

        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        routes = [Route("/slack/events", events, methods=["POST"])]
        config = uvicorn.Config(Starlette(routes=routes), lifespan="off", ws="none", log_config=None)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))

        async def end() -> None:
            server.should_exit = True
            await serving
            listener.close()

        self.stack.push_async_callback(end)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
        self.slack.deliver_http(url, SECRET)
        return url

    async def over_socket(self, app: AsyncApp) -> AsyncSocketModeHandler:
        """Connect the app by Socket Mode."""
        token = self.slack.installation.app_token
        api = AsyncWebClient(token=token, base_url=self.slack.api_url)
        handler = AsyncSocketModeHandler(app, app_token=token, web_client=api, ping_interval=0.2)
        before = self.slack.connections
        await handler.connect_async()  # type: ignore[no-untyped-call] # Bolt does not annotate it
        await self.slack.wait_for(lambda: self.slack.connections > before)
        self.stack.push_async_callback(handler.close_async)
        return handler

    async def over(self, transport: str, app: AsyncApp) -> None:
        """Serve the app over ``http`` or ``socket``."""
        if transport == "http":
            await self.over_http(app)
        else:
            await self.over_socket(app)


def web_client(slack: SlackEmulator, token: str | None = None) -> AsyncWebClient:
    """Slack's own client, which by default repeats what it got no answer to: that is switched off."""
    return AsyncWebClient(
        token=slack.installation.bot_token if token is None else token,
        base_url=slack.api_url,
        retry_handlers=[],
    )


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


Start = Callable[..., Awaitable[SlackEmulator]]


@pytest.fixture
async def start_slack(clock: TestClock, stopwatch: Stopwatch) -> AsyncIterator[Start]:
    """Starts emulators with other options than the usual."""
    async with contextlib.AsyncExitStack() as stack:

        async def begin(**options: object) -> SlackEmulator:
            usual: dict[str, object] = {
                "support": ["U0KARI"],
                "echoes": False,
                "monotonic": stopwatch,
                "scopes": SCOPES | {"channels:history", "groups:history", "channels:read", "groups:read"},
            }
            slack = SlackEmulator(USERS, clock, **(usual | options))  # type: ignore[arg-type] # options of many types
            await slack.start()
            stack.push_async_callback(slack.stop)
            return slack

        yield begin


@pytest.fixture
async def slack(start_slack: Start) -> SlackEmulator:
    return await start_slack()


@pytest.fixture
def slack_client(slack: SlackEmulator) -> AsyncWebClient:
    return web_client(slack)


@pytest.fixture
async def bolt(slack: SlackEmulator) -> AsyncIterator[Apps]:
    running = Apps(slack)
    async with running.stack:
        yield running


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    async with listening() as heard:
        yield heard


@pytest.fixture
async def connector(tmp_path: Path, bot: Bot) -> AsyncIterator[Connector]:
    """What the bot says to Teams, which says everything to it."""
    async with teams_running(tmp_path) as running:
        running.teams.deliver_to(bot.url)
        yield running


@pytest.fixture
def teams(connector: Connector) -> TeamsEmulator:
    return connector.teams
