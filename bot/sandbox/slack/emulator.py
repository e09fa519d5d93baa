"""Slack on a loopback port, for tests and the sandbox: state, Web API, deliveries, and people to act as."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from aiohttp import web

from bot.sandbox.slack.api import Api
from bot.sandbox.slack.deliveries import Deliveries, HttpTarget
from bot.sandbox.slack.faults import Faults, Limiter
from bot.sandbox.slack.people import People
from bot.sandbox.slack.records import Channel, Delivery, Kind, Message, SlackUser
from bot.sandbox.slack.responses import Responses
from bot.sandbox.slack.sockets import Sockets
from bot.sandbox.slack.triggers import Triggers
from bot.sandbox.slack.workspace import SCOPES, Installation, Workspace
from handlers.ports import Clock

T = TypeVar("T")


class SlackEmulator(People):
    """A Slack workspace with the app installed.

    Timestamps of messages come from ``clock``; signatures and the age of triggers are real (``monotonic``).
    ``echoes``: the app is told of its own messages too, as in Slack. ``limit_rates``: Slack's rate limits hold.
    """

    def __init__(
        self,
        users: Sequence[SlackUser],
        clock: Clock,
        *,
        team_id: str = "T0SANDBOX",
        enterprise_id: str | None = None,
        installation: Installation | None = None,
        scopes: Iterable[str] = SCOPES,
        support: Iterable[str] = (),
        ack_seconds: float = 3.0,
        echoes: bool = True,
        limit_rates: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        app = installation or Installation(team_id=team_id, enterprise_id=enterprise_id)
        workspace = Workspace(users, clock, app, scopes)
        self.faults = Faults()
        self._sockets = Sockets(workspace)
        self._base_url = ""
        self._runner: web.AppRunner | None = None
        self._echoing: set[asyncio.Task[object]] = set()
        triggers = Triggers(monotonic)
        super().__init__(
            workspace,
            Deliveries(workspace, self._sockets, ack_seconds),
            triggers,
            Responses(workspace, lambda: self._base_url),
        )
        self.limiter = Limiter(monotonic)
        limits = self.limiter if limit_rates else None
        self._api = Api(workspace, triggers, self.faults, limits, self._socket_url)
        if echoes:
            workspace.bot_spoke = self._echo
        own = [user.id for user in users if workspace.is_ours(user) and not user.deleted]
        self.general = self.add_channel("general", own)
        self.support_channel = self.add_channel("support", support, private=True)

    async def start(self) -> None:
        """Listen on a free loopback port."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api.handle)
        app.router.add_get("/link/", self._sockets.handle)
        app.router.add_post("/response/{name}", self._responses.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        await self._deliveries.start()

    async def stop(self) -> None:
        """Close every connection and the port."""
        for task in self._echoing:
            task.cancel()
        await asyncio.gather(*self._echoing, return_exceptions=True)
        await self._sockets.close()
        await self._deliveries.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api_url(self) -> str:
        """The base of the Web API; ends in ``/api/``."""
        return f"{self._base_url}/api/"

    @property
    def installation(self) -> Installation:
        """The app's ids and tokens."""
        return self._workspace.installation

    @property
    def scopes(self) -> set[str]:
        """What the app is granted; may be changed."""
        return self._workspace.scopes

    def revoke_token(self) -> None:
        """From now on the bot token is refused."""
        self._workspace.revoked = True

    def set_tabs(self, *, home: bool = True, messages: bool = True) -> None:
        """Which tabs the app has."""
        self._workspace.home_tab = home
        self._workspace.messages_tab = messages

    def deliver_http(self, url: str, signing_secret: str) -> None:
        """Send everything to this request URL from now on, unless a socket is connected."""
        self._deliveries.target = HttpTarget(url, signing_secret)

    async def verify_url(self) -> bool:
        """Slack's challenge to the request URL. True when the app passes."""
        return await self._deliveries.verify_url()

    async def redeliver(self, delivery: Delivery, reason: str | None = None) -> Delivery:
        """Hand an event over again, with the retry headers."""
        return await self._deliveries.redeliver(delivery, reason)

    async def retry_unacknowledged(self) -> tuple[Delivery, ...]:
        """Hand over again, in order, every event that was never acknowledged, as Slack's retries would."""
        last = {each.id: each for each in self.deliveries if each.kind is Kind.EVENT}
        done = {each.id for each in self.deliveries if each.acknowledged or each.no_retry}
        return tuple([await self.redeliver(each) for each in last.values() if each.id not in done])

    async def replay(self, delivery: Delivery) -> Delivery:
        """Send the very bytes of an HTTP delivery again."""
        return await self._deliveries.replay(delivery)

    @property
    def connections(self) -> int:
        """How many sockets are usable now."""
        return len(self._sockets.usable)

    @property
    def late_acks(self) -> Sequence[str]:
        """Envelope ids that were acknowledged too late."""
        return self._sockets.late_acks

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to reconnect; ``warning`` only announces it."""
        await self._sockets.disconnect(reason)

    async def drop_sockets(self) -> None:
        """Close every socket without having announced it; Slack's client comes back at once."""
        await self._sockets.close()

    def cut_sockets(self) -> None:
        """Cut every socket as a broken network does; Slack's client notices at its next ping."""
        self._sockets.cut()

    def add_user(self, user: SlackUser) -> None:
        """Put somebody in, or give them another profile. Full members of ours join ``general``."""
        self._workspace.users[user.id] = user
        if self._workspace.is_ours(user) and not user.deleted:
            self._workspace.channels[self.general].members.add(user.id)
        self._workspace.changes.happened()

    def add_channel(
        self,
        name: str,
        members: Iterable[str] = (),
        *,
        ext_shared: bool = False,
        private: bool = False,
        archived: bool = False,
        with_bot: bool = True,
    ) -> str:
        """Make a channel; its id."""
        present = {*members, *([self.installation.bot_user_id] if with_bot else [])}
        channel = Channel(self._workspace.new_id("C"), name, present, private, ext_shared, archived)
        return self._workspace.add_channel(channel).id

    def channel(self, channel_id: str) -> Channel:
        """A channel, whose members may be changed."""
        return self._workspace.channels[channel_id]

    def _socket_url(self) -> str:
        app = self.installation.app_id
        return f"ws{self._base_url.removeprefix('http')}/link/?ticket={self._sockets.ticket()}&app_id={app}"

    def _echo(self, message: Message) -> None:
        place = self._workspace.channels[message.channel]
        tell = self._notices.change if message.earlier or message.deleted else self._notices.message
        task: asyncio.Task[object] = asyncio.create_task(tell(place, message))
        self._echoing.add(task)
        task.add_done_callback(self._echoing.discard)
