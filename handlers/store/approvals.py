"""Who said yes to a case: once each."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Approval
from handlers.store.inserting import insert_into


async def add(session: AsyncSession, case: str, approver: str, name: str, at: datetime) -> None:
    """Write a yes down. A second one of the same approver changes nothing."""
    await session.execute(
        insert_into(session, Approval)
        .values(case=case, approver=approver, approver_name=name, at=at)
        .on_conflict_do_nothing(index_elements=["case", "approver"])
    )


async def of_approver(
    session: AsyncSession, approver: str, since: datetime, until: datetime | None = None
) -> list[datetime]:
    """When an approver said yes to anything since then, and up to another moment if one is given."""
    when = [col(Approval.at) > since, *([col(Approval.at) <= until] if until else [])]
    found = await session.scalars(select(col(Approval.at)).where(col(Approval.approver) == approver, *when))
    return list(found.all())


async def forget(session: AsyncSession, case: str) -> None:
    """What was approved earlier counts no more: the case is proved anew. The audit remembers it."""
    await session.execute(delete(Approval).where(col(Approval.case) == case))


async def of_case(session: AsyncSession, case: str) -> list[Approval]:
    """Every yes to a case, in order of time."""
    rows = await session.scalars(
        select(Approval).where(col(Approval.case) == case).order_by(col(Approval.at), col(Approval.id))
    )
    return list(rows.all())
