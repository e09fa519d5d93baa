"""The methods from before a pass. Each answer is one conditional update, so that no two act on it at once."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import OldMethod
from handlers.states import OldState

ANSWER_WITHIN: Final = timedelta(minutes=3)
"""A request to delete that is older has lost its answer: longer than the client tries."""
_OPEN: Final = sorted(state for state in OldState if not state.answered and state is not OldState.REMOVING)


async def remember(session: AsyncSession, rows: Iterable[OldMethod]) -> None:
    """Write down what there is, in the transaction that sees the new method for the first time."""
    session.add_all(rows)
    await session.flush()
    session.expunge_all()


async def of_case(session: AsyncSession, case: str) -> list[OldMethod]:
    """All of a case, in order."""
    found = await session.scalars(
        select(OldMethod).where(col(OldMethod.case) == case).order_by(col(OldMethod.number))
    )
    rows = list(found.all())
    for row in rows:
        session.expunge(row)
    return rows


async def begin(session: AsyncSession, case: str, number: int, now: datetime) -> OldMethod | None:
    """Take it up to be deleted. None: there is no such one, it is gone, or somebody is at it."""
    lost = and_(col(OldMethod.state) == OldState.REMOVING, col(OldMethod.asked_at) <= now - ANSWER_WITHIN)
    begun = await session.scalar(
        update(OldMethod)
        .where(
            col(OldMethod.case) == case,
            col(OldMethod.number) == number,
            or_(col(OldMethod.state).in_(_OPEN), lost),
        )
        .values(state=OldState.REMOVING, asked_at=now, tries=col(OldMethod.tries) + 1)
        .returning(OldMethod)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    if begun is not None:
        session.expunge(begun)
    return begun


async def settle(session: AsyncSession, row: OldMethod, state: OldState) -> bool:
    """How it ended. False when it stands elsewhere than in this row."""
    settled = await session.execute(
        update(OldMethod)
        .where(
            col(OldMethod.case) == row.case,
            col(OldMethod.number) == row.number,
            col(OldMethod.state) == row.state,
            col(OldMethod.tries) == row.tries,
        )
        .values(state=state)
        .returning(col(OldMethod.number))
        .execution_options(synchronize_session=False)
    )
    return settled.first() is not None
