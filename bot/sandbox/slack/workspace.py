"""The state of the emulated workspace, and the rules every part of Slack shares about it."""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.sandbox.changes import Changes
from bot.sandbox.slack.blocks import named
from bot.sandbox.slack.records import (
    Call,
    Channel,
    Delivery,
    Json,
    Message,
    SlackUser,
    Version,
    View,
    notified,
)
from handlers.ports import Clock

SCOPES = frozenset(
    {
        "chat:write",
        "im:write",
        "im:history",
        "app_mentions:read",
        "users:read",
        "users:read.email",
        "commands",
    }
)
"""What the app is granted unless a test says otherwise."""

EVENTS = frozenset(
    {
        "message.im",
        "message.channels",
        "message.groups",
        "app_mention",
        "app_home_opened",
        "app_uninstalled",
        "tokens_revoked",
    }
)
"""What the app subscribes to; an event whose scope is not granted stays away all the same."""

_STACK = 3
"""Modals on top of each other: https://docs.slack.dev/surfaces/modals."""


class Refusal(Exception):
    """Slack says no: ``{"ok": false, "error": …}``."""

    def __init__(self, error: str, **details: object) -> None:
        super().__init__(error)
        self.error = error
        self.details = details


class Impossible(Exception):
    """A test asked a person to do what the Slack client would not let them do."""


@dataclass(frozen=True)
class Installation:
    """The app in this workspace."""

    team_id: str
    enterprise_id: str | None = None
    team_domain: str = "sandbox"
    app_id: str = "A0TOFAKTOR"
    bot_id: str = "B0TOFAKTOR"
    bot_user_id: str = "U0TOFAKTOR"
    bot_name: str = "tofaktor"
    bot_token: str = "xoxb-sandbox-bot"  # noqa: S105 - opens nothing but this emulator
    app_token: str = "xapp-sandbox-app"  # noqa: S105 - opens nothing but this emulator
    verification_token: str = "sandbox-verification"  # noqa: S105 - opens nothing but this emulator
    events: frozenset[str] = EVENTS


class Workspace:
    """Who and what is in the workspace. No transport, no payloads."""

    def __init__(
        self, users: Sequence[SlackUser], clock: Clock, installation: Installation, scopes: Iterable[str]
    ) -> None:
        self.installation = installation
        self.scopes = set(scopes)
        self.revoked = False
        self.home_tab = True
        self.messages_tab = True
        self.clock = clock
        self.changes = Changes()
        bot = SlackUser(installation.bot_user_id, installation.bot_name, is_bot=True)
        self.users = {user.id: user for user in (*users, bot)}
        self.channels: dict[str, Channel] = {}
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.homes: dict[str, View] = {}
        self.stacks: dict[str, list[View]] = {}
        self.complaints: list[str] = []
        """What the Slack client had to apologise to a person for, because the app misbehaved."""
        self.bot_spoke: Callable[[Message], None] = lambda _message: None
        """Called for every message of the app that appears or changes."""
        self._messages: dict[str, list[Message]] = {}
        self._counter = 0
        self._last_ts = 0

    def new_id(self, prefix: str) -> str:
        """An id of the kind that starts with this letter."""
        self._counter += 1
        return f"{prefix}0{self._counter:08X}"

    def new_ts(self) -> str:
        """A message timestamp: the clock's time, yet never the same twice."""
        wanted = (self.clock.now() - datetime.fromtimestamp(0, tz=self.clock.now().tzinfo)) // timedelta(
            microseconds=1
        )
        self._last_ts = max(wanted, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def complain(self, what: str) -> None:
        """Note what a person was shown as an error."""
        self.complaints.append(what)
        self.changes.happened()

    def new_hash(self) -> str:
        """The version of a view."""
        return f"{self._last_ts // 1_000_000}.{secrets.token_hex(4)}"

    def team_of(self, user: SlackUser) -> str:
        """The workspace a person belongs to."""
        return user.team_id or self.installation.team_id

    def is_ours(self, user: SlackUser) -> bool:
        """True when the person belongs to the emulated workspace."""
        return self.team_of(user) == self.installation.team_id

    def add_channel(self, channel: Channel) -> Channel:
        """Put a channel in."""
        self.channels[channel.id] = channel
        self._messages[channel.id] = []
        self.changes.happened()
        return channel

    def dm_of(self, user_id: str) -> Channel | None:
        """The conversation between a person and the bot, if it was ever opened."""
        return next((channel for channel in self.channels.values() if channel.with_user == user_id), None)

    def open_dm(self, user_id: str) -> Channel:
        """The conversation between a person and the bot, opened if need be."""
        if found := self.dm_of(user_id):
            return found
        members = {user_id, self.installation.bot_user_id}
        return self.add_channel(Channel(self.new_id("D"), "directmessage", members, True, with_user=user_id))

    def everything(self, channel_id: str) -> tuple[Message, ...]:
        """All messages of a channel in order, the deleted, lost and ephemeral ones included."""
        return tuple(self._messages.get(channel_id, ()))

    def find(self, channel_id: str, ts: str) -> Message | None:
        """One message that is there."""
        for message in self._messages.get(channel_id, ()):
            if message.ts == ts and not message.deleted:
                return message
        return None

    def post(
        self,
        channel: Channel,
        user: str,
        text: str,
        blocks: Sequence[Json] = (),
        *,
        thread_ts: str | None = None,
        ephemeral_to: str | None = None,
        metadata: Json | None = None,
    ) -> Message:
        """Add a message."""
        parent = self.find(channel.id, thread_ts) if thread_ts else None
        message = Message(
            channel=channel.id,
            ts=self.new_ts(),
            user=user,
            text=text,
            at=self.clock.now(),
            by_bot=user == self.installation.bot_user_id,
            blocks=named(blocks),
            thread_ts=(parent.thread_ts or parent.ts) if parent else thread_ts,
            ephemeral_to=ephemeral_to,
            metadata=metadata,
            notified=notified(text, blocks),
            lost=thread_ts is not None and parent is None,
        )
        self._messages[channel.id].append(message)
        self._announce(message)
        return message

    def change(self, message: Message, text: str, blocks: Sequence[Json], metadata: Json | None) -> Message:
        """Replace what a message says. An edit alarms nobody anew, yet what it would alarm is recorded."""
        now = self.clock.now()
        changed = replace(
            message,
            text=text,
            blocks=named(blocks),
            metadata=metadata if metadata is not None else message.metadata,
            earlier=(*message.earlier, Version(message.text, message.blocks, now)),
            notified=message.notified | notified(text, blocks),
        )
        self._put(message, changed)
        return changed

    def delete(self, message: Message) -> Message:
        """Take a message away; the record keeps it."""
        gone = replace(message, deleted=True)
        self._put(message, gone)
        return gone

    def _put(self, old: Message, new: Message) -> None:
        messages = self._messages[old.channel]
        messages[[each.ts for each in messages].index(old.ts)] = new
        self._announce(new)

    def _announce(self, message: Message) -> None:
        self.changes.happened()
        if message.by_bot and message.ephemeral_to is None and not message.lost:
            self.bot_spoke(message)

    def view(self, view_id: str | None = None, external_id: str | None = None) -> View | None:
        """An open modal or a published home by its id or the app's own id for it."""
        everywhere = [*self.homes.values(), *(view for stack in self.stacks.values() for view in stack)]
        for view in everywhere:
            if view.id == view_id or (external_id and view.external_id == external_id):
                return view
        return None

    def show(self, user_id: str, view: View) -> None:
        """Open a modal in place of whatever modal is open."""
        self.stacks[user_id] = [view]
        self.changes.happened()

    def push(self, user_id: str, view: View) -> View:
        """Put a modal on top of the open one. ``Refusal`` when none is open or the stack is full."""
        stack = self.stacks.get(user_id, [])
        if not stack:
            raise Refusal("not_found")
        if len(stack) >= _STACK:
            raise Refusal("push_limit_reached")
        pushed = replace(view, root_id=stack[0].id, previous_id=stack[-1].id)
        stack.append(pushed)
        self.changes.happened()
        return pushed

    def replace_view(self, old: View, new: View) -> None:
        """Put a new version of a view in the place of the old."""
        if old.type == "home":
            self.homes[old.user] = new
        else:
            stack = self.stacks[old.user]
            stack[[each.id for each in stack].index(old.id)] = new
        self.changes.happened()

    def close_view(self, view: View) -> None:
        """Take a modal away, and those above it."""
        stack = self.stacks.get(view.user, [])
        ids = [each.id for each in stack]
        if view.id in ids:
            del stack[ids.index(view.id) :]
        self.changes.happened()

    def clear_views(self, user_id: str) -> None:
        """Take all of a person's modals away."""
        self.stacks.pop(user_id, None)
        self.changes.happened()
