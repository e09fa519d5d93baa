"""What the features need from the outside world: one ``Protocol`` per party, handed in by ``bot.app``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from handlers.ports.chat import (
    Chat,
    ChatError,
    Chats,
    FormExpired,
    Installer,
    NotYet,
    OutcomeUnknown,
    Profile,
    Reference,
    Rejected,
    TryLater,
    Unreachable,
)
from handlers.ports.logins import (
    AskedLogin,
    BegunLogin,
    Eid,
    EidRoute,
    Identity,
    LoginError,
    LoginRefused,
    LoginUnavailable,
    SignedIn,
    SignIn,
    SupportIdentity,
)
from handlers.ports.outside import (
    Address,
    Channels,
    Contact,
    Contacts,
    ContactsUnavailable,
    Hook,
    Mail,
    NotSent,
    Security,
    Sms,
)

__all__ = [
    "Address",
    "AskedLogin",
    "BegunLogin",
    "Channels",
    "Chat",
    "ChatError",
    "Chats",
    "Clock",
    "Contact",
    "Contacts",
    "ContactsUnavailable",
    "Eid",
    "EidRoute",
    "FormExpired",
    "Hook",
    "Identity",
    "Installer",
    "LoginError",
    "LoginRefused",
    "LoginUnavailable",
    "Mail",
    "NotSent",
    "NotYet",
    "OutcomeUnknown",
    "Profile",
    "Reader",
    "Reference",
    "Rejected",
    "Security",
    "SignIn",
    "SignedIn",
    "Sms",
    "SupportIdentity",
    "TryLater",
    "Unreachable",
]


class Clock(Protocol):
    """The only way to learn the time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class Reader(Protocol):
    """Helps to tell what a question is about, where the phrasings cannot. Its words never reach anybody."""

    async def pick(self, text: str, topics: Sequence[str]) -> str | None:
        """One of these topics, or none: also when it is slow, down, or says anything else. Never raises."""
        ...
