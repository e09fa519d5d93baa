"""The places beside the support channel where the card of a case stands."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import CardCopy
from handlers.store.inserting import insert_into


async def add(session: AsyncSession, copy: CardCopy) -> bool:
    """One more place, once. False when the card stands there already."""
    added = await session.execute(
        insert_into(session, CardCopy)
        .values(**copy.model_dump())
        .on_conflict_do_nothing(index_elements=["case", "platform", "tenant", "user"])
        .returning(col(CardCopy.case))
    )
    return added.first() is not None


async def of_case(session: AsyncSession, case: str) -> Sequence[CardCopy]:
    """Every one of them, the oldest first."""
    found = await session.scalars(
        select(CardCopy).where(col(CardCopy.case) == case).order_by(col(CardCopy.at), col(CardCopy.user))
    )
    return list(found.all())
