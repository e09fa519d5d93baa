""" "It wasn't me": the links that say so, and the accounts that get no new case because somebody did."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Case, Freeze, NotMe
from handlers.store.inserting import insert_into
from handlers.store.keys import hashed

AFTER_END: Final = timedelta(days=30)
"""How long after the end of its case one can still say so."""
FROZEN_FOR: Final = timedelta(days=7)
"""How long an account gets no new case, unless somebody lifts that."""


async def new_link(session: AsyncSession, case: str, now: datetime) -> str:
    """The token of a fresh link. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(NotMe(token_hash=hashed(token), case=case, at=now))
    await session.flush()
    return token


async def case_of(session: AsyncSession, token: str, now: datetime) -> Case | None:
    """The case of a link that still works."""
    case = await session.scalar(
        select(Case)
        .join(NotMe, col(NotMe.case) == col(Case.id))
        .where(
            col(NotMe.token_hash) == hashed(token),
            or_(col(Case.ended_at).is_(None), col(Case.ended_at) > now - AFTER_END),
        )
    )
    if case is not None:
        session.expunge(case)
    return case


async def hold(session: AsyncSession, account: str) -> None:
    """Until the commit nobody else opens or disowns a case of this account. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:account))"), {"account": account})


async def freeze(session: AsyncSession, case: str, account: str, now: datetime) -> bool:
    """No new case for this account. False when that was said of this case already, whatever became of it."""
    new = await session.execute(
        insert_into(session, Freeze)
        .values(case=case, account=account, at=now, until=now + FROZEN_FOR)
        .on_conflict_do_nothing(index_elements=["case"])
        .returning(col(Freeze.case))
    )
    return new.first() is not None


async def frozen_until(session: AsyncSession, account: str, now: datetime) -> datetime | None:
    """Until when this account gets no new case."""
    return await session.scalar(
        select(col(Freeze.until))
        .where(
            col(Freeze.account) == account,
            col(Freeze.until) > now,
            col(Freeze.lifted_at).is_(None),
        )
        .order_by(col(Freeze.until).desc())
        .limit(1)
    )


async def lift(session: AsyncSession, account: str, by: str, now: datetime) -> bool:
    """It may have cases again. False when it could."""
    lifted = await session.execute(
        update(Freeze)
        .where(
            col(Freeze.account) == account,
            col(Freeze.until) > now,
            col(Freeze.lifted_at).is_(None),
        )
        .values(lifted_at=now, lifted_by=by)
        .returning(col(Freeze.case))
    )
    return bool(lifted.all())


async def purge(session: AsyncSession, now: datetime) -> None:
    """Forget links that work no more, and what was frozen of cases of which nobody can say so any more."""
    over = select(col(Case.id)).where(col(Case.ended_at) <= now - AFTER_END)
    await session.execute(delete(NotMe).where(col(NotMe.case).in_(over)))
    await session.execute(
        delete(Freeze).where(col(Freeze.case).in_(over), col(Freeze.until) <= now - AFTER_END)
    )
