"""What comes too late: reminders whose day went by are never sent, and that is put on record."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, CursorResult, and_, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Due, OutboxState, Outgoing, PlanEntry
from handlers.rollout.due import KEY, DueSlot, is_recorded, planned_days
from handlers.rollout.keys import MOVED_PREFIX, PREFIX, Outcome, named_by
from handlers.rollout.queued import put_back
from handlers.rollout.when import Calendar, activation_days, slots
from handlers.store.database import Database
from handlers.store.inserting import insert_into

_BATCH: Final = 500
_AT: Final = Due.metadata.tables["reminder"].c.at.type
_LOOK_BACK: Final = timedelta(days=31)
"""How far back a reminder that never went is looked for."""


def last_closing(calendar: Calendar, now: datetime) -> datetime:
    """When the working hours last ended."""
    today = calendar.today(now)
    closes = calendar.window(today).closes
    return closes if closes <= now else calendar.window(today - timedelta(days=1)).closes


async def drop_late(database: Database, calendar: Calendar, now: datetime) -> int:
    """Take reminders out of the outbox that waited there until after working hours.

    The news that a day was moved waits for the next working day instead.

    One for somebody in a zone further west may be due after the organisation's hours: it has as many hours.
    """
    due_at = col(Outgoing.due_at)
    late_at = and_(
        col(Outgoing.state) == OutboxState.PENDING,
        or_(due_at < last_closing(calendar, now), due_at <= now - calendar.hours.length),
    )
    late = and_(late_at, col(Outgoing.key).startswith(PREFIX, autoescape=True))
    moved = and_(late_at, col(Outgoing.key).startswith(MOVED_PREFIX, autoescape=True))
    if await _any(database, moved):
        async with database.transaction() as session:
            await put_back(session, moved)
    dropped = 0
    while await _any(database, late):
        async with database.transaction() as session:
            chosen = select(col(Outgoing.id)).where(late).limit(_BATCH).with_for_update(skip_locked=True)
            keys = (
                await session.scalars(
                    update(Outgoing)
                    .where(col(Outgoing.id).in_((await session.scalars(chosen)).all()))
                    .values(state=OutboxState.DROPPED, data=None)
                    .returning(col(Outgoing.key))
                    .execution_options(synchronize_session=False)
                )
            ).all()
            if not keys:
                break
            rows = [dict(zip(KEY, named_by(key), strict=True)) for key in keys]
            await session.execute(update(Due), [{**row, "outcome": Outcome.STALE, "at": now} for row in rows])
        dropped += len(keys)
    return dropped


async def _any(database: Database, late: ColumnElement[bool]) -> bool:
    """Looked up without holding up a writer, since there is hardly ever any."""
    async with database.reading() as session:
        return await session.scalar(select(col(Outgoing.id)).where(late).limit(1)) is not None


async def record_stale(database: Database, offsets: Iterable[int], calendar: Calendar, now: datetime) -> int:
    """Put on record what was to go on an earlier day and never did, of accounts that were planned in time."""
    meant = tuple(offsets)
    today = calendar.today(now)
    first, last = activation_days(today, meant, calendar)
    async with database.reading() as session:
        days = await planned_days(session, first - _LOOK_BACK, last)
    missed = 0
    for activation_day in days:
        for slot in slots(activation_day, meant, calendar):
            closes = calendar.window(slot.day).closes
            if slot.day >= today - _LOOK_BACK and closes <= now:
                async with database.transaction() as session:
                    missed += await _record_all(session, DueSlot(activation_day, slot), closes, now)
    return missed


async def _record_all(session: AsyncSession, due: DueSlot, closes: datetime, now: datetime) -> int:
    missed = 0
    outcomes = {due.slot.offset: Outcome.STALE} | dict.fromkeys(due.slot.merged, Outcome.MERGED)
    for offset, outcome in outcomes.items():
        never_went = (
            select(
                col(PlanEntry.account),
                col(PlanEntry.activation_day),
                literal(offset),
                literal(str(outcome)),
                literal(now, _AT),
            )
            .where(
                col(PlanEntry.activation_day) == due.activation_day,
                col(PlanEntry.changed_at) < closes,
                ~is_recorded(offset),
            )
            .order_by(col(PlanEntry.account))
        )
        added = await session.execute(
            insert_into(session, Due)
            .from_select([*KEY, "outcome", "at"], never_went)
            .on_conflict_do_nothing(index_elements=KEY)
        )
        if outcome is Outcome.STALE and isinstance(added, CursorResult):
            missed += added.rowcount
    return missed
