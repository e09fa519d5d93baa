"""What happened in a chat, as typed facts. An edge makes them from verified envelopes; features take them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Person:
    """Somebody in a chat: known by platform, workspace or tenant, and user id. Never by name or e-mail."""

    platform: str
    tenant: str
    user: str


@dataclass(frozen=True)
class Place:
    """Where something was said: a conversation and, in a channel, its thread. Opaque outside its platform."""

    platform: str
    conversation: str
    thread: str | None = None
    private: bool = False
    """True in the one-to-one conversation with the bot."""


@dataclass(frozen=True)
class Asked:
    """Somebody wrote something. ``text`` is cleaned of codes, tokens and 11-digit numbers."""

    id: str
    person: Person
    place: Place
    text: str
    addressed: bool = True
    """Said to the bot: in private, by its name, or by a command. Otherwise overheard where it may listen."""
    cut: bool = False
    """Whether something was cut out of the text before it was written down."""


@dataclass(frozen=True)
class Pressed:
    """Somebody pressed a button of ours. The button names an action and a record; nothing else is trusted."""

    id: str
    person: Person
    place: Place
    action: str
    record: str
    opener: str | None = None
    """What a form can be opened with, for about three seconds."""
    message: str | None = None
    """The message the button stands in."""


@dataclass(frozen=True)
class Submitted:
    """Somebody sent in a form of ours."""

    id: str
    person: Person
    form: str
    record: str
    opener: str | None = None
    """The open form itself, so that it can be replaced by its outcome."""
    values: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    """Whether something was cut out of the values before they were written down."""


@dataclass(frozen=True)
class Gone:
    """The platform says that our app was removed or its token revoked."""

    id: str
    platform: str
    tenant: str


@dataclass(frozen=True)
class Opened:
    """Somebody looks at the bot's own page in their chat."""

    id: str
    person: Person


@dataclass(frozen=True)
class Installed:
    """Our app was added: in somebody's private chat, by them or for them, or in a channel, by them."""

    id: str
    person: Person
    place: Place


@dataclass(frozen=True)
class Removed:
    """Our app was taken out of somebody's private chat."""

    id: str
    person: Person


Event = Asked | Pressed | Submitted | Opened | Installed | Removed | Gone
