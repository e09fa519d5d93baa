"""What a test can read from the emulator: messages, views, calls, deliveries."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.sandbox.slack.records import Call, Channel, Delivery, Json, Message, SlackUser, View
from bot.sandbox.slack.workspace import Workspace

T = TypeVar("T")


class Readings:
    """Looks at a workspace and changes nothing, save that asking for a conversation opens it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

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
        """Wait until the predicate holds, looked at after every change and ten times a second; its value.

        ``TimeoutError`` otherwise, which says what happened last.
        """
        return self._until(predicate, timeout)

    async def _until(self, predicate: Callable[[], T | None], seconds: float) -> T:
        try:
            return await self._workspace.changes.until(predicate, seconds)
        except TimeoutError:
            calls = [f"{call.method}: {call.error or 'ok'}" for call in self.calls[-5:]]
            told = [f"{each.event_type}: {each.failure or 'ok'}" for each in self.deliveries[-5:]]
            raise TimeoutError(
                f"not within {seconds:g} s; last calls {calls}, last deliveries {told}, complaints {self.complaints}"
            ) from None

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
