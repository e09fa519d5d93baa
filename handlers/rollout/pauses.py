"""Pausing the rollout, whole or a wave of it: kept in the database, with who and when; nothing goes out meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import MovedDay, Outgoing, Pause, PlanEntry
from handlers.rollout.batches import batches
from handlers.rollout.keys import MOVED_PREFIX, PREFIX, named_by
from handlers.rollout.queued import pending_keys, put_back
from handlers.store.database import Database

_LOCK: Final = 771_003
"""Names the advisory lock between those who put messages into the outbox and those who pause."""


def is_paused() -> ColumnElement[bool]:
    """Whether an entry of the plan is paused now."""
    wave = col(Pause.wave)
    return exists().where(col(Pause.resumed_at).is_(None), or_(wave.is_(None), wave == PlanEntry.wave))


async def hold(session: AsyncSession) -> None:
    """Nobody begins a pause until the transaction ends. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock_shared(:id)"), {"id": _LOCK})


async def active(session: AsyncSession) -> Sequence[Pause]:
    """The pauses that last, in order."""
    lasting = select(Pause).where(col(Pause.resumed_at).is_(None)).order_by(col(Pause.id))
    return (await session.scalars(lasting)).all()


async def waves(session: AsyncSession) -> list[str]:
    """The names of the waves that the plan has."""
    wave = col(PlanEntry.wave)
    return list(filter(None, await session.scalars(select(wave).distinct().order_by(wave))))


async def pause(database: Database, wave: str | None, by: str, now: datetime) -> bool:
    """Stop reminding a wave, or everybody. What waits in the outbox is taken back. False: it was paused already."""
    async with database.transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            await session.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK})
        if any(it.wave == wave for it in await active(session)):
            return False
        session.add(Pause(wave=wave, paused_at=now, paused_by=by))
        for keys in batches(await _of(session, wave)):
            await put_back(session, col(Outgoing.key).in_(keys))
    return True


async def resume(database: Database, wave: str | None, by: str, now: datetime) -> bool:
    """Go on with what a pause stopped. What has become stale is dropped by the next tick. False: it was not paused."""
    async with database.transaction() as session:
        ended = await session.execute(
            update(Pause)
            .where(
                col(Pause.resumed_at).is_(None),
                col(Pause.wave).is_(None) if wave is None else col(Pause.wave) == wave,
            )
            .values(resumed_at=now, resumed_by=by)
            .returning(col(Pause.id))
        )
        return ended.first() is not None


async def _of(session: AsyncSession, wave: str | None) -> list[str]:
    """The keys of what waits for people of a wave."""
    keys = await pending_keys(session)
    if wave is None:
        return keys
    chosen: list[str] = []
    for some in batches(keys):
        accounts = await _accounts(session, some)
        members = set(
            await session.scalars(
                select(col(PlanEntry.account)).where(
                    col(PlanEntry.account).in_(accounts.values()), col(PlanEntry.wave) == wave
                )
            )
        )
        chosen += [key for key in some if accounts.get(key) in members]
    return chosen


async def _accounts(session: AsyncSession, keys: Sequence[str]) -> dict[str, str]:
    """Whose message each is."""
    accounts = {key: named_by(key)[0] for key in keys if key.startswith(PREFIX)}
    moved = {int(key.removeprefix(MOVED_PREFIX)): key for key in keys if key.startswith(MOVED_PREFIX)}
    found = await session.execute(
        select(col(MovedDay.id), col(MovedDay.account)).where(col(MovedDay.id).in_(moved))
    )
    return accounts | {moved[id]: account for id, account in found if id is not None}
