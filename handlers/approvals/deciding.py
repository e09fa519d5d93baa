"""The decision itself, whoever brings it: every rule is asked anew, and nothing moves past one.

Who the approver is must be proved by whoever calls this; membership is asked live here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import GraphError
from graph.together import together
from graph.users import User
from handlers.accounts import Accounts
from handlers.cards import Cards
from handlers.messages import OnCallApproved
from handlers.ports import Clock
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import approvals as store
from handlers.store import brakes, evidence
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy
from handlers.verification.proving import proofs_of
from handlers.verification.standing import Standings

log = structlog.get_logger(__name__)

_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Waiting:
    """A case that waits for a decision, and who has a part in it already."""

    case: Case
    roles: policy.Roles


@dataclass(frozen=True)
class Approver:
    """Somebody who may decide."""

    user: User
    on_call: bool
    """Whether only because support is not at work."""


@dataclass(frozen=True)
class Deciding:
    """Approve and deny, by object id. Each answers with nothing, or with the reason why it was not done."""

    database: Database
    accounts: Accounts
    cases: Cases
    cards: Cards
    keys: EvidenceKeys
    clock: Clock
    show_within: timedelta
    standings: Standings

    async def approve(self, account: str, case_id: str) -> str | None:
        """One approver's yes; with the last one wanted, the case is approved."""
        waiting = await self.waiting(case_id)
        try:
            async with together() as group:
                asking = group.create_task(self._approver(account, waiting))
                looking = group.create_task(self.standings.of(waiting.case.target)) if waiting else None
        except GraphError as error:
            log.warning("approval-unknown", case=case_id, status=error.status)
            return "directory-down"
        approver = asking.result()
        refusal = _against(approver, waiting, account)
        if approver is None or waiting is None or looking is None or refusal is not None:
            return refusal
        case, standing, who = waiting.case, looking.result().standing, approver.user
        if standing.classified.is_unknown:
            return "directory-down"
        now = self.clock.now()
        async with self.database.transaction() as session:
            if await brakes.is_stopped(session):
                return "stopped"
            locked = await self.cases.locked(session, case.id)
            if locked is None or locked.state != CaseState.VERIFIED:
                return "too-late"
            refusal = policy.may_approve(await self._roles(session, locked), who.id)
            if refusal is not None:
                return refusal
            latest = await store.of_approver(session, who.id, now - _HOUR)
            if policy.must_pause(latest, now, self.standings.rules):
                log.warning("approver-paused", approver=who.id)
                return "too-many-approvals"
            verdict = await self._verdict(session, case, standing, now)
            if not verdict.enough:
                await self._tell_why(session, case, standing, now)
                return "class" if verdict.reason == "class" else "not-enough"
            await store.add(session, case.id, who.id, who.display_name, now)
            await self._count(session, locked, who, verdict, standing, now)
            if approver.on_call:
                await self._tell_everybody(session, case, who, now)
        return None

    async def deny(self, account: str, case_id: str, reason: str = "other") -> str | None:
        """An approver's no ends the case, for one of the ``DENIALS``."""
        waiting = await self.waiting(case_id)
        try:
            approver = await self._approver(account, waiting)
        except GraphError as error:
            log.warning("approver-unknown", case=case_id, status=error.status)
            return "directory-down"
        refusal = _against(approver, waiting, account)
        if approver is None or waiting is None or refusal is not None:
            return refusal
        case = waiting.case
        now = self.clock.now()
        async with self.database.transaction() as session:
            moved = await self.cases.move(
                session,
                case.id,
                CaseState.VERIFIED,
                CaseState.DENIED,
                now=now,
                actor=approver.user.id,
                reason=reason,
                denied_by=approver.user.display_name,
                denied_reason=reason,
            )
            if moved is not None:
                await self.cards.tell(session, moved, now)
        return None if moved is not None else "too-late"

    async def examine(self, account: str, case_id: str) -> Approver | str:
        """Who this is, if they may decide on this case now; or why not. Raises ``GraphError``."""
        waiting = await self.waiting(case_id)
        approver = await self._approver(account, waiting)
        refusal = _against(approver, waiting, account)
        if approver is None or refusal is not None:
            return refusal or "not-approver"
        return approver

    async def waiting(self, case_id: str) -> Waiting | None:
        """The case, while it waits for a decision."""
        async with self.database.transaction() as session:
            case = await self.cases.get(session, case_id)
            if case is None or case.state != CaseState.VERIFIED:
                return None
            return Waiting(case, await self._roles(session, case))

    async def _approver(self, account: str, waiting: Waiting | None) -> Approver | None:
        """Whoever decides, if they may decide at all. Raises ``GraphError`` when nobody can tell."""
        case = waiting.case if waiting else None
        async with together() as group:
            asking = group.create_task(self.accounts.approving(account, case, self.clock.now()))
            looking = group.create_task(self.accounts.directory.users.get(account))
        user, by = looking.result(), asking.result()
        deputies = self.accounts.deputies
        on_call = deputies is not None and by == {deputies.on_call}
        return Approver(user, on_call) if by and user.account_enabled else None

    async def _tell_everybody(self, session: AsyncSession, case: Case, approver: User, now: datetime) -> None:
        """Whoever was not at work reads in their channel what was approved meanwhile."""
        key = f"on-call:{case.id}:{approver.id}:{now:%Y%m%dT%H%M%S%f}"
        told = OnCallApproved(case.id, approver.display_name, case.target_name, now)
        await self.cards.channels.tell(session, key, told, now, priority=2)

    async def _roles(self, session: AsyncSession, case: Case) -> policy.Roles:
        """Forged evidence names nobody: no yes comes of it anyway, and a no has to stay possible."""
        try:
            proofs = await evidence.of_case(session, self.keys, case.id)
        except EvidenceForged:
            proofs = []
        agents = {proof.actor for proof in proofs if proof.actor} | ({case.agent} if case.agent else set())
        return policy.Roles(case.target, case.starter, frozenset(agents))

    async def _verdict(
        self, session: AsyncSession, case: Case, standing: policy.Standing, now: datetime
    ) -> policy.Verdict:
        """By evidence that was fresh when the first approver decided."""
        votes = await store.of_case(session, case.id)
        try:
            proofs = await evidence.of_case(session, self.keys, case.id)
        except EvidenceForged:
            await self.cases.forged(session, case.id, now)
            return policy.Verdict(enough=False, reason="forged")
        return policy.judge_as(
            standing,
            proofs_of(proofs),
            now,
            decided_at=votes[0].at if votes else None,
            rules=self.standings.rules,
        )

    async def _tell_why(
        self, session: AsyncSession, case: Case, standing: policy.Standing, now: datetime
    ) -> None:
        """The card shows what has changed since it was posted."""
        still = await self.cases.change(session, case.id, CaseState.VERIFIED, {}, signs=standing.stored())
        if still is not None:
            await self.cards.refresh(session, still, now)

    async def _count(
        self,
        session: AsyncSession,
        case: Case,
        approver: User,
        verdict: policy.Verdict,
        standing: policy.Standing,
        now: datetime,
    ) -> None:
        """Move on when this was the last approval wanted. The caller holds the case's lock."""
        wanted = max(verdict.approvals, case.approvals_wanted)
        state, me = CaseState.VERIFIED, approver.id
        if len(await store.of_case(session, case.id)) < wanted:
            still = await self.cases.note(
                session,
                case.id,
                state,
                "case.approval",
                now=now,
                actor=me,
                approvals_wanted=wanted,
                signs=standing.stored(),
                held_by=None,
            )
        else:
            wait = policy.not_before(now, verdict.bar, self.standings.calendar)
            stretched = wait - now - verdict.delay if wait else timedelta(0)
            still = await self.cases.move(
                session,
                case.id,
                state,
                CaseState.APPROVED,
                now=now,
                actor=me,
                approvals_wanted=wanted,
                approved_at=now,
                not_before=wait,
                show_until=now + self.show_within + stretched,
                signs=standing.stored(),
            )
        if still is not None:
            await self.cards.tell(session, still, now)


def _against(approver: Approver | None, waiting: Waiting | None, account: str) -> str | None:
    """Why this account may not decide on this case. Who is no approver learns nothing about the case."""
    if approver is None:
        return "not-approver"
    return "too-late" if waiting is None else policy.may_approve(waiting.roles, account)
