"""Whose turn it is to read the registration report, and how it went the last time."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import ReportReading, Trouble
from handlers.store.leases import run_out

LEASE: Final = timedelta(minutes=5)
"""A page takes seconds, and two minutes where Microsoft Graph asks for a pause."""
_ROW: Final = col(ReportReading.id) == 1


async def state(session: AsyncSession) -> ReportReading:
    """How it went."""
    found = await session.scalars(select(ReportReading).where(_ROW))
    return found.one()


async def take(session: AsyncSession, now: datetime, every: timedelta) -> bool:
    """Set about reading it. False while another replica does, or as long as it was read a short time ago."""
    ended, lease = col(ReportReading.ended_at), col(ReportReading.lease_until)
    taken = await session.execute(
        update(ReportReading)
        .where(
            _ROW,
            or_(lease.is_(None), run_out(lease, now, LEASE)),
            # A clock that was set back must not stop it for as long.
            or_(ended.is_(None), ended <= now - every, ended > now),
        )
        .values(began_at=now, lease_until=now + LEASE)
        .returning(col(ReportReading.id))
    )
    return taken.first() is not None


async def renew(session: AsyncSession, now: datetime) -> None:
    """It is still being read."""
    await session.execute(update(ReportReading).where(_ROW).values(lease_until=now + LEASE))


async def done(session: AsyncSession, now: datetime, *, accounts: int, requests: int) -> None:
    """It was read whole."""
    await session.execute(
        update(ReportReading)
        .where(_ROW)
        .values(ended_at=now, lease_until=None, accounts=accounts, requests=requests, trouble=None)
    )


async def refused(session: AsyncSession, now: datetime, trouble: Trouble) -> bool:
    """It cannot be read. False when that was known before."""
    known = col(ReportReading.trouble)
    news = await session.execute(
        update(ReportReading)
        .where(_ROW, or_(known.is_(None), known != trouble))
        .values(trouble=trouble)
        .returning(col(ReportReading.id))
    )
    await session.execute(update(ReportReading).where(_ROW).values(ended_at=now, lease_until=None))
    return news.first() is not None
