"""The product as it is, in this process, on a real socket, between emulators of everything outside.

It runs in the process of the tests for one reason: so that one control at a time can be taken away.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Final, TextIO

import httpx
import structlog
import uvicorn
from ruamel.yaml import YAML
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import logs
from bot.app import running
from bot.sandbox.browser import Browser
from bot.sandbox.chats import SLACK, TEAMS
from bot.sandbox.eid import EidEmulator, Level, Registration
from bot.sandbox.stage import Stage, stage
from bot.sandbox.world import Kind, Resident
from bot.settings import load
from bot.settings.eid import ClientAuth
from tests.faults.given import settled
from tests.threats.people import REQUESTERS, SUPPORTERS, WORLD
from tests.threats.player import Player

BOTH: Final = (SLACK, TEAMS)
"""Where the same is tried."""
SECOND: Final = "secondid"
"""Another provider that people may choose."""
POISONED: Final = "poisoned"
"""A provider whose metadata nobody has read yet."""
_SECRET: Final = "a-secret-of-the-tests-that-has-32-letters"
_BETWEEN: Final = timedelta(minutes=66)
"""Passes between two tests: what is limited by the hour is free again."""


WEAKER_LINK_DAYS: Final = 29
"""A day less than advised: so the rig's bot has something to announce."""


@dataclass(frozen=True)
class Answer:
    """One answer of the bot's web server."""

    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str = field(repr=False)


@dataclass
class Looked:
    """How far into everything that went out the tests before this one have looked."""

    calls: int = 0
    deliveries: int = 0
    sends: int = 0
    """Of calls to Teams."""
    activities: int = 0
    """Of deliveries by Teams."""
    answers: int = 0
    requests: int = 0
    log: int = 0
    shown: set[str] = field(default_factory=set, repr=False)
    """Every pass that stood on a page."""


@dataclass
class Rig:
    """A running bot, and all that it ever said to anybody."""

    playing: Stage
    second: EidEmulator
    poisoned: EidEmulator
    answers: list[Answer] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced, at every answer."""
    claims: list[str] = field(default_factory=list, repr=False)
    """Every claim code that an agent read out."""
    looked: Looked = field(default_factory=Looked)
    created_before: int = 0
    """How many creates had reached Graph when this test began."""
    log: TextIO = field(default_factory=StringIO, repr=False)
    """Where the bot's log goes."""
    _server: uvicorn.Server | None = None
    _task: "asyncio.Task[None] | None" = None
    _requesters: Iterator[str] = field(default_factory=lambda: iter([who.name for who in REQUESTERS]))
    _approvers: Iterator[str] = field(default_factory=lambda: iter([who.name for who in SUPPORTERS]))

    @property
    def providers(self) -> tuple[EidEmulator, ...]:
        """Every provider of eID."""
        return (self.playing.eid, self.second, self.poisoned)

    @property
    def environment(self) -> dict[str, str]:
        """The variables that the bot is started with."""
        secrets = {f"TOFAKTOR_EID__PROVIDERS__{name.upper()}__SECRET": _SECRET for name in (SECOND, POISONED)}
        return self.playing.environment() | secrets

    @property
    def secrets(self) -> list[str]:
        """Everything that the bot proves itself with."""
        return [*self.playing.secrets().values(), _SECRET]

    @property
    def url(self) -> str:
        """``web.public_url``."""
        return self.playing.bot_url

    def begins(self) -> None:
        """Another test: all well again, limits by the hour are free, and creates are counted from here."""
        self.playing.clock.move(_BETWEEN)
        self.playing.entra.faults.clear()
        self.playing.entra.sign_ins.faults.clear()
        for provider in self.providers:
            provider.faults.clear()
        self.created_before = self.creates

    def until_support_is_at_work(self) -> None:
        """It is ten o'clock in Norway, on the next working day of the week."""
        now = self.playing.clock.now()
        then = now.replace(hour=9, minute=0) + timedelta(days=1)
        while then.weekday() > 4:
            then += timedelta(days=1)
        self.playing.clock.move_to(then)

    @property
    def creates(self) -> int:
        """How many creates of a pass have reached Graph in all, executed or not."""
        return len(self.playing.entra.sent("POST", "/temporaryAccessPassMethods"))

    def somebody(self, platform: str = SLACK) -> Player:
        """Plays the parts of everybody, around somebody of whom the bot has never heard."""
        return self.around(next(self._requesters), platform)

    def around(self, name: str, platform: str = SLACK) -> Player:
        """Plays the parts of everybody, around this person. All of them chat on this platform."""
        return Player.around(self.playing, name, self.claims, platform)

    def around_id(self, account: str) -> Player:
        """The same for one of two people of the same name."""
        return self.around(account)

    @contextmanager
    def member_of(self, group: str, who: Resident) -> Iterator[None]:
        """Meanwhile somebody is a member of this group."""
        groups, group_id = (
            self.playing.entra.tenant.account(who).groups,
            self.playing.world.group(group).object_id,
        )
        groups.add(group_id)
        try:
            yield
        finally:
            groups.remove(group_id)

    @contextmanager
    def no_member_of(self, group: str, who: Resident) -> Iterator[None]:
        """Meanwhile somebody is no member of this group."""
        groups, group_id = (
            self.playing.entra.tenant.account(who).groups,
            self.playing.world.group(group).object_id,
        )
        groups.remove(group_id)
        try:
            yield
        finally:
            groups.add(group_id)

    def let_into_support(self, who: Resident) -> None:
        """Somebody is in the support channels from now on."""
        slack, teams = self.playing.slack, self.playing.teams
        slack.channel(slack.support_channel).members.add(str(who.slack_id))
        teams.add_user(next(each for each in teams.users if each.object_id == who.object_id), support=True)

    @contextmanager
    def as_guest(self, who: Resident) -> Iterator[None]:
        """Meanwhile somebody's account is one of a guest."""
        account = self.playing.entra.tenant.account(who)
        before, account.resident = account.resident, replace(account.resident, kind=Kind.GUEST, external=True)
        try:
            yield
        finally:
            account.resident = before

    def approver(self) -> str:
        """An approver who has not done anything yet."""
        return next(self._approvers)

    def browser(self) -> Browser:
        """A fresh browser."""
        return Browser(self.url, "en")

    def client(self) -> httpx.AsyncClient:
        """Something that speaks HTTP and is no browser."""
        return httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=30)

    async def has_answered(self, path: str, since: int) -> None:
        """Wait until an answer at this path is done with, and what was to be done after it."""
        async with asyncio.timeout(15):
            while not any(each.path == path for each in self.answers[since:]):
                await self.heard.wait()

    async def settled(self) -> None:
        """Wait until the bot has nothing left to do."""
        await settled(self.around(REQUESTERS[0].name))

    async def start(self) -> None:
        """Run the bot until ``stop``."""
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._serve(ready))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({waiting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if self._task.done():
            await self._task
        self.playing.slack.deliver_http(f"{self.url}/slack/events", self.playing.signing_secret)
        self.playing.teams.deliver_to(f"{self.url}/teams/messages")

    async def stop(self) -> None:
        """End it in good order."""
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
            self._server = None

    async def restarted_with(self, sections: Mapping[str, Mapping[str, object]]) -> None:
        """Start again with these settings in place of what stood there."""
        await self.stop()
        yaml = YAML(typ="safe", pure=True)
        tree = yaml.load(self.playing.config)
        for name, values in sections.items():
            tree.setdefault(name, {}).update(values)
        with self.playing.config.open("w", encoding="utf-8") as file:
            yaml.dump(tree, file)
        await self.start()

    def _hear(self, answer: Answer) -> None:
        self.answers.append(answer)
        self.heard.set()
        self.heard = asyncio.Event()

    async def _serve(self, ready: asyncio.Event) -> None:
        settings = load(self.playing.config, self.environment)
        async with running(settings, self.playing.clock) as app:
            config = uvicorn.Config(
                _Recording(app, self._hear),
                lifespan="off",
                log_config=None,
                # Louder than the product, so that what keeps addresses out of the log is put to the test.
                access_log=True,
                server_header=False,
                date_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=10,
            )
            self._server = _Server(config)
            ready.set()
            await self._server.serve(sockets=[self.playing.listener.dup()])


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are pytest's."""
        yield


@dataclass(frozen=True)
class _Recording:
    """Stands between the product and the socket, and writes down what goes out."""

    app: ASGIApp
    hear: Callable[[Answer], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let everything through."""
        status, headers, body = 0, list[tuple[str, str]](), b""

        async def heard(message: Message) -> None:
            nonlocal status, headers, body
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [(name.decode(), value.decode()) for name, value in message["headers"]]
            elif message["type"] == "http.response.body":
                body += message.get("body", b"")
            await send(message)

        await self.app(scope, receive, heard)
        path = str(scope.get("path", ""))
        said = Answer(
            str(scope.get("method", "")), path, status, tuple(headers), body.decode(errors="replace")
        )
        self.hear(said)


@asynccontextmanager
async def rig_in(folder: Path) -> AsyncIterator[Rig]:
    """The bot is up and ready; its log goes to a file in the folder, at DEBUG."""
    async with AsyncExitStack() as stack:
        playing = await stack.enter_async_context(stage(folder, world=WORLD))
        second = await stack.enter_async_context(EidEmulator(WORLD, playing.clock))
        poisoned = await stack.enter_async_context(EidEmulator(WORLD, playing.clock))
        rig = Rig(playing, second, poisoned)
        _add_settings(rig)
        log = stack.enter_context(playing.log.open("a", encoding="utf-8"))
        stack.enter_context(_logging_to(log))
        rig.log = log
        stack.push_async_callback(rig.stop)
        await rig.start()
        yield rig


@contextmanager
def _logging_to(log: TextIO) -> Iterator[None]:
    logs.configure("DEBUG", log)
    try:
        yield
    finally:
        logs.configure("INFO")
        structlog.reset_defaults()


def _add_settings(rig: Rig) -> None:
    yaml = YAML(typ="safe", pure=True)
    tree = yaml.load(rig.playing.config)
    for name, emulator in ((SECOND, rig.second), (POISONED, rig.poisoned)):
        callback = f"{rig.url}/eid/{name}/callback"
        auth = ClientAuth.CLIENT_SECRET_POST
        emulator.register(Registration(f"tofaktor-{name}", frozenset({callback}), auth, secret=_SECRET))
        tree["eid"]["providers"].append(
            {
                "name": name,
                "label": name.capitalize(),
                "issuer": emulator.issuer,
                "client_id": f"tofaktor-{name}",
                "client_auth": str(auth),
                "acr_values": [str(Level.SUBSTANTIAL)],
                "accept_acr": {str(Level.SUBSTANTIAL): 3, str(Level.HIGH): 4},
                "number_source": "graph:onPremisesExtensionAttributes/extensionAttribute1",
            }
        )
    tree["verification"]["policy"] = {"link_days": WEAKER_LINK_DAYS}
    with rig.playing.config.open("w", encoding="utf-8") as file:
        yaml.dump(tree, file)
