"""Chat platforms, as narrow as the features need them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from handlers.events import Person, Place
from handlers.messages import Data, Language


@dataclass(frozen=True)
class Profile:
    """What a chat platform says about a person at this moment. A claim, never proof of identity."""

    person: Person
    name: str
    email: str | None
    locale: str | None
    time_zone: str | None
    refusal: str | None
    """Why this person may not be served (``guest``, ``bot``, ``deactivated``, ``other-workspace``), if so."""
    account: str | None = None
    """Object id of the account, where the platform itself signs people in with it. Then no address is needed."""


@dataclass(frozen=True)
class Reference:
    """Where a message stands, so that it can be changed later. Opaque outside its platform."""

    place: Place
    message: str


class ChatError(Exception):
    """The chat platform did not do what was asked."""


class Unreachable(ChatError):
    """This person or place cannot be written to, and trying again will not help."""


class TryLater(ChatError):
    """The platform asks for a pause; nothing was sent."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the platform asks to wait {seconds:g} s")
        self.seconds = seconds


class NotYet(TryLater):
    """Nothing was sent, and this one person has to wait; the others need not."""


class OutcomeUnknown(ChatError):
    """The request may or may not have been carried out."""


class FormExpired(ChatError):
    """The press is too old to open a form from it; the person has to press again."""


class Rejected(ChatError):
    """The platform refuses this request as it is; sending the same again will not help."""


class Chat(Protocol):
    """A chat platform, as narrow as the features need it. One implementation per platform.

    Every method raises a ``ChatError``. Words are chosen by the implementation's renderer: callers hand over
    data and a language.
    """

    @property
    def platform(self) -> str:
        """``slack`` or ``teams``; equals ``Person.platform`` of its people."""
        ...

    async def profile(self, person: Person) -> Profile:
        """Ask the platform about a person, now. ``Unreachable`` when it knows nobody of that id."""
        ...

    async def find(self, email: str) -> Person | None:
        """The person with this e-mail address in our own workspace, or nobody."""
        ...

    async def private(self, person: Person) -> Place:
        """The one-to-one conversation with this person, opened if need be."""
        ...

    async def send(self, place: Place, data: Data, language: Language) -> Reference:
        """Post a message. Not idempotent: after ``OutcomeUnknown`` it may stand there or not."""
        ...

    async def update(self, reference: Reference, data: Data, language: Language) -> None:
        """Replace a message of ours in place. Idempotent."""
        ...

    async def whisper(self, place: Place, person: Person, data: Data, language: Language) -> None:
        """Say something in ``place`` that only ``person`` sees. Delivery is not promised."""
        ...

    async def home(self, person: Person, data: Data, language: Language) -> None:
        """Show this on the bot's own page of the person, in place of what it showed. Idempotent.

        ``Unreachable`` where people have no such page.
        """
        ...

    async def open_form(self, opener: str, data: Data, language: Language) -> None:
        """Open a form for the person whose press brought ``opener``; ``FormExpired`` when too late."""
        ...


class Installer(Protocol):
    """Gives people the bot's app, on a platform where only those can be written to who have it."""

    @property
    def platform(self) -> str:
        """The platform it is for."""
        ...

    async def leaves_alone(self, person: Person) -> bool:
        """Whether this person is not to be tried now: they want none of it, or could not be helped lately."""
        ...

    async def install(self, person: Person) -> bool:
        """Give the app to a person whom the platform says not to have it. False when that is not to be.

        Nobody is asked of again and again: what was found is on record. ``NotYet`` when it cannot be told now.
        """
        ...

    async def lost(self, person: Person, *, blocked: bool) -> bool:
        """The platform says that this person has removed the app, or blocked the bot: they are left alone.

        False when they were given it only just now, and it is worth trying again soon.
        """
        ...


@dataclass(frozen=True)
class Chats:
    """The platforms that are switched on, looked up by name."""

    chats: Sequence[Chat]
    installer: Installer | None = None
    """For the one where only those can be written to who have the bot's app. Its chat knows how to use it."""

    def of(self, platform: str) -> Chat:
        """The chat of a platform. ``Unreachable`` when it is off: people seen there before are still known."""
        for chat in self.chats:
            if chat.platform == platform:
                return chat
        raise Unreachable("platform-off")
