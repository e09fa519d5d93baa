"""Evidence comes in: it is written down, its browser is bound, and the case moves on when it is enough."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.cards import Cards
from handlers.records import Case, Evidence
from handlers.states import CaseState
from handlers.store import approvals, evidence
from handlers.store.audit import Facts
from handlers.store.cases import Cases, Changes
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy
from handlers.verification.browsers import Claimed, browser_hash
from handlers.verification.facts import facts_of
from handlers.verification.networks import NONE_NAMED, OwnNetworks
from handlers.verification.standing import Standings, Stands

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
    address: str = field(default="", repr=False)
    """Where the browser is; kept only as being one of ours or not."""


@dataclass(frozen=True)
class Proving:
    """The one place that writes evidence, whatever the method."""

    cases: Cases
    cards: Cards
    keys: EvidenceKeys
    standings: Standings
    networks: OwnNetworks = NONE_NAMED

    async def standing(self, target: str) -> Stands:
        """How an account stands now, for ``take``; to be read before its transaction. Raises ``GraphError``."""
        return await self.standings.with_last_sign_in(target)

    async def take(
        self,
        session: AsyncSession,
        case_id: str,
        given: Given,
        browser: str | None,
        now: datetime,
        stands: Stands,
    ) -> Claimed | None:
        """Take evidence that ``browser`` gave. None: another browser is bound, or the case has moved on.

        The browser that gives the first proof is the one that may show the pass. The case is verified when the
        policy says so; until then it waits for more. A claim code that led here has done its work.
        """
        held = await self.cases.locked(session, case_id)
        if held is None or given.actor == held.target:
            return None
        try:
            rows = await evidence.of_case(session, self.keys, held.id)
        except EvidenceForged:
            await self.cases.forged(session, held.id, now)
            return None
        secret = self._secret(held, rows, browser, now)
        if secret is None:
            return None
        standing = stands.standing
        changes = Changes(
            browser_hash=browser_hash(secret),
            signs=standing.stored(),
            told=facts_of(stands, self.networks.where(given.address)).stored(),
        )
        proofs = [*proofs_of(rows), policy.Proof(given.route, given.level, now, given.actor)]
        moved = await self._move(session, held, given, proofs, standing, now, changes)
        if moved is None:
            return None
        if held.state == CaseState.VERIFYING:
            await approvals.forget(session, held.id)
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
        if moved.state == CaseState.VERIFYING:
            await self.cards.refresh(session, moved, now)
        else:
            await self.cards.tell(session, moved, now)
        return Claimed(moved, secret)

    def _secret(self, case: Case, rows: Sequence[Evidence], browser: str | None, now: datetime) -> str | None:
        """The secret of the browser from now on; nothing when another one is bound.

        A browser is free to come when there is none, or when all proofs of the one before count no more.
        """
        mine = browser is not None and case.browser_hash == browser_hash(browser)
        if case.state in _AGAIN:
            return browser if mine else None
        age = self.standings.rules.evidence_age
        free = case.browser_hash is None or all(now - row.at > age for row in rows)
        return secrets.token_urlsafe(32) if case.state == CaseState.VERIFYING and (mine or free) else None

    async def _move(
        self,
        session: AsyncSession,
        case: Case,
        given: Given,
        proofs: Sequence[policy.Proof],
        standing: policy.Standing,
        now: datetime,
        changes: Changes,
    ) -> Case | None:
        state, me = CaseState(case.state), case.target
        again = state in _AGAIN
        verdict = policy.judge_as(standing, proofs, now, rules=self.standings.rules)
        facts: Facts = {"route": given.route, "level": given.level}
        people = {"seen_by": given.actor}
        if verdict.enough and not again:
            changes |= Changes(round=0, round_at=now, fallback_at=None, nobody="", held_by=None, held_at=None)
            return await self.cases.move(
                session,
                case.id,
                state,
                CaseState.VERIFIED,
                now=now,
                actor=me,
                facts=facts,
                people=people,
                **changes,
            )
        action = "case.seen-again" if again else "case.proof"
        return await self.cases.note(
            session, case.id, state, action, now=now, actor=me, facts=facts, people=people, **changes
        )


def proofs_of(rows: Sequence[Evidence]) -> list[policy.Proof]:
    """Evidence as the policy sees it."""
    return [policy.Proof(row.route, row.level, row.at, row.actor) for row in rows]
