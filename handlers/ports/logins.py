"""Proof of who somebody is: by eID, and by a sign-in at Entra."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from graph.secret import Secret
from handlers.events import Person
from handlers.messages import Language


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
