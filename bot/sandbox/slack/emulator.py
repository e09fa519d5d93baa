"""Slack on a loopback port, for tests and the sandbox: state, Web API, deliveries, and people to act as."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeVar

from aiohttp import web

from bot.sandbox.slack.api import Api
from bot.sandbox.slack.deliveries import Deliveries, HttpTarget
from bot.sandbox.slack.faults import Faults, Limiter
from bot.sandbox.slack.people import People
from bot.sandbox.slack.records import Call, Channel, Delivery, Json, Kind, Message, SlackUser, View
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
        limiter = Limiter(monotonic) if limit_rates else None
        self._api = Api(workspace, triggers, self.faults, limiter, self._socket_url)
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
        await self._sockets.drop()
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
        """Break every socket without a word."""
        await self._sockets.drop()

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

    @property
    def channels(self) -> Sequence[Channel]:
        """All conversations, the direct messages included."""
        return tuple(self._workspace.channels.values())

    @property
    def users(self) -> Sequence[SlackUser]:
        """Everybody, the bot included."""
        return tuple(self._workspace.users.values())

    def messages(self, channel_id: str) -> tuple[Message, ...]:
        """The messages that stand in a channel, in order; ephemeral ones are not among them."""
        return tuple(
            message
            for message in self._workspace.everything(channel_id)
            if message.ephemeral_to is None and not message.deleted and not message.lost
        )

    def dm(self, user_id: str) -> tuple[Message, ...]:
        """The messages between a person and the bot."""
        channel = self._workspace.dm_of(user_id)
        return self.messages(channel.id) if channel else ()

    def dm_channel(self, user_id: str) -> str:
        """The id of the conversation between a person and the bot, opened if need be."""
        return self._workspace.open_dm(user_id).id

    def from_bot(self, user_id: str) -> tuple[Message, ...]:
        """What the bot wrote to a person in their own conversation."""
        return tuple(message for message in self.dm(user_id) if message.by_bot)

    def ephemeral(self, user_id: str) -> tuple[Message, ...]:
        """What only this person was shown, in any channel."""
        return tuple(
            message
            for channel in self._workspace.channels
            for message in self._workspace.everything(channel)
            if message.ephemeral_to == user_id
        )

    @property
    def every_message(self) -> tuple[Message, ...]:
        """All messages anywhere: deleted, lost and ephemeral ones too."""
        return tuple(each for name in self._workspace.channels for each in self._workspace.everything(name))

    def view(self, user_id: str) -> View | None:
        """The modal a person has in front of them."""
        stack = self._workspace.stacks.get(user_id)
        return stack[-1] if stack else None

    def views(self, user_id: str) -> tuple[View, ...]:
        """A person's open modals, the lowest first."""
        return tuple(self._workspace.stacks.get(user_id, ()))

    def home(self, user_id: str) -> View | None:
        """What a person's Home tab shows."""
        return self._workspace.homes.get(user_id)

    @property
    def calls(self) -> Sequence[Call]:
        """Every request to the Web API, in order."""
        return self._workspace.calls

    def calls_of(self, method: str) -> tuple[Call, ...]:
        """Every request to one method."""
        return tuple(call for call in self.calls if call.method == method)

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Every attempt to hand something to the app, in the order they ended."""
        return self._workspace.deliveries

    @property
    def complaints(self) -> Sequence[str]:
        """What the Slack client had to apologise to people for."""
        return self._workspace.complaints

    def wait_for(self, predicate: Callable[[], T | None], timeout: float = 5.0) -> Awaitable[T]:
        """Wait until the predicate holds, looked at after every change; its value. ``TimeoutError`` otherwise."""
        return self._workspace.changes.until(predicate, timeout)

    async def next_change(self, seconds: float) -> None:
        """Wait until something changes, or for so many seconds."""
        await self._workspace.changes.next(seconds)

    def everything_sent(self) -> str:
        """All that the app ever sent: each request as it came, its strings unwrapped, and each acknowledgement."""
        parts = [part for call in self.calls for part in (call.raw, *_strings(call.args))]
        for delivery in self.deliveries:
            if delivery.answer is not None:
                parts += [json.dumps(delivery.answer, ensure_ascii=False), *_strings(delivery.answer)]
        return "\n".join(parts)

    def _socket_url(self) -> str:
        app = self.installation.app_id
        return f"ws{self._base_url.removeprefix('http')}/link/?ticket={self._sockets.ticket()}&app_id={app}"

    def _echo(self, message: Message) -> None:
        place = self._workspace.channels[message.channel]
        tell = self._notices.change if message.earlier or message.deleted else self._notices.message
        task: asyncio.Task[object] = asyncio.create_task(tell(place, message))
        self._echoing.add(task)
        task.add_done_callback(self._echoing.discard)


def _strings(node: object) -> Sequence[str]:
    """Every string in a JSON value, those inside strings that are JSON themselves included."""
    if isinstance(node, str):
        return (node, *_strings(_decoded(node)))
    if isinstance(node, dict):
        return [each for key, value in node.items() for each in (str(key), *_strings(value))]
    if isinstance(node, list):
        return [each for value in node for each in _strings(value)]
    return ()


def _decoded(text: str) -> Json | list[object] | None:
    if not text.startswith(("{", "[")):
        return None
    try:
        found: Json | list[object] = json.loads(text)
    except ValueError:
        return None
    return found
