"""What a test can read from the emulator: messages, dialogs, toasts, calls, deliveries."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from bot.sandbox.teams.records import Call, Chat, Delivery, Dialog, Message, TeamsUser
from bot.sandbox.teams.tenant import App, Tenant

T = TypeVar("T")


class Readings:
    """Looks and changes nothing."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    @property
    def app(self) -> App:
        """The bot's ids."""
        return self._tenant.app

    @property
    def users(self) -> Sequence[TeamsUser]:
        """Everybody."""
        return tuple(self._tenant.users.values())

    def channel(self, name: str) -> str:
        """The id of the team's channel of this name."""
        return next(each for each, called in self._tenant.team.channels.items() if called == name)

    def account(self, user_id: str) -> str:
        """Somebody's id as the bot is told it: ``29:…``."""
        return self._tenant.account_of(self._tenant.users[user_id])

    def chat(self, user_id: str) -> Chat | None:
        """The conversation between a person and the bot, if there is one now."""
        return self._tenant.chat_of(user_id)

    def is_there(self, user_id: str) -> bool:
        """Whether this is somebody in Teams."""
        return user_id in self._tenant.users

    def has_app(self, user_id: str) -> bool:
        """Whether somebody has the app themselves, not only through the team."""
        return user_id in self._tenant.installed

    def messages(self, conversation: str) -> tuple[Message, ...]:
        """The messages that stand in a conversation, in order."""
        return tuple(each for each in self._tenant.everything(conversation) if not each.deleted)

    def thread(self, conversation: str, root: str) -> tuple[Message, ...]:
        """One thread of a channel, its root first."""
        return tuple(each for each in self.messages(conversation) if each.root == root)

    def dm(self, user_id: str) -> tuple[Message, ...]:
        """The messages between a person and the bot."""
        chat = self._tenant.chat_of(user_id)
        return () if chat is None else self.visible(user_id, chat.id)

    def from_bot(self, user_id: str) -> tuple[Message, ...]:
        """What the bot wrote to a person in their own conversation."""
        return tuple(message for message in self.dm(user_id) if message.by_bot)

    def visible(self, user_id: str, conversation: str) -> tuple[Message, ...]:
        """What a person sees in a conversation: cards that were replaced for them alone included."""
        return tuple(self._tenant.seen_by(user_id, each) for each in self.messages(conversation))

    @property
    def every_message(self) -> tuple[Message, ...]:
        """All messages anywhere, the deleted ones too."""
        places = (*self._tenant.chats, *self._tenant.team.channels)
        return tuple(each for place in places for each in self._tenant.everything(place))

    def toasts(self, user_id: str) -> tuple[str, ...]:
        """The short notes that a person was shown, in order."""
        return tuple(self._tenant.toasts.get(user_id, ()))

    def dialog(self, user_id: str) -> Dialog | None:
        """The dialog a person has in front of them."""
        return self._tenant.dialogs.get(user_id)

    @property
    def calls(self) -> Sequence[Call]:
        """Every request to the connector, in order."""
        return self._tenant.calls

    def calls_of(self, operation: str) -> tuple[Call, ...]:
        """Every request of one operation."""
        return tuple(call for call in self.calls if call.operation == operation)

    @property
    def typing(self) -> Sequence[str]:
        """The conversations in which the bot showed that it is writing."""
        return self._tenant.typing

    @property
    def deliveries(self) -> Sequence[Delivery]:
        """Every attempt to hand something to the bot, in the order they ended."""
        return self._tenant.deliveries

    @property
    def complaints(self) -> Sequence[str]:
        """What the Teams client had to apologise to people for."""
        return self._tenant.complaints

    def until(self, predicate: Callable[[], T | None], timeout: float = 5.0) -> Awaitable[T]:
        """Wait until the predicate holds, looked at after every change and ten times a second; its value.

        ``TimeoutError`` otherwise, which says what happened last.
        """
        return self._until(predicate, timeout)

    async def _until(self, predicate: Callable[[], T | None], seconds: float) -> T:
        try:
            return await self._tenant.changes.until(predicate, seconds)
        except TimeoutError:
            calls = [f"{call.operation}: {call.error or 'ok'}" for call in self.calls[-5:]]
            told = [f"{each.type}: {each.failure or 'ok'}" for each in self.deliveries[-5:]]
            raise TimeoutError(
                f"not within {seconds:g} s; last calls {calls}, last deliveries {told}, complaints {self.complaints}"
            ) from None

    async def next_change(self, seconds: float) -> None:
        """Wait until something changes, or for so many seconds."""
        await self._tenant.changes.next(seconds)

    def everything_sent(self) -> str:
        """All that the bot ever sent: each request as it came and with its strings unescaped, and each answer."""
        parts = [
            part for call in self.calls for part in (call.raw, json.dumps(call.body, ensure_ascii=False))
        ]
        parts += [json.dumps(each.answer, ensure_ascii=False) for each in self.deliveries if each.answer]
        return "\n".join(parts)
