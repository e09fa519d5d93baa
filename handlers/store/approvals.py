"""Who said yes to a case: once each."""

from datetime import datetime

from sqlalchemy import select
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


async def of_case(session: AsyncSession, case: str) -> list[Approval]:
    """Every yes to a case, in order of time."""
    rows = await session.scalars(
        select(Approval).where(col(Approval.case) == case).order_by(col(Approval.at), col(Approval.id))
    )
    return list(rows.all())
