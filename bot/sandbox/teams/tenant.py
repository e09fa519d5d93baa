"""The state of the emulated Teams, and the rules every part of it shares."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.sandbox.changes import Changes
from bot.sandbox.teams.records import Call, Chat, Delivery, Dialog, Json, Message, Team, TeamsUser, Version
from handlers.ports import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Impossible(Exception):
    """A test asked a person to do what the Teams client would not let them do."""


@dataclass(frozen=True)
class App:
    """The bot, as it is registered in this tenant."""

    tenant_id: str
    id: str
    name: str = "tofaktor"

    @property
    def account(self) -> str:
        """The bot's id in activities."""
        return f"28:{self.id}"


class Tenant:
    """Who and what is in Teams. No transport, no payloads."""

    def __init__(self, app: App, users: Iterable[TeamsUser], team: Team, clock: Clock) -> None:
        self.app = app
        self.clock = clock
        self.users = {user.object_id: user for user in users}
        self.team = team
        self.changes = Changes()
        self.chats: dict[str, Chat] = {}
        """By conversation id, the deleted ones included."""
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.dialogs: dict[str, Dialog] = {}
        self.toasts: dict[str, list[str]] = {}
        self.complaints: list[str] = []
        """What the Teams client had to apologise to a person for, because the bot misbehaved."""
        self.typing: list[str] = []
        """The conversations in which the bot showed that it is writing, in order."""
        self.bot_spoke: Callable[[Message], None] = lambda _message: None
        """Called for every message of the bot that appears or changes."""
        self.installed: set[str] = set()
        """Who has the app themselves, not only through a team."""
        self.blocked: set[str] = set()
        """Who does not want to hear from the bot."""
        self._current: dict[str, Chat] = {}
        self._accounts = {self.account_of(user): user for user in self.users.values()}
        self._messages: dict[str, dict[str, Message]] = {}
        self._own_cards: dict[tuple[str, str, str], Json] = {}
        self._last = 0

    def add_user(self, user: TeamsUser) -> None:
        """Put somebody in, or give them another profile."""
        self.users[user.object_id] = user
        self._accounts[self.account_of(user)] = user
        self.changes.happened()

    def account_of(self, user: TeamsUser) -> str:
        """Somebody's id as this bot knows it; another bot knows another."""
        seed = f"{self.app.id}/{user.object_id}".encode()
        return f"29:1{_letters(seed, 64)}"

    def user_of(self, account: str) -> TeamsUser | None:
        """The person of this account or object id."""
        return self._accounts.get(account) or self.users.get(account)

    def tenant_of(self, user: TeamsUser) -> str:
        """The tenant somebody signs in to."""
        return user.tenant_id or self.app.tenant_id

    def is_reached(self, user_id: str) -> bool:
        """Whether somebody has the app, themselves or through the team."""
        return user_id in self.installed or (self.team.installed and user_id in self.team.members)

    def chat_of(self, user_id: str) -> Chat | None:
        """The conversation between somebody and the bot, if there is one now."""
        chat = self._current.get(user_id)
        return None if chat is None or chat.deleted else chat

    def open_chat(self, user_id: str) -> Chat:
        """The conversation between somebody and the bot, made if need be. A deleted one does not come back."""
        if found := self.chat_of(user_id):
            return found
        seed = f"{self.app.id}/{user_id}/{len(self.chats)}".encode()
        chat = Chat(f"a:1{_letters(seed, 84)}", user_id)
        self._current[user_id] = self.chats[chat.id] = chat
        self._messages[chat.id] = {}
        self.changes.happened()
        return chat

    def members_of(self, conversation: str) -> list[TeamsUser]:
        """The people in a conversation."""
        if chat := self.chats.get(conversation):
            return [self.users[chat.user]]
        return [self.users[each] for each in self.users if each in self.team.members]

    def is_there(self, conversation: str) -> bool:
        """Whether there is such a conversation."""
        chat = self.chats.get(conversation)
        return conversation in self.team.channels if chat is None else not chat.deleted

    def new_id(self) -> str:
        """The id of a message: the clock's time in milliseconds, yet never the same twice."""
        wanted = (self.clock.now() - _EPOCH) // timedelta(milliseconds=1)
        self._last = max(wanted, self._last + 1)
        return str(self._last)

    def everything(self, conversation: str) -> tuple[Message, ...]:
        """All messages of a conversation in order, the deleted ones included."""
        return tuple(self._messages.get(conversation, {}).values())

    def find(self, conversation: str, message_id: str) -> Message | None:
        """One message that is there."""
        message = self._messages.get(conversation, {}).get(message_id)
        return None if message is None or message.deleted else message

    def seen_by(self, user_id: str, message: Message) -> Message:
        """The message as this person's client shows it."""
        own = self._own_cards.get((user_id, message.conversation, message.id))
        return message if own is None else replace(message, card=own)

    def show_only(self, user_id: str, message: Message, card: Json) -> None:
        """Replace a card for one person, until it is changed for everybody."""
        self._own_cards[user_id, message.conversation, message.id] = card
        self.changes.happened()

    def post(
        self,
        conversation: str,
        author: str,
        text: str = "",
        *,
        thread: str | None = None,
        card: Json | None = None,
        activity: Json | None = None,
        mentioned: Sequence[str] = (),
    ) -> Message:
        """Add a message."""
        sent = activity or {}
        message = Message(
            id=self.new_id(),
            conversation=conversation,
            author=author,
            text=text,
            at=self.clock.now(),
            by_bot=author == self.app.id,
            card=card,
            summary=sent.get("summary"),
            thread=thread,
            mentioned=tuple(mentioned),
            activity=sent,
        )
        self._messages.setdefault(conversation, {})[message.id] = message
        self._announce(message)
        return message

    def change(self, message: Message, text: str, card: Json | None, activity: Json) -> Message:
        """Replace what a message says, for everybody."""
        before = Version(message.text, message.card, self.clock.now())
        changed = replace(
            message,
            text=text,
            card=card,
            summary=activity.get("summary"),
            earlier=(*message.earlier, before),
            activity=activity,
        )
        for key in [key for key in self._own_cards if key[1:] == (message.conversation, message.id)]:
            del self._own_cards[key]
        self._put(changed)
        return changed

    def delete(self, message: Message) -> None:
        """Take a message away; the record keeps it."""
        self._put(replace(message, deleted=True))

    def tell(self, user_id: str, words: str) -> None:
        """Show a person a short note that goes away by itself."""
        self.toasts.setdefault(user_id, []).append(words)
        self.changes.happened()

    def complain(self, what: str) -> None:
        """Note what a person was shown as an error."""
        self.complaints.append(what)
        self.changes.happened()

    def _put(self, message: Message) -> None:
        self._messages[message.conversation][message.id] = message
        self._announce(message)

    def _announce(self, message: Message) -> None:
        self.changes.happened()
        if message.by_bot:
            self.bot_spoke(message)


def channel_id(seed: str) -> str:
    """The id of a channel."""
    return f"19:{_letters(seed.encode(), 44)}@thread.tacv2"


def _letters(seed: bytes, length: int) -> str:
    digest = hashlib.sha512(seed).digest() + hashlib.sha512(b"more" + seed).digest()
    return base64.urlsafe_b64encode(digest).decode().replace("=", "")[:length]
