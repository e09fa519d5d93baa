"""Support decides on a case: approve or deny, from the card in its channel.

The button names a case and nothing else; who pressed is proved by ``ports.SupportIdentity``, membership is
asked live, and the policy's verdict is made anew from the stored evidence. There is no way past it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import GraphError
from graph.users import User
from handlers.accounts import Accounts
from handlers.cards import Cards
from handlers.events import Pressed
from handlers.messages import NotAllowed
from handlers.people import Known, People
from handlers.ports import ChatError, Chats, Clock, SupportIdentity
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import approvals as store
from handlers.store import evidence
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Approvals:
    """Approve and deny. A second press, from anybody, finds the case moved and changes nothing."""

    database: Database
    people: People
    chats: Chats
    accounts: Accounts
    cases: Cases
    cards: Cards
    keys: EvidenceKeys
    clock: Clock
    identity: SupportIdentity | None
    show_within: timedelta

    async def approve(self, event: Pressed) -> None:
        """One approver's yes; with the last one wanted, the case is approved."""
        known, approver, case = await self._approver(event)
        if approver is None or case is None:
            return
        refusal = await self._approve(approver, case)
        if refusal is not None:
            await self._whisper(event, known, refusal)

    async def deny(self, event: Pressed) -> None:
        """An approver's no ends the case."""
        known, approver, case = await self._approver(event)
        if approver is None or case is None:
            return
        now = self.clock.now()
        async with self.database.transaction() as session:
            moved = await self.cases.move(
                session,
                case.id,
                CaseState.VERIFIED,
                CaseState.DENIED,
                now=now,
                actor=approver.id,
                denied_by=approver.display_name,
            )
            if moved is not None:
                await self.cards.tell(session, moved, now)
        if moved is None:
            await self._whisper(event, known, "too-late")

    async def _approver(self, event: Pressed) -> tuple[Known, User | None, Case | None]:
        """Who pressed, if they may decide on this case at all; otherwise they have been told why not."""
        known = await self.people.known(event.person)
        try:
            approver, case, refusal = await self._examine(event)
        except GraphError as error:
            log.warning("approver-unknown", status=error.status)
            approver, case, refusal = None, None, "directory-down"
        if refusal is not None:
            log.info("decision-refused", case=event.record, reason=refusal)
            await self._whisper(event, known, refusal)
            return known, None, None
        return known, approver, case

    async def _examine(self, event: Pressed) -> tuple[User | None, Case | None, str | None]:
        account = await self.identity.account(event.person) if self.identity else None
        if account is None or not await self.accounts.is_approver(account):
            return None, None, "not-approver"
        async with self.database.transaction() as session:
            case = await self.cases.get(session, event.record)
            if case is None or case.state != CaseState.VERIFIED:
                return None, None, "too-late"
            roles = await self._roles(session, case)
        refusal = policy.may_approve(roles, account)
        if refusal is not None:
            return None, None, refusal
        approver = await self.accounts.directory.users.get(account)
        if not approver.account_enabled:
            return None, None, "not-approver"
        return approver, case, None

    async def _roles(self, session: AsyncSession, case: Case) -> policy.Roles:
        """Forged evidence names nobody: no yes comes of it anyway, and a no has to stay possible."""
        try:
            proofs = await evidence.of_case(session, self.keys, case.id)
        except EvidenceForged:
            proofs = []
        agents = {proof.actor for proof in proofs if proof.actor} | ({case.agent} if case.agent else set())
        return policy.Roles(case.target, case.starter, frozenset(agents))

    async def _approve(self, approver: User, case: Case) -> str | None:
        try:
            target = await self.accounts.directory.users.get(case.target)
            classified = await self.accounts.classify(target)
        except GraphError as error:
            log.warning("target-unknown", case=case.id, status=error.status)
            return "directory-down"
        if classified.is_unknown:
            return "directory-down"
        now = self.clock.now()
        async with self.database.transaction() as session:
            locked = await self.cases.locked(session, case.id)
            if locked is None or locked.state != CaseState.VERIFIED:
                return "too-late"
            refusal = policy.may_approve(await self._roles(session, locked), approver.id)
            if refusal is not None:
                return refusal
            verdict = await self._verdict(session, case, classified.account_class, now)
            if not verdict.enough:
                return "class" if verdict.reason == "class" else "not-enough"
            await store.add(session, case.id, approver.id, approver.display_name, now)
            await self._count(session, locked, approver, verdict, now)
        return None

    async def _verdict(
        self, session: AsyncSession, case: Case, account_class: policy.AccountClass, now: datetime
    ) -> policy.Verdict:
        try:
            proofs = await evidence.of_case(session, self.keys, case.id)
        except EvidenceForged:
            log.critical("evidence-forged", case=case.id)
            return policy.Verdict(enough=False, approvals=0, reason="forged")
        rows = [policy.Proof(row.route, row.level, row.at, row.actor) for row in proofs]
        return policy.judge(account_class, rows, now)

    async def _count(
        self, session: AsyncSession, case: Case, approver: User, verdict: policy.Verdict, now: datetime
    ) -> None:
        """Move on when this was the last approval wanted. The caller holds the case's lock."""
        wanted = max(verdict.approvals, case.approvals_wanted)
        state, me = CaseState.VERIFIED, approver.id
        if len(await store.of_case(session, case.id)) < wanted:
            still = await self.cases.note(
                session, case.id, state, "case.approval", now=now, actor=me, approvals_wanted=wanted
            )
        else:
            still = await self.cases.move(
                session,
                case.id,
                state,
                CaseState.APPROVED,
                now=now,
                actor=me,
                approvals_wanted=wanted,
                approved_at=now,
                show_until=now + self.show_within,
            )
        if still is not None:
            await self.cards.tell(session, still, now)

    async def _whisper(self, event: Pressed, known: Known, reason: str) -> None:
        """A private word; when it cannot be delivered nothing else depends on it."""
        try:
            await self.chats.of(event.person.platform).whisper(
                event.place, event.person, NotAllowed(reason), known.language
            )
        except ChatError as error:
            log.info("whisper-lost", error=type(error).__name__)
