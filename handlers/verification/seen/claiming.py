"""A claim code is typed on the case page: it is evidence, and binds the browser."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import GraphError, NotFound
from handlers.accounts import Accounts
from handlers.ports import Clock
from handlers.records import Claim
from handlers.store import claims, limits
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy
from handlers.verification.browsers import Claimed
from handlers.verification.opening import Refused
from handlers.verification.proving import Given, Proving
from handlers.verification.seen import codes
from handlers.verification.seen.giving import seen_route

log = structlog.get_logger(__name__)

_WINDOW: Final = timedelta(minutes=10)
_TRIES_PER_ADDRESS: Final = 10
_WRONG: Final = Refused("wrong-code")
"""The answer to every code that does not work, whatever the cause."""


@dataclass(frozen=True)
class Claiming:
    """Takes claim codes, whoever gave them."""

    database: Database
    accounts: Accounts
    cases: Cases
    proving: Proving
    keys: EvidenceKeys
    clock: Clock
    rules: policy.Rules

    async def claim(self, typed: str, *, address: str, browser: str | None) -> Claimed | Refused:
        """Take a typed code, once. Whoever gave it must still be the one who may."""
        now, code = self.clock.now(), codes.normal(typed)
        async with self.database.transaction() as session:
            if not await limits.hit(session, f"claim:{address}", now, _WINDOW, _TRIES_PER_ADDRESS):
                return Refused("too-many")
        async with self.database.transaction() as session:
            claim = await self._found(session, code, now)
            case = await self.cases.get(session, claim.case) if claim else None
        route = seen_route(self.rules, claim.route) if claim else None
        if claim is None or case is None or route is None:
            return _WRONG
        try:
            if not await self._still(claim, route, case.target):
                return _WRONG
            stands = await self.proving.standing(case.target)
        except GraphError as error:
            log.warning("claim-unknown", case=case.id, status=error.status)
            return Refused("directory-down")
        now = self.clock.now()
        given = Given(route.name, route.level, claim.attester, claim.detail, address)
        async with self.database.transaction() as session:
            await self.cases.locked(session, case.id)
            if await self._found(session, code, now) is None:
                return _WRONG
            claimed = await self.proving.take(session, case.id, given, browser, now, stands)
            if claimed is not None:
                await claims.settle(session, claim, now)
        return claimed or _WRONG

    async def _found(self, session: AsyncSession, code: str, now: datetime) -> Claim | None:
        claim = await claims.by_code(session, self.keys.all_signatures(codes.looked_up(code)), now)
        if claim is None:
            return None
        signed = self.keys.all_signatures(codes.facts(code, claim))
        if not any(compare_digest(claim.mac or "", mac) for mac in signed):
            log.critical("claim-forged", case=claim.case)
            return None
        return claim

    async def _still(self, claim: Claim, route: policy.Route, target: str) -> bool:
        """Whether the one who gave the code could give it now. Raises ``GraphError``."""
        users = self.accounts.directory.users
        if claim.attester == target:
            return False
        if route.attester == "manager":
            manager = await users.manager(target)
            return manager is not None and manager.id == claim.attester and manager.account_enabled
        try:
            return (
                await self.accounts.is_agent(claim.attester)
                and (await users.get(claim.attester)).account_enabled
            )
        except NotFound:
            return False
