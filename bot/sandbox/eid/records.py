"""What the provider knows: clients, requests, sessions and codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.settings.eid import ClientAuth

LIFE: Final = timedelta(seconds=120)
"""Of an id_token, an access token and the address of a pushed request."""
CODE_LIFE: Final = timedelta(seconds=60)
IDLE: Final = timedelta(minutes=30)
LONGEST_SESSION: Final = timedelta(minutes=120)


class Level(StrEnum):
    """How sure the provider is of somebody, as it says so in ``acr``."""

    SUBSTANTIAL = "idporten-loa-substantial"
    HIGH = "idporten-loa-high"

    @property
    def rank(self) -> int:
        """The higher, the surer."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Registration:
    """A client, as somebody has entered it at the provider. Addresses are compared letter by letter."""

    client_id: str
    redirect_uris: frozenset[str]
    auth: ClientAuth = ClientAuth.PRIVATE_KEY_JWT
    """The one way in which it proves itself."""
    keys: tuple[Mapping[str, str], ...] = ()
    """Public keys (RFC 7517)."""
    jwks_uri: str | None = None
    """Where its public keys are fetched instead."""
    secret: str = field(default="", repr=False)
    after_logout: frozenset[str] = frozenset()
    """The ``post_logout_redirect_uris``."""
    logout_uri: str | None = None
    """What is loaded in a frame when a session ends (``frontchannel_logout_uri``)."""
    alone: bool = False
    """Its sessions are its own (``sso_disabled``)."""
    pushes: bool = False
    """Only pushed requests are taken of it."""
    number_in_userinfo: bool = False
    """The number stands there and not in the id_token, as brokers have it."""


@dataclass(frozen=True)
class Asked:
    """An authorization request in which nothing is wrong."""

    client: Registration
    redirect_uri: str
    state: str
    nonce: str = field(repr=False)
    challenge: str
    wanted: Level | None
    """The lowest level that will do."""
    prompt: frozenset[str]
    locale: str


@dataclass
class Session:
    """A login in one browser."""

    sid: str
    number: str = field(repr=False)
    level: Level
    at: datetime
    used: datetime
    clients: set[str] = field(default_factory=set)
    """Who has been told of it."""

    def alive(self, now: datetime) -> bool:
        """Whether it still answers for the person."""
        return now - self.used < IDLE and now - self.at < LONGEST_SESSION


@dataclass
class Grant:
    """A code, and what came of it."""

    code: str = field(repr=False)
    asked: Asked
    session: Session
    made: datetime
    exchanged: bool = False
    access_tokens: list[str] = field(default_factory=list, repr=False)


class Refused(Exception):
    """The answer is an OAuth error (RFC 6749, 4.1.2.1 and 5.2)."""

    def __init__(self, error: str, words: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.words = words
        self.status = status
