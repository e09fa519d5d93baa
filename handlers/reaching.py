"""Teams lets the bot write to those alone who have its app: here they get it, once and where that is allowed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final, assert_never

import structlog

from graph.errors import (
    AppRefused,
    Forbidden,
    GraphError,
    NoTeamsLicence,
    NotFound,
    NotInCatalogue,
    Throttled,
)
from graph.teams_apps import TeamsApps
from handlers.events import Person
from handlers.ports import Clock, NotYet
from handlers.records import Reached, ReachState
from handlers.store import reaching, references
from handlers.store.database import Database
from handlers.store.references import PLATFORM

log = structlog.get_logger(__name__)

_APART: Final = 0.2
"""Seconds between two installations: a sixth of what Graph allows.

https://learn.microsoft.com/graph/throttling-limits#microsoft-teams-service-limits
"""
_MINUTE: Final = timedelta(minutes=1)
_INSTALLING: Final = 10 * _MINUTE
"""After this whoever began is taken to have died."""
_TENANT: Final = timedelta(hours=1)
"""How soon to look whether the tenant permits now what it did not."""
_ACCOUNT: Final = timedelta(days=1)
"""How soon to look whether one account may now."""
_FRESH: Final = 5 * _MINUTE
"""So long after giving somebody the app, "they do not have it" may come from a server that has not heard yet."""


class Next(Enum):
    """What to do for somebody who does not have the app, as Teams says."""

    DOUBT = auto()
    """They are on record as having it."""
    LEAVE = auto()
    WAIT = auto()
    INSTALL = auto()


def decide(seen: Reached | None, now: datetime) -> Next:
    """By what is on record. A time from the future counts as long past once it is as far away."""
    if seen is None:
        return Next.INSTALL
    age = abs(now - seen.at)
    match ReachState(seen.state):
        case ReachState.REACHABLE:
            return Next.DOUBT
        case ReachState.BLOCKED | ReachState.LEFT:
            # Their own will: only they end it, by writing to us.
            return Next.LEAVE
        case ReachState.INSTALLING:
            return Next.WAIT if age < _INSTALLING else Next.INSTALL
        case ReachState.NOT_PERMITTED | ReachState.NOT_OFFERED:
            return Next.LEAVE if age < _TENANT else Next.INSTALL
        case ReachState.REFUSED | ReachState.NO_ACCOUNT:
            return Next.LEAVE if age < _ACCOUNT else Next.INSTALL
        case unknown:
            assert_never(unknown)


@dataclass
class Reaching:
    """The installer of Teams. Any number of replicas may work at once: each account is one claim."""

    database: Database
    apps: TeamsApps
    clock: Clock
    tenant: str
    """Where we may install: the tenant of our Graph."""
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _shut: tuple[ReachState, datetime] | None = field(default=None, init=False)
    """Why nobody can be given the app at the moment, and since when."""

    @property
    def platform(self) -> str:
        """Whose app it is."""
        return PLATFORM

    async def leaves_alone(self, person: Person) -> bool:
        """Whether this person is not to be tried now, by what is on record."""
        async with self.database.reading() as session:
            seen = await reaching.of(session, PLATFORM, person.user)
        return decide(seen, self.clock.now()) is Next.LEAVE

    async def install(self, person: Person) -> bool:
        """Give the app to a person who does not have it, one after another. False when that is not to be."""
        async with self.database.reading() as session:
            seen = await reaching.of(session, PLATFORM, person.user)
        match decide(seen, self.clock.now()):
            case Next.DOUBT:
                if await self.lost(person, blocked=False):
                    return False
                raise NotYet(_MINUTE.total_seconds())
            case Next.LEAVE:
                return False
            case Next.WAIT:
                raise NotYet(_MINUTE.total_seconds())
            case Next.INSTALL:
                return await self._install(person, seen)

    async def lost(self, person: Person, *, blocked: bool) -> bool:
        """Teams says that this person cannot be written to: nobody tries again until they write to us.

        False when they were given the app only just now: then it is worth trying again soon.
        """
        now = self.clock.now()
        async with self.database.transaction() as session:
            seen = await reaching.of(session, PLATFORM, person.user)
            if not blocked and _is_fresh(seen, now):
                return False
            await references.forget(session, person)
            state = ReachState.BLOCKED if blocked else ReachState.LEFT
            await reaching.put(session, PLATFORM, {person.user: state}, now)
        log.info("teams-lost", account=person.user, state=state.value)
        return True

    async def _install(self, person: Person, seen: Reached | None) -> bool:
        account = person.user
        if person.tenant != self.tenant:
            return False
        if (shut := self._shut_now()) is not None:
            async with self.database.transaction() as session:
                await reaching.put(session, PLATFORM, {account: shut}, self.clock.now())
            return False
        async with self.database.transaction() as session:
            if not await reaching.claim(session, PLATFORM, account, seen, self.clock.now()):
                raise NotYet(_MINUTE.total_seconds())
        async with self._turn:
            await self.pause(_APART)
        try:
            state = await self._ask(account)
        except GraphError as error:
            told = type(error).__name__
            log.warning("teams-install-put-off", account=account, error=told, status=error.status)
            async with self.database.transaction() as session:
                await reaching.release(session, PLATFORM, account)
            pause = error.retry_after if isinstance(error, Throttled) else _MINUTE.total_seconds()
            raise NotYet(pause) from None
        async with self.database.transaction() as session:
            await reaching.settle(session, PLATFORM, account, state, self.clock.now())
        log.info("teams-install", account=account, state=state.value)
        return state is ReachState.REACHABLE

    async def _ask(self, account: str) -> ReachState:
        try:
            await self._given(account)
        except NoTeamsLicence:
            return ReachState.NO_ACCOUNT
        except AppRefused:
            return ReachState.REFUSED
        except NotFound:
            return ReachState.NO_ACCOUNT
        except NotInCatalogue:
            return self._shut_for(ReachState.NOT_OFFERED)
        except Forbidden as error:
            log.warning("teams-install-not-permitted", permission=error.permission)
            return self._shut_for(ReachState.NOT_PERMITTED)
        return ReachState.REACHABLE

    async def _given(self, account: str) -> None:
        try:
            await self.apps.install(account)
        except NotFound:
            # Of the account or of the app, which Graph does not say: the catalogue knows.
            await self.apps.catalogue_id()
            raise

    def _shut_for(self, state: ReachState) -> ReachState:
        self._shut = (state, self.clock.now())
        return state

    def _shut_now(self) -> ReachState | None:
        if self._shut is None:
            return None
        state, since = self._shut
        return state if abs(self.clock.now() - since) < _TENANT else None


def _is_fresh(seen: Reached | None, now: datetime) -> bool:
    return seen is not None and seen.state == ReachState.REACHABLE and abs(now - seen.at) < _FRESH
