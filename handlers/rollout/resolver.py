"""Whose account a line of a plan file means: the port, and the directory behind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final, Protocol

from graph import errors
from graph.together import together
from graph.users import Listed, Users
from handlers.rollout.batches import batches
from handlers.rollout.progress import Progress, untold

_AT_ONCE: Final = 100
"""Names looked up side by side: some fifteen batches of twenty reads."""
_READS_A_NAME: Final = 3
_READS_A_REQUEST: Final = 20
_LISTED_A_REQUEST: Final = 999


@dataclass(frozen=True, slots=True)
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

    async def resolve(self, accounts: Sequence[str], told: Progress = untold) -> Mapping[str, Resolved]:
        """What each user principal name, mail address or object id means. Raises ``GraphError``: all or nothing."""
        ...


@dataclass(frozen=True)
class GraphResolver:
    """The directory of the organisation. Few names are looked up; for many, everybody is listed.

    Twenty look-ups go into one request, and a name takes three; a page of the list tells of 999 accounts. What takes
    fewer requests is done: 50,000 names in a directory of that size take 52, and not 7,500.
    """

    users: Users

    async def resolve(self, accounts: Sequence[str], told: Progress = untold) -> Mapping[str, Resolved]:
        """Ends at the first request that fails; those under way are given up."""
        names = list(dict.fromkeys(accounts))
        if len(names) > _AT_ONCE:
            members = await self.users.count_members()
            if ceil(members / _LISTED_A_REQUEST) < ceil(len(names) * _READS_A_NAME / _READS_A_REQUEST):
                return await self._by_list(names, members, told)
        return await self._by_look_up(names, told)

    async def _by_look_up(self, names: Sequence[str], told: Progress) -> Mapping[str, Resolved]:
        found: dict[str, Resolved] = {}
        for some in batches(names, _AT_ONCE):
            async with together() as group:
                asked = [group.create_task(self._one(name)) for name in some]
            found.update((name, task.result()) for name, task in zip(some, asked, strict=True))
            told("accounts looked up", len(found), len(names))
        return found

    async def _by_list(self, names: Sequence[str], members: int, told: Progress) -> Mapping[str, Resolved]:
        known: dict[str, Resolved] = dict.fromkeys((name.casefold() for name in names), None)
        seen = 0
        async for listed in self.users.everybody():
            seen += 1
            if seen % _LISTED_A_REQUEST == 0:
                told("accounts of the directory read", seen, max(members, seen))
            for name in _names(listed):
                if name in known:
                    known[name] = _also(known[name], listed)
        told("accounts of the directory read", seen, seen)
        return {name: known[name.casefold()] for name in names}

    async def _one(self, account: str) -> Resolved:
        try:
            user = await self.users.find(account)
        except errors.Ambiguous:
            return Ambiguous()
        except errors.BadRequest:
            return None
        return ResolvedUser(user.id, user.upn, user.mail) if user else None


def _names(listed: Listed) -> Iterator[str]:
    yield listed.id.casefold()
    yield listed.upn.casefold()
    if listed.mail is not None:
        yield listed.mail.casefold()
    for alias in listed.aliases:
        yield alias.casefold()


def _also(before: Resolved, listed: Listed) -> Resolved:
    """What a name means once it has been met at this account too."""
    if before is None:
        mail = listed.upn if listed.mail == listed.upn else listed.mail
        return ResolvedUser(listed.id, listed.upn, mail)
    if isinstance(before, ResolvedUser) and before.account == listed.id:
        return before
    return Ambiguous()
