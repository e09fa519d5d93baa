"""What the rollout has in the outbox that nobody has begun to send."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Due, MovedDay, OutboxState, Outgoing
from handlers.rollout.batches import batches
from handlers.rollout.keys import MOVED_PREFIX, PREFIX, Told, named_by

_IS_PENDING: Final = OutboxState.PENDING


def is_ours() -> ColumnElement[bool]:
    """Whether a message is one of the rollout's."""
    key = col(Outgoing.key)
    return or_(key.startswith(PREFIX, autoescape=True), key.startswith(MOVED_PREFIX, autoescape=True))


async def put_back(session: AsyncSession, chosen: ColumnElement[bool]) -> int:
    """Take messages out of the outbox as if they had never been put in, so that they may be planned again.

    One that may have gone out before is dropped instead: it would be a second one.
    """
    pending = and_(chosen, col(Outgoing.state) == _IS_PENDING)
    await session.execute(
        update(Outgoing)
        .where(pending, col(Outgoing.repeated))
        .values(state=OutboxState.DROPPED, data=None)
        .execution_options(synchronize_session=False)
    )
    keys = (
        await session.scalars(
            delete(Outgoing)
            .where(pending)
            .returning(col(Outgoing.key))
            .execution_options(synchronize_session=False)
        )
    ).all()
    for some in batches(keys):
        await _forget(session, some)
    return len(keys)


async def _forget(session: AsyncSession, keys: Sequence[str]) -> None:
    reminders = [named_by(key) for key in keys if key.startswith(PREFIX)]
    moved = [int(key.removeprefix(MOVED_PREFIX)) for key in keys if key.startswith(MOVED_PREFIX)]
    if reminders:
        named = tuple_(col(Due.account), col(Due.activation_day), col(Due.offset))
        await session.execute(delete(Due).where(named.in_(reminders)))
    if moved:
        await session.execute(
            update(MovedDay).where(col(MovedDay.id).in_(moved)).values(outcome=Told.WAITING)
        )


async def pending_keys(session: AsyncSession) -> list[str]:
    """The keys of what waits."""
    found = await session.scalars(
        select(col(Outgoing.key)).where(is_ours(), col(Outgoing.state) == _IS_PENDING)
    )
    return list(found)
