"""The stage: emulated Slack, Teams, Entra and Graph on loopback, a moving clock, and the real bot as a child."""

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

from bot.sandbox.cast import slack_users, supporters, teams_app_owners, teams_users
from bot.sandbox.clock import SandboxClock
from bot.sandbox.configuring import EID, kept_key, kept_pem, write_settings
from bot.sandbox.eid import EidEmulator
from bot.sandbox.entra import EntraEmulator
from bot.sandbox.entra.teams_apps import GRANTS
from bot.sandbox.gateways import GatewayEmulator
from bot.sandbox.launcher import Child, launch
from bot.sandbox.slack import SCOPES, SlackEmulator
from bot.sandbox.slack.workspace import Installation
from bot.sandbox.teams import TeamsEmulator
from bot.sandbox.world import FJORDHEIM, World
from bot.settings import SlackMode
from bot.settings.sections import TeamsMode
from handlers.events import Person
from handlers.store.database import Database
from handlers.store.people import pin

START: Final = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)
"""A Monday, ten o'clock in Norway, two weeks before the first activation day of the story."""


_KNOWN_FOR: Final = timedelta(days=60)


class StageFailed(Exception):
    """The bot did not come up, or went down."""


@dataclass
class Stage:
    """Everything that the story needs. The listening socket is the stage's own: a killed bot loses no caller."""

    folder: Path
    world: World
    clock: SandboxClock
    slack: SlackEmulator
    entra: EntraEmulator
    eid: EidEmulator
    listener: socket.socket
    mode: SlackMode
    signing_secret: str
    log: Path
    storage_url: str
    help_channel: str
    """Where the bot listens to all that is written; everybody in Slack is in it."""
    gateway: GatewayEmulator
    """Text messages, and the register of private addresses. Mail is in ``entra.post``."""
    teams: TeamsEmulator
    teams_mode: TeamsMode
    _bot: Child | None = None

    @property
    def bot_url(self) -> str:
        """``web.public_url`` of the bot."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def config(self) -> Path:
        """The bot's settings file."""
        return self.folder / "app.yaml"

    @property
    def bot_pid(self) -> int:
        """The bot's process id."""
        if self._bot is None:
            raise StageFailed("The bot is not running.")
        return self._bot.pid

    def environment(self) -> dict[str, str]:
        """The variables that the bot is started with: its secrets, and nothing of the caller's of that name."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TOFAKTOR_")}
        return kept | self.secrets()

    def secrets(self) -> dict[str, str]:
        """The secrets of the bot's settings."""
        app = self.slack.installation
        return {
            "TOFAKTOR_SLACK__BOT_TOKEN": app.bot_token,
            "TOFAKTOR_SLACK__APP_TOKEN": app.app_token,
            "TOFAKTOR_SLACK__SIGNING_SECRET": self.signing_secret,
            "TOFAKTOR_TEAMS__CLIENT_SECRET": self.entra.login.bot_secret,
            "TOFAKTOR_ENTRA__CLIENT_SECRET": self.entra.client_secret,
            "TOFAKTOR_SIGNIN__CLIENT_SECRET": self.entra.sign_ins.registration.secret,
            "TOFAKTOR_SMS__KEY": self.gateway.key,
            "TOFAKTOR_SECURITY__WEBHOOK_KEY": self.gateway.hook_key,
            "TOFAKTOR_SUPPORT__WEBHOOK_KEY": self.gateway.hook_key,
            "TOFAKTOR_SECRETS__AUDIT_KEY": kept_key(self.folder / "audit.key"),
            "TOFAKTOR_SECRETS__EVIDENCE_KEY": kept_key(self.folder / "evidence.key"),
            f"TOFAKTOR_EID__PROVIDERS__{EID.upper()}__KEY": kept_pem(self.folder / "eid.pem"),
        }

    async def start_bot(self, *, within: float = 30.0) -> None:
        """Start the bot, and wait until it says that it is ready."""
        self._bot = launch(self.config, self.folder / "clock", self.listener, self.environment(), self.log)
        await self._ready(self._bot, within)
        self.teams.deliver_to(f"{self.bot_url}/teams/messages" if self.teams_mode is TeamsMode.HTTP else None)
        if self.mode is SlackMode.HTTP:
            self.slack.deliver_http(f"{self.bot_url}/slack/events", self.signing_secret)

    async def stop_bot(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask the bot to stop, and wait; its exit code."""
        return await self._end(number)

    async def kill_bot(self) -> int:
        """End the bot at once, as a power cut would."""
        return await self._end(signal.SIGKILL)

    async def bot_ended(self) -> int:
        """Wait until the bot has ended by itself; its exit code."""
        return 0 if self._bot is None else await self._bot.wait()

    def said(self) -> str:
        """Everything the bot has logged."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    async def _end(self, number: signal.Signals) -> int:
        if self._bot is None:
            return 0
        with suppress(ProcessLookupError):
            self._bot.send_signal(number)
        code = await self._bot.wait()
        self._bot = None
        return code

    async def _ready(self, bot: Child, within: float) -> None:
        """Ask again and again: the socket is ours, so the first request waits until the bot takes it."""
        async with httpx.AsyncClient(trust_env=False, timeout=within) as client:
            try:
                async with asyncio.timeout(within):
                    while True:
                        asked = asyncio.ensure_future(client.get(f"{self.bot_url}/readyz"))
                        ended = asyncio.ensure_future(bot.wait())
                        await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
                        if ended.done():
                            asked.cancel()
                            raise StageFailed(f"The bot did not start:\n{self.said()[-2000:]}")
                        ended.cancel()
                        if (await asked).status_code == httpx.codes.OK:
                            return
                        await asyncio.sleep(0.05)
            except httpx.TransportError:
                raise StageFailed(f"The bot did not start:\n{self.said()[-2000:]}") from None
            except TimeoutError:
                raise StageFailed(
                    f"The bot is not ready after {within:g} s:\n{self.said()[-2000:]}"
                ) from None


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    mode: SlackMode = SlackMode.HTTP,
    teams_mode: TeamsMode = TeamsMode.HTTP,
    start: datetime = START,
    storage_url: str | None = None,
    world: World = FJORDHEIM,
) -> AsyncIterator[Stage]:
    """Emulators up, settings written, database made; the bot is started by ``start_bot``.

    Without ``storage_url`` the database is an SQLite file in the folder.
    """
    clock = SandboxClock(folder / "clock")
    clock.move_to(start)
    installation = Installation(
        team_id=world.slack_workspace,
        bot_token=f"xoxb-{secrets.token_hex(12)}",
        app_token=f"xapp-{secrets.token_hex(12)}",
    )
    support = [each.slack_id for each in supporters(world) if each.slack_id]
    users = slack_users(world)
    scopes = SCOPES | {"channels:history", "groups:history"}
    slack = SlackEmulator(users, clock, installation=installation, support=support, scopes=scopes)
    everybody = [user.id for user in users if not user.deleted and not user.is_restricted]
    entra = EntraEmulator(world, clock, folder)
    await slack.start()
    await entra.start()
    eid = EidEmulator(world, clock)
    await eid.start()
    gateway = GatewayEmulator(world, clock)
    await gateway.start()
    teams = _teams(world, clock, entra)
    if teams_mode is TeamsMode.HTTP:
        entra.login.granted |= GRANTS
    await teams.start()
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    playing = Stage(
        folder,
        world,
        clock,
        slack,
        entra,
        eid,
        listener,
        mode,
        secrets.token_hex(16),
        folder / "bot.log",
        storage_url or f"sqlite:///{folder / 'tofaktor.db'}",
        slack.add_channel("help-2fa", everybody),
        gateway,
        teams,
        teams_mode,
    )
    try:
        write_settings(playing)
        database = Database.open(playing.storage_url)
        await database.upgrade()
        await _acquainted(database, playing, start)
        await database.close()
        yield playing
    finally:
        await playing.stop_bot()
        listener.close()
        await slack.stop()
        await teams.stop()
        await entra.stop()
        await eid.stop()
        await gateway.stop()
        clock.close()


def _teams(world: World, clock: SandboxClock, entra: EntraEmulator) -> TeamsEmulator:
    """Teams with everybody in it, and our app in the catalogue of the tenant."""
    teams = TeamsEmulator(
        teams_users(world),
        clock,
        tenant_id=world.tenant_id,
        app_id=world.bot_id,
        trusts=entra.login.trusts_bot,
        installed=teams_app_owners(world),
        support=[each.object_id for each in supporters(world)],
    )
    entra.teams_apps.publish(world.bot_id)
    entra.teams_apps.teams = teams
    return teams


async def _acquainted(database: Database, playing: Stage, start: datetime) -> None:
    """Everybody has known the bot for a while: whoever is new to it needs more proof, and the story is of others."""
    world = playing.world
    async with database.transaction() as session:
        for user in slack_users(world):
            owner = world.by_slack_id(user.id)
            if not user.deleted and not user.is_restricted:
                person = Person("slack", world.slack_workspace, user.id)
                await pin(session, person, owner.object_id, owner.mail, start - _KNOWN_FOR)
        if playing.teams_mode is TeamsMode.HTTP:
            for object_id in teams_app_owners(world):
                person = Person("teams", world.tenant_id, object_id)
                await pin(session, person, object_id, world.by_id(object_id).mail, start - _KNOWN_FOR)
