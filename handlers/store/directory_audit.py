"""How far the directory audit is read, and which of our own acts account for the passes it tells of."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from graph.audits import MadePass
from handlers.records import AuditRow, Case, DirectoryPass, DirectoryWatch
from handlers.states import CaseState
from handlers.store.inserting import insert_into

EVERY: Final = timedelta(minutes=15)
OVERLAP: Final = timedelta(hours=2)
"""Entries come late: so far back is read once more."""
_KEEP: Final = timedelta(days=7)
_BEFORE, _AFTER = timedelta(minutes=2), timedelta(minutes=3)
"""How far our own act may lie after and before the entry: clocks differ, and a create may take a minute."""
_ROW: Final = 1


async def take(session: AsyncSession, now: datetime) -> datetime | None:
    """Set about reading: from when on. Nothing while the last look of any replica is younger than ``EVERY``."""
    looked = col(DirectoryWatch.looked_at)
    taken = await session.execute(
        update(DirectoryWatch)
        .where(
            col(DirectoryWatch.id) == _ROW,
            # A clock that was set back must not stop it for as long.
            or_(looked.is_(None), looked <= now - EVERY, looked > now),
        )
        .values(looked_at=now, began_at=func.coalesce(col(DirectoryWatch.began_at), now))
        .returning(col(DirectoryWatch.began_at), col(DirectoryWatch.read_at))
    )
    row = taken.one_or_none()
    if row is None:
        return None
    began: datetime = row.began_at
    return began if row.read_at is None else max(began, row.read_at - OVERLAP)


async def done(session: AsyncSession, until: datetime) -> None:
    """Everything up to then has been read, also where a replica that was faster says so."""
    read = col(DirectoryWatch.read_at)
    await session.execute(
        update(DirectoryWatch)
        .where(col(DirectoryWatch.id) == _ROW, or_(read.is_(None), read < until))
        .values(read_at=until)
    )


async def is_new(session: AsyncSession, made: MadePass) -> bool:
    """Whether nobody has judged this entry yet; from here on somebody has."""
    inserted = await session.execute(
        insert_into(session, DirectoryPass)
        .values(audit_id=made.audit_id[:200], at=made.at)
        .on_conflict_do_nothing(index_elements=["audit_id"])
        .returning(col(DirectoryPass.audit_id))
    )
    return inserted.first() is not None


async def account_for(session: AsyncSession, made: MadePass) -> bool:
    """Whether an act of a case of ours made this pass, and no other one yet."""
    taken = select(col(DirectoryPass.issuing)).where(col(DirectoryPass.issuing).is_not(None))
    ours = [col(Case.target) == made.account]
    if made.upn:
        ours.append(func.lower(col(Case.target_upn)) == made.upn.lower())
    found = await session.scalar(
        select(col(AuditRow.seq))
        .join(Case, col(Case.id) == col(AuditRow.case))
        .where(
            or_(*ours),
            col(AuditRow.action) == f"case.{CaseState.ISSUING}",
            col(AuditRow.at).between(made.at - _AFTER, made.at + _BEFORE),
            col(AuditRow.seq).not_in(taken),
        )
        .order_by(col(AuditRow.seq))
        .limit(1)
    )
    if found is None:
        return False
    await session.execute(
        update(DirectoryPass).where(col(DirectoryPass.audit_id) == made.audit_id[:200]).values(issuing=found)
    )
    return True


async def purge(session: AsyncSession, now: datetime) -> None:
    """Forget entries that are not read again."""
    await session.execute(delete(DirectoryPass).where(col(DirectoryPass.at) < now - _KEEP))
