"""How often something may be tried: counted in the database, so that it holds across replicas and restarts."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Attempt
from handlers.store.inserting import insert_into

_STEPS: Final = 12
"""The window slides in steps: an attempt is forgotten between one window and a twelfth more after it."""
_KEEP: Final = timedelta(days=62)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def hit(session: AsyncSession, subject: str, now: datetime, window: timedelta, allowed: int) -> bool:
    """Count one attempt; False when ``allowed`` within ``window`` are used up, and then it does not count.

    A subject belongs to one limit: name the limit in it, as ``approver:<id>``.
    """
    return await take(session, subject, now, window, allowed, 1) == 1


async def take(
    session: AsyncSession, subject: str, now: datetime, window: timedelta, allowed: int, wanted: int
) -> int:
    """Count several attempts at once, as many as are left; how many that is."""
    step = window / _STEPS
    this = _EPOCH + (now - _EPOCH) // step * step
    row = (col(Attempt.subject) == subject, col(Attempt.window) == this)
    # Counted before it is judged: the row stays locked until the commit, so two at once cannot both be the last.
    await session.execute(
        insert_into(session, Attempt)
        .values(subject=subject, window=this, count=wanted)
        .on_conflict_do_update(
            index_elements=["subject", "window"], set_={"count": col(Attempt.count) + wanted}
        )
    )
    used = await session.scalar(
        select(func.sum(col(Attempt.count))).where(
            col(Attempt.subject) == subject, col(Attempt.window) > now - window - step
        )
    )
    over = wanted if used is None else min(wanted, max(0, used - allowed))
    if over:
        await session.execute(update(Attempt).where(*row).values(count=col(Attempt.count) - over))
    return wanted - over


async def forget(session: AsyncSession, subject: str, before: datetime) -> None:
    """Forget attempts of a subject that counts many of them."""
    await session.execute(
        delete(Attempt).where(col(Attempt.subject) == subject, col(Attempt.window) < before)
    )


async def purge(session: AsyncSession, now: datetime) -> None:
    """Forget attempts that no limit counts any more."""
    await session.execute(delete(Attempt).where(col(Attempt.window) < now - _KEEP))
