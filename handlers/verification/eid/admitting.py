"""The owner has logged in: which case that is for, and the browser that is bound by it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.messages import Language
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import eid as store
from handlers.verification.browsers import Claimed
from handlers.verification.eid.logins import Logins, Proof
from handlers.verification.eid.parts import ROUTE
from handlers.verification.opening import Opening, Refused
from handlers.verification.proving import Given

COLLEAGUE: Final = "colleague"
"""``Case.opened_by`` of a case that somebody opened for somebody else."""
_ENDED_BY_OWNER: Final = frozenset({CaseState.OPEN, CaseState.VERIFYING})


@dataclass(frozen=True)
class Admitting:
    """Writes the evidence; the browser that gave it is the one that may show the pass."""

    logins: Logins

    async def to_case(
        self, case: Case, proof: Proof, provider: str, browser: str | None, address: str = ""
    ) -> Claimed | Refused:
        """For a case that its owner was invited to."""
        async with self.logins.database.transaction() as session:
            claimed = await self._take(
                session, case, proof, provider, browser, self.logins.clock.now(), address
            )
        return claimed or Refused("other-browser")

    async def to_own(
        self,
        proof: Proof,
        provider: str,
        browser: str | None,
        language: Language,
        cookie_hash: str,
        address: str = "",
    ) -> Claimed | Refused:
        """For the owner's own case, opened if need be: the one that a colleague opened for them ends by it."""
        logins, target, now = self.logins, proof.target, self.logins.clock.now()
        async with logins.database.transaction() as session:
            previous = await self._end_colleagues(session, target.id, now)
        async with logins.database.transaction() as session:
            case = await Opening(logins.cases, logins.proving.standings.rules).open(
                session, target, starter=target.id, language=language, now=now, previous=previous
            )
            if isinstance(case, Refused):
                return case
            if case.state == CaseState.OPEN and not await logins.cases.move(
                session, case.id, CaseState.OPEN, CaseState.VERIFYING, now=now, actor=target.id
            ):
                return Refused("other-browser")
            claimed = await self._take(session, case, proof, provider, browser, now, address)
            if claimed is not None:
                await store.belongs(session, cookie_hash, case.id)
        return claimed or Refused("other-browser")

    async def _take(
        self,
        session: AsyncSession,
        case: Case,
        proof: Proof,
        provider: str,
        browser: str | None,
        now: datetime,
        address: str,
    ) -> Claimed | None:
        given = Given(ROUTE, proof.identity.level, detail=self.logins.label(provider), address=address)
        return await self.logins.proving.take(session, case.id, given, browser, now, proof.stands)

    async def _end_colleagues(self, session: AsyncSession, target: str, now: datetime) -> str | None:
        """End a case that a colleague opened and nobody has given a proof in; its id."""
        cases = self.logins.cases
        live = await cases.live_of(session, target)
        if live is None or live.opened_by != COLLEAGUE or live.browser_hash is not None:
            return None
        state = CaseState(live.state)
        if state not in _ENDED_BY_OWNER:
            return None
        ended = await cases.move(
            session,
            live.id,
            state,
            CaseState.CANCELLED,
            now=now,
            actor=target,
            reason="owner-came",
            expected={"browser_hash": None},
        )
        return live.id if ended is not None else None
