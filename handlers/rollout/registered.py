"""Brings what was learned of accounts into the plan: who is ready, and since when we know."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from graph.methods import Method
from handlers.readiness import Missing, missing_of
from handlers.records import LearnedBy, PlanEntry
from handlers.rollout.batches import batches
from handlers.store import registrations
from handlers.store.database import Database
from handlers.store.registrations import Facts


async def keep(session: AsyncSession, learned: Sequence[Facts], now: datetime, *, own_telecom: bool) -> int:
    """Keep what is news of accounts in the plan, and mark who is ready; how many these are."""
    kept = 0
    for some in batches(sorted(learned, key=lambda it: it.account)):
        by_account = {it.account: it for it in some}
        planned = await _locked(session, list(by_account))
        news = await registrations.put(session, [it for it in some if it.account in planned])
        kept += len(planned)
        marks: dict[bool, list[str]] = {True: [], False: []}
        for account in news:
            day, ready_at = planned[account]
            kinds = by_account[account].kinds
            if kinds is not None:
                lacking = missing_of(kinds, day, own_telecom=own_telecom)
                is_ready = lacking is Missing.NOTHING
                if is_ready != (ready_at is not None):
                    marks[is_ready].append(account)
        for is_ready, accounts in marks.items():
            await _mark(session, accounts, now if is_ready else None)
    return kept


async def seen(
    database: Database, account: str, methods: Iterable[Method], now: datetime, *, own_telecom: bool
) -> None:
    """Somebody's methods were looked at for another reason: the plan learns of it."""
    kinds = frozenset(method.kind for method in methods)
    async with database.transaction() as session:
        facts = Facts(account, kinds, now, LearnedBy.METHODS)
        await keep(session, [facts], now, own_telecom=own_telecom)


async def _locked(session: AsyncSession, accounts: Sequence[str]) -> dict[str, tuple[date, datetime | None]]:
    """In order of account: the ticks lock them so too, so nobody waits in a circle."""
    account = col(PlanEntry.account)
    rows = await session.execute(
        select(account, col(PlanEntry.activation_day), col(PlanEntry.ready_at))
        .where(account.in_(accounts))
        .order_by(account)
        .with_for_update()
    )
    return {name: (day, ready_at) for name, day, ready_at in rows}


async def _mark(session: AsyncSession, accounts: Sequence[str], at: datetime | None) -> None:
    if accounts:
        await session.execute(
            update(PlanEntry)
            .where(col(PlanEntry.account).in_(accounts))
            .values(ready_at=at)
            .execution_options(synchronize_session=False)
        )
