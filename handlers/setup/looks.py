"""Looks at the sign-in methods of one account, now and then: a press is free, Microsoft Graph is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from graph.errors import GraphError
from graph.methods import Method
from handlers.accounts import Directory
from handlers.events import Person
from handlers.ports import Clock
from handlers.readiness import Missing, missing
from handlers.rollout import plan, registered
from handlers.setup.ending import Outcome
from handlers.store import limits
from handlers.store.database import Database

log = structlog.get_logger(__name__)

_APART: Final = timedelta(seconds=5)
_WITHIN: Final = timedelta(hours=1)
_AT_MOST: Final = 30


@dataclass(frozen=True)
class Looks:
    """Never raises for Graph's sake: what it could not see is an outcome."""

    database: Database
    directory: Directory
    clock: Clock
    own_telecom: bool

    async def at_once(self, person: Person, account: str | None) -> Sequence[Method] | Outcome:
        """The methods, for somebody who asks to have them looked at."""
        if account is None:
            return Outcome.NO_ACCOUNT
        return await self._list(account) if await self._may(person, paced=True) else Outcome.TOO_SOON

    async def by_the_way(self, person: Person, account: str | None) -> Sequence[Method] | None:
        """The methods if they are to be had; nobody waits for them."""
        if account is None or not await self._may(person, paced=False):
            return None
        found = await self._list(account)
        return None if isinstance(found, Outcome) else found

    async def missing(self, account: str | None, methods: Sequence[Method]) -> Missing:
        """What the account lacks before its activation day, or as of today."""
        async with self.database.transaction() as session:
            planned = await plan.entry(session, account) if account is not None else None
        day = planned.activation_day if planned else self.clock.now().date()
        return missing(methods, day, own_telecom=self.own_telecom)

    async def _list(self, account: str) -> Sequence[Method] | Outcome:
        try:
            found = await self.directory.methods.list(account)
        except GraphError as error:
            log.warning("setup-look-failed", status=error.status)
            return Outcome.NO_ANSWER
        await registered.seen(self.database, account, found, self.clock.now(), own_telecom=self.own_telecom)
        return found

    async def _may(self, person: Person, *, paced: bool) -> bool:
        who, now = f"{person.platform}:{person.tenant}:{person.user}", self.clock.now()
        async with self.database.transaction() as session:
            if paced and not await limits.hit(session, f"setup-pace:{who}", now, _APART, 1):
                return False
            return await limits.hit(session, f"setup-look:{who}", now, _WITHIN, _AT_MOST)
