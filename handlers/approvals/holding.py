""" "I'm on it": so that two approvers do not work on one case. It gives no right, and holds nobody up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.cards import Cards, held
from handlers.cards.drawing import HELD_FOR, Holder
from handlers.ports import Clock
from handlers.records import Case
from handlers.states import CaseState
from handlers.store.cases import Cases
from handlers.store.database import Database


@dataclass(frozen=True)
class Holding:
    """Takes a case, lets go of it, and hands it on. Whoever calls this has asked whether they may decide on it."""

    database: Database
    cases: Cases
    cards: Cards
    clock: Clock

    async def other(self, case_id: str, account: str | None) -> Holder | None:
        """The colleague who is on it, if somebody other than this account is."""
        async with self.database.reading() as session:
            case = await self.cases.get(session, case_id)
        holder = held(case, self.clock.now()) if case is not None else None
        return holder if holder is not None and holder.account != account else None

    async def press(self, case_id: str, account: str, name: str) -> Holder | None:
        """Take it, or let go of what is one's own. The colleague who is on it, where nothing was changed."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            case = await self.cases.locked(session, case_id)
            holder = held(case, now) if case is not None else None
            if case is None or case.state != CaseState.VERIFIED:
                return None
            if holder is None:
                await self.give(session, case, account, name, now, "case.held", actor=account)
            elif holder.account == account:
                await self._let_go(session, case, account, now)
            else:
                return holder
        return None

    async def take(self, case_id: str, account: str, name: str) -> None:
        """Take it over from whoever is on it."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            case = await self.cases.locked(session, case_id)
            if case is not None and case.state == CaseState.VERIFIED:
                await self.give(session, case, account, name, now, "case.taken-over", actor=account)

    async def give(
        self,
        session: AsyncSession,
        case: Case,
        account: str,
        name: str,
        now: datetime,
        action: str,
        *,
        actor: str,
    ) -> Case | None:
        """From now on this account is on it; the card says so wherever it stands."""
        changed = await self.cases.note(
            session,
            case.id,
            CaseState.VERIFIED,
            action,
            now=now,
            actor=actor,
            people={"holder": account},
            held_by=account,
            held_name=name,
            held_at=now,
            round_at=now + HELD_FOR,
        )
        if changed is not None:
            await self.cards.refresh(session, changed, now)
        return changed

    async def _let_go(self, session: AsyncSession, case: Case, account: str, now: datetime) -> None:
        changed = await self.cases.note(
            session,
            case.id,
            CaseState.VERIFIED,
            "case.let-go",
            now=now,
            actor=account,
            held_by=None,
            round_at=now,
        )
        if changed is not None:
            await self.cards.refresh(session, changed, now)
