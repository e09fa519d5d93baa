"""Evidence comes in: it is written down, its browser is bound, and the case moves on when it is enough."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.cards import Cards
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import evidence
from handlers.store.cases import Cases
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy
from handlers.verification.browsers import Claimed, browser_hash

_AGAIN: Final = frozenset({CaseState.VERIFIED, CaseState.APPROVED, CaseState.ISSUE_UNKNOWN})
"""States in which evidence only renews what was proved, and only in the browser that is bound."""


@dataclass(frozen=True)
class Given:
    """What one method of verification has found out. Never a number, an address or a code."""

    route: str
    level: int
    actor: str | None = None
    """Object id of whoever at support, or among the managers, saw or vouches for the requester."""
    detail: str = ""


@dataclass(frozen=True)
class Proving:
    """The one place that writes evidence, whatever the method."""

    cases: Cases
    cards: Cards
    keys: EvidenceKeys

    async def take(
        self, session: AsyncSession, case_id: str, given: Given, browser: str | None, now: datetime
    ) -> Claimed | None:
        """Take evidence that ``browser`` gave. None: another browser is bound, or the case has moved on.

        The browser that gives the first proof is the one that may show the pass. A claim code that led here has
        done its work.
        """
        held = await self.cases.locked(session, case_id)
        if held is None:
            return None
        state = CaseState(held.state)
        mine = browser is not None and held.browser_hash == browser_hash(browser)
        secret = browser or ""
        if state is CaseState.VERIFYING and (mine or await self._is_free(session, held, now)):
            secret = secrets.token_urlsafe(32)
            moved = await self.cases.move(
                session,
                case_id,
                state,
                CaseState.VERIFIED,
                now=now,
                actor=held.target,
                claim_hash=None,
                browser_hash=browser_hash(secret),
            )
        elif state in _AGAIN and mine:
            moved = await self.cases.note(
                session, case_id, state, "case.seen-again", now=now, actor=held.target, claim_hash=None
            )
        else:
            return None
        if moved is None:
            return None
        await evidence.add(
            session,
            self.keys,
            case=held.id,
            target=held.target,
            route=given.route,
            level=given.level,
            at=now,
            actor=given.actor,
            detail=given.detail,
        )
        await self.cards.tell(session, moved, now)
        return Claimed(moved, secret)

    async def _is_free(self, session: AsyncSession, case: Case, now: datetime) -> bool:
        """Whether any browser may be bound: proofs that still count must all come from one."""
        if case.browser_hash is None:
            return True
        rows = await evidence.of_case(session, self.keys, case.id)
        return all(now - row.at > policy.EVIDENCE_AGE for row in rows)
