"""Making a claim code: the case moves on to wait for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from graph.users import User
from handlers.records import Case, Claim
from handlers.states import CaseState
from handlers.store import claims
from handlers.store.cases import Cases, Changes
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy
from handlers.verification.opening import Refused
from handlers.verification.seen import codes
from handlers.verification.seen.codes import Code

COLLEAGUE: Final = "colleague"
_TAKEN_UP: Final = frozenset(
    {CaseState.OPEN, CaseState.VERIFYING, CaseState.APPROVED, CaseState.ISSUE_UNKNOWN}
)
"""States in which a code helps: the proof is missing, not enough, or has to be given again before *Show*."""


@dataclass(frozen=True)
class Giving:
    """Writes a code down by its signature alone; the caller has asked every rule about who gives it."""

    cases: Cases
    keys: EvidenceKeys

    async def give(
        self,
        session: AsyncSession,
        case_id: str,
        giver: User,
        route: policy.Route,
        told: Iterable[str],
        now: datetime,
        asked_by: str | None = None,
    ) -> Code | Refused:
        """A code for this case and route. An older one of the same person for them stops working."""
        case = await self.cases.locked(session, case_id)
        if case is None or not takes_code(case):
            return Refused("too-late")
        if case.target == giver.id or case.claim_tries >= policy.CLAIM_TRIES:
            return Refused("too-late")
        given = Changes(claim_tries=case.claim_tries + 1)
        if route.attester == "agent":
            given |= Changes(agent=giver.id, agent_name=giver.display_name)
        if not await self._noted(session, case, giver, given, now):
            return Refused("too-late")
        code, until = codes.new(), now + policy.CLAIM_LIFE
        claim = Claim(
            case=case.id,
            route=route.name,
            attester=giver.id,
            attester_name=giver.display_name,
            asked_by=asked_by,
            detail=",".join(told),
            code_mac=self.keys.sign(codes.looked_up(code)),
            at=now,
            until=until,
        )
        claim.mac = self.keys.sign(codes.facts(code, claim))
        await claims.give(session, claim)
        return Code(case.id, codes.spoken(code), until)

    async def _noted(
        self, session: AsyncSession, case: Case, giver: User, given: Changes, now: datetime
    ) -> bool:
        state = CaseState(case.state)
        if state is CaseState.OPEN:
            moved = await self.cases.move(
                session, case.id, state, CaseState.VERIFYING, now=now, actor=giver.id, **given
            )
        elif takes_code(case):
            moved = await self.cases.note(
                session, case.id, state, "case.code", now=now, actor=giver.id, **given
            )
        else:
            moved = None
        return moved is not None


def takes_code(case: Case) -> bool:
    """Whether a code helps. What a colleague opened waits for its owner, whose own case takes its place."""
    is_colleagues = case.opened_by == COLLEAGUE and case.browser_hash is None
    return CaseState(case.state) in _TAKEN_UP and not is_colleagues


def seen_route(rules: policy.Rules, name: str) -> policy.Route | None:
    """The route of this name, if it is one on which somebody sees the requester."""
    route = rules.route(name)
    return route if route is not None and route.kind is policy.RouteKind.SEEN else None
