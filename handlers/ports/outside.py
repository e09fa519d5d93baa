"""Ways to reach people outside chat, and where their addresses are held."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from graph.secret import Secret
from handlers.alarms import Alarmed
from handlers.messages import Data, Language


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
