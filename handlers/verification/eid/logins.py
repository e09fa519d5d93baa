"""Logins at a provider: whose they may be, the way out, and what is believed of what comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

import structlog

from graph.errors import GraphError, NotFound
from graph.users import User
from handlers.accounts import Accounts
from handlers.messages import Language
from handlers.ports import BegunLogin, Clock, Eid, EidRoute, Identity, LoginError, LoginUnavailable
from handlers.store import eid as store
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.eid import Begun
from handlers.verification.opening import Refused
from handlers.verification.proving import Proving
from handlers.verification.standing import Stands

log = structlog.get_logger(__name__)

NOT_PROVED: Final = Refused("not-proved")
"""Said of every login that is no proof, whatever the cause."""

Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Proof:
    """A login that is the owner's, and how their account stands now."""

    target: User
    stands: Stands
    identity: Identity


@dataclass(frozen=True)
class Against:
    """What a login is held against: an account or nobody's, and the case that it is for, if one stands."""

    account: str | None
    case: str | None = None


@dataclass(frozen=True)
class Logins:
    """Keeps nothing: what was asked for is kept by the parts that send people out."""

    database: Database
    accounts: Accounts
    cases: Cases
    proving: Proving
    clock: Clock
    eid: Eid

    async def out(self, provider: str, language: Language) -> BegunLogin | Refused:
        """A fresh login. ``KeyError`` for a provider that is not there."""
        try:
            return await self.eid.begin(provider, language, self.clock.now())
        except LoginUnavailable as error:
            log.warning("eid-unavailable", provider=provider, reason=error.reason)
            return Refused("eid-down")

    async def identity(self, login: Begun, provider: str, query: Query, of: Against) -> Identity | Refused:
        """Who logged in. What is wrong with it stands in the audit, and nowhere else."""
        try:
            return await self.eid.end(provider, query, login.asked, self.clock.now())
        except LoginUnavailable as error:
            log.warning("eid-unavailable", case=of.case, provider=provider, reason=error.reason)
            return Refused("eid-down")
        except LoginError as refused:
            return await self.refuse(of, provider, refused.reason)

    async def judge(self, provider: str, identity: Identity, of: Against) -> Proof | Refused:
        """Whether it is the owner of the account who logged in, and whether the account may have a pass.

        Everything is read whatever the first answers say. For nobody's account somebody else's is read, and left
        at that: how long it takes tells nothing.
        """
        account = of.account or await self._somebody()
        try:
            target = await self._user(account)
            stands = await self._stands(account)
            mine = await self.routes(account)
            same = await self._same(provider, account, identity)
        except LoginUnavailable as error:
            log.warning("eid-unavailable", case=of.case, provider=provider, reason=error.reason)
            return Refused("eid-down")
        except GraphError as error:
            log.warning("eid-check-failed", case=of.case, status=error.status)
            return Refused("directory-down")
        if target is None or stands is None or of.account is None:
            return await self.refuse(of, provider, "no-account")
        standing = stands.standing
        if standing.classified.is_unknown:
            return Refused("directory-down")
        if not standing.classified.may_have_pass:
            return await self.refuse(of, provider, "class")
        if provider not in {route.name for route in mine}:
            return await self.refuse(of, provider, "other-population")
        if not same:
            return await self.refuse(of, provider, "other-number")
        return Proof(target, stands, identity)

    async def refuse(self, of: Against, provider: str, reason: str) -> Refused:
        """A login that is no proof is a security event, if it is about anybody: in the audit, and told to nobody."""
        log.warning("eid-refused", case=of.case, provider=provider, reason=reason)
        if of.account is not None:
            async with self.database.transaction() as session:
                audit = self.cases.audit
                about = await audit.pseudonym(session, of.account)
                await audit.append(
                    session,
                    at=self.clock.now(),
                    actor=None,
                    action="eid.refused",
                    case=of.case,
                    data={"provider": provider, "reason": reason, "about": about},
                )
        return NOT_PROVED

    async def routes(self, account: str) -> tuple[EidRoute, ...]:
        """The providers whose population this account belongs to. Raises ``GraphError``."""
        groups = sorted({group for route in self.eid.routes for group in route.groups})
        try:
            mine = await self.accounts.directory.groups.is_member(account, groups) if groups else set()
        except NotFound:
            mine = set()
        return tuple(route for route in self.eid.routes if not route.groups or route.groups & set(mine))

    def label(self, provider: str) -> str:
        """What people call a provider."""
        return next(route.label[Language.NB] for route in self.eid.routes if route.name == provider)

    async def _somebody(self) -> str:
        async with self.database.reading() as session:
            return await store.somebody(session) or str(uuid4())

    async def _user(self, account: str) -> User | None:
        try:
            return await self.accounts.directory.users.get(account)
        except NotFound:
            return None

    async def _stands(self, account: str) -> Stands | None:
        try:
            return await self.proving.standing(account)
        except NotFound:
            return None

    async def _same(self, provider: str, account: str, identity: Identity) -> bool:
        try:
            return await self.eid.matches(provider, account, identity.number)
        except NotFound:
            return False
