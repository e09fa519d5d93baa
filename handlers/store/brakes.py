"""The one row that says whether passes are stopped, and what the breaker counts."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Brake, BrakeReason, Case
from handlers.states import CaseState
from handlers.store.inserting import insert_into

_ROW: Final = 1


async def held(session: AsyncSession) -> Brake:
    """How it stands, held still until the commit: whoever stops or lets out waits, and is waited for."""
    query = select(Brake).where(col(Brake.id) == _ROW).with_for_update()
    row = await session.scalar(query)
    if row is None:
        await session.execute(
            insert_into(session, Brake).values(id=_ROW).on_conflict_do_nothing(index_elements=["id"])
        )
        row = (await session.scalars(query)).one()
    session.expunge(row)
    return row


async def is_stopped(session: AsyncSession) -> bool:
    """Whether nobody gets a pass at this moment."""
    return await session.scalar(select(col(Brake.stopped_at)).where(col(Brake.id) == _ROW)) is not None


async def stop(session: AsyncSession, by: str, reason: BrakeReason, now: datetime) -> None:
    """From the commit on nobody gets a pass. The caller holds the row."""
    await session.execute(
        update(Brake).where(col(Brake.id) == _ROW).values(stopped_at=now, stopped_by=by, reason=reason)
    )


async def start(session: AsyncSession, by: str, now: datetime) -> None:
    """Let passes out again, and count from here. The caller holds the row."""
    await session.execute(
        update(Brake)
        .where(col(Brake.id) == _ROW)
        .values(stopped_at=None, stopped_by=None, reason=None, started_at=now, started_by=by)
    )


async def counted(session: AsyncSession, since: datetime) -> int:
    """How many passes were made since then, with those that are being made."""
    moment = since.astimezone(UTC)
    under_way = (col(Case.state) == CaseState.ISSUING) & (col(Case.issuing_at) >= moment)
    found = await session.scalar(
        select(func.count()).select_from(Case).where(or_(col(Case.issued_at) >= moment, under_way))
    )
    return found or 0
