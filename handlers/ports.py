"""What the features need from the outside world: one ``Protocol`` per party, handed in by ``bot.app``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from graph.secret import Secret
from handlers.alarms import Alarmed
from handlers.events import Person, Place
from handlers.messages import Data, Language


class Clock(Protocol):
    """The only way to learn the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


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


class SupportIdentity(Protocol):
    """Proves which account somebody at support is signed in to. Being in the channel proves nothing."""

    async def account(self, person: Person) -> str | None:
        """The object id of the account this person has proved to hold, or nothing."""
        ...

    async def deciding(self, person: Person) -> str | None:
        """The same, where the proof is fresh enough for a press in chat to decide by itself."""
        ...


class LoginError(Exception):
    """A login by eID ends without an identity. ``reason`` is one word, for logs alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LoginRefused(LoginError):
    """What came back is not to be believed, or is not what was asked for."""


class LoginUnavailable(LoginError):
    """The provider cannot be reached or cannot serve now: nothing is known about the person."""


@dataclass(frozen=True)
class AskedLogin:
    """What was asked for when a person was sent to a provider of eID. Kept on our side, for one use."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    at: datetime


@dataclass(frozen=True)
class BegunLogin:
    """Where to send the browser, and what to keep meanwhile."""

    address: str = field(repr=False)
    asked: AskedLogin


@dataclass(frozen=True)
class Identity:
    """Who logged in, as far as it is evidence. Nothing of it but the outcome of a comparison is ever kept."""

    issuer: str
    acr: str
    level: int
    """3 or 4."""
    auth_time: datetime
    number: Secret


@dataclass(frozen=True)
class EidRoute:
    """A provider of eID that people can choose."""

    name: str
    """As in the settings and in our addresses."""
    label: Mapping[Language, str]
    """What people call it."""
    groups: frozenset[str]
    """Object ids of the groups it is for; none: everybody."""


class Eid(Protocol):
    """Proof of identity by national eID. Keeps no state of a login."""

    @property
    def routes(self) -> Sequence[EidRoute]:
        """The providers there are; none when the route is off."""
        ...

    async def begin(self, provider: str, language: Language, now: datetime) -> BegunLogin:
        """A fresh login. ``KeyError`` for a provider that is not there; raises ``LoginUnavailable``."""
        ...

    async def end(
        self, provider: str, query: Sequence[tuple[str, str]], asked: AskedLogin, now: datetime
    ) -> Identity:
        """What the callback's address holds, made into an identity. Raises ``LoginError``."""
        ...

    async def matches(self, provider: str, account: str, number: Secret) -> bool:
        """Whether this is the number that the provider's source has for the account: no number is a no.

        Raises ``GraphError`` or ``LoginUnavailable`` when the source does not answer.
        """
        ...


@dataclass(frozen=True)
class SignedIn:
    """Who signed in at Entra, in our tenant, as far as it is believed."""

    account: str
    """Object id."""
    auth_time: datetime
    """When they did; when it is not told, the moment at which Entra said so."""
    stepped_up: bool
    """Whether the sign-in held ``signin.auth_context`` and is known to be fresh."""
    name: str = ""
    contexts: tuple[str, ...] | None = None
    """The authentication contexts it held; None when nothing was told of them (the optional claim ``acrs``)."""
    timed: bool = True
    """Whether it was told when they signed in (the optional claim ``auth_time``)."""


class SignIn(Protocol):
    """Sign-in at Entra, of whoever approves, attests or acts as agent. Keeps no state of a sign-in."""

    async def begin(self, *, step_up: bool, language: Language, now: datetime) -> BegunLogin:
        """A fresh sign-in; ``step_up`` demands the authentication context. Raises ``LoginUnavailable``."""
        ...

    async def end(self, query: Sequence[tuple[str, str]], asked: AskedLogin, now: datetime) -> SignedIn:
        """What the callback's address holds, made into an account. Raises ``LoginError``.

        Whether it is stepped up is told, not demanded: the caller refuses what is not enough for its purpose.
        """
        ...


@dataclass(frozen=True)
class Address:
    """A number or mailbox on file, and since when it is the same one; None where nobody knows."""

    value: Secret
    changed: date | None


@dataclass(frozen=True)
class Contact:
    """Where an account's owner can be reached outside what they may have lost."""

    phone: Address | None = None
    mail: Address | None = None


class ContactsUnavailable(Exception):
    """The source of contacts does not answer: nothing is known. ``reason`` is one word, for logs alone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Contacts(Protocol):
    """Where the organisation keeps private numbers and mailboxes. Nothing of it is ever stored or shown whole."""

    async def of(self, account: str) -> Contact:
        """What is on file, read anew. Raises ``GraphError`` or ``ContactsUnavailable``."""
        ...


class NotSent(Exception):
    """It did not go out, or nobody knows whether it did. ``reason`` is for logs alone."""

    def __init__(self, reason: str, *, unknown: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.unknown = unknown
        """Whether it may have gone out all the same."""


class Sms(Protocol):
    """Text messages, over the organisation's gateway."""

    async def send(self, to: Secret, data: Data, language: Language) -> None:
        """Hand one over. Raises ``NotSent``."""
        ...


class Mail(Protocol):
    """Mail, out of the organisation's mailbox."""

    async def send(self, to: Secret, data: Data, language: Language) -> None:
        """Hand one over; the title of the message is its subject. Raises ``NotSent``."""
        ...


class Security(Protocol):
    """The people who look after security. They are reached outside chat."""

    async def mail(self, alarmed: Alarmed) -> None:
        """Write to them. Raises ``NotSent``."""
        ...

    async def post(self, alarmed: Alarmed) -> None:
        """Tell their system. Raises ``NotSent``."""
        ...


class Hook(Protocol):
    """A webhook of the organisation's."""

    async def post(self, payload: Mapping[str, object]) -> None:
        """Any success means that it was taken. Raises ``NotSent``."""
        ...


@dataclass(frozen=True)
class Channels:
    """The ways to reach people outside chat that are switched on, and where their addresses are held."""

    contacts: Contacts
    security: Security
    sms: Sms | None = None
    mail: Mail | None = None
    tickets: Hook | None = None
    """The ticket system."""


class Reader(Protocol):
    """Helps to tell what a question is about, where the phrasings cannot. Its words never reach anybody."""

    async def pick(self, text: str, topics: Sequence[str]) -> str | None:
        """One of these topics, or none: also when it is slow, down, or says anything else. Never raises."""
        ...


@dataclass(frozen=True)
class Chats:
    """The platforms that are switched on, looked up by name."""

    chats: Sequence[Chat]

    def of(self, platform: str) -> Chat:
        """The chat of a platform. ``KeyError`` when it is off."""
        for chat in self.chats:
            if chat.platform == platform:
                return chat
        raise KeyError(platform)
