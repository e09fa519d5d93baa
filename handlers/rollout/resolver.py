"""Whose account a line of a plan file means: the port, and the directory behind it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from graph import errors
from graph.users import Users

_AT_ONCE: Final = 16


@dataclass(frozen=True)
class ResolvedUser:
    """The one account that was meant."""

    account: str
    """Its object id."""
    upn: str
    mail: str | None


@dataclass(frozen=True)
class Ambiguous:
    """Several accounts go by this name."""


Resolved = ResolvedUser | Ambiguous | None
"""``None``: the directory knows nobody of this name."""


class Resolver(Protocol):
    """Looks many accounts up at once."""

    async def resolve(self, accounts: Sequence[str]) -> Mapping[str, Resolved]:
        """What each user principal name, mail address or object id means. Raises ``GraphError``: all or nothing."""
        ...


@dataclass(frozen=True)
class GraphResolver:
    """The directory of the organisation, asked for a few accounts at a time."""

    users: Users

    async def resolve(self, accounts: Sequence[str]) -> Mapping[str, Resolved]:
        """Ends at the first look-up that fails; those under way are given up."""
        found: dict[str, Resolved] = {}
        pending = iter(dict.fromkeys(accounts))
        workers = [asyncio.create_task(self._work(pending, found)) for _ in range(_AT_ONCE)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        return found

    async def _work(self, pending: Iterator[str], found: dict[str, Resolved]) -> None:
        for account in pending:
            found[account] = await self._one(account)

    async def _one(self, account: str) -> Resolved:
        try:
            user = await self.users.find(account)
        except errors.Ambiguous:
            return Ambiguous()
        except errors.BadRequest:
            return None
        return ResolvedUser(user.id, user.upn, user.mail) if user else None
