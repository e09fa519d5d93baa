"""Which reminders of the plan are due, and the record of what became of each."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Due, PlanEntry
from handlers.rollout import pauses
from handlers.rollout.demand import Pace, demand, is_plenty
from handlers.rollout.keys import Outcome
from handlers.rollout.pauses import is_paused
from handlers.rollout.when import Calendar, Slot, activation_days, slots
from handlers.store.database import Database
from handlers.store.inserting import insert_into

KEY: Final = ("account", "activation_day", "offset")
Quotas = dict[tuple[str, date], int]


@dataclass(frozen=True)
class DueSlot:
    """A reminder that all accounts of one activation day are due."""

    activation_day: date
    slot: Slot


@dataclass(frozen=True)
class DueEntries:
    """A few accounts, and the reminder that they are due."""

    due: DueSlot
    entries: Sequence[PlanEntry]


async def due_slots(
    session: AsyncSession, day: date, offsets: Iterable[int], calendar: Calendar
) -> list[DueSlot]:
    """The reminders that go on this day, those of the nearest activation day first."""
    meant = tuple(offsets)
    first, last = activation_days(day, meant, calendar)
    return [
        DueSlot(activation_day, slot)
        for activation_day in await planned_days(session, first, last)
        for slot in slots(activation_day, meant, calendar)
        if slot.day == day
    ]


async def planned_days(session: AsyncSession, first: date, last: date) -> list[date]:
    """The activation days of the plan between two days, both included."""
    day = col(PlanEntry.activation_day)
    return list(await session.scalars(select(day).where(day.between(first, last)).distinct().order_by(day)))


async def due_entries(
    database: Database,
    day: date,
    offsets: Iterable[int],
    calendar: Calendar,
    at_once: int,
    *chosen: ColumnElement[bool],
) -> AsyncIterator[DueEntries]:
    """The accounts whose reminder goes on this day and has no record yet, a few at a time, of each reminder in turn.

    So no activation day waits for another to be done with. Those last seen ready come after all others, so that a
    look-up limit is spent on those who need it.
    """
    async with database.reading() as session:
        found = await due_slots(session, day, offsets, calendar)
    for is_ready in (False, True):
        after = dict.fromkeys(found, "")
        while after:
            for due in list(after):
                entries = await _page(database, due, after.pop(due), at_once, is_ready=is_ready, more=chosen)
                if entries:
                    after[due] = entries[-1].account
                    yield DueEntries(due, entries)


async def quotas(
    database: Database, today: date, offsets: tuple[int, ...], calendar: Calendar, pace: Pace
) -> Quotas:
    """By chat and activation day: how many are to get their next reminder today, since its own day has too many."""
    async with database.reading() as session:
        if not await is_plenty(session, today, offsets, calendar, pace):
            return {}
        return (await demand(session, today, offsets, calendar, pace)).early(today)


async def early_entries(
    database: Database,
    today: date,
    offsets: tuple[int, ...],
    calendar: Calendar,
    pace: Pace,
    left: Quotas,
    at_once: int,
    *chosen: ColumnElement[bool],
) -> AsyncIterator[DueEntries]:
    """Accounts whose next reminder goes today, a few at a time; the quotas shrink by them.

    Who is due another one today gets the later one in its place; who has had today's is left for the next day.
    """
    for platform, activation_day in sorted(left):
        due, own = _next(activation_day, today, offsets, calendar)
        if due is None:
            continue
        more = [*chosen, pace.platform() == platform, *(~is_recorded(offset) for offset in own)]
        after = ""
        while most := min(at_once, left[platform, activation_day]):
            entries = await _page(database, due, after, most, is_ready=False, more=more)
            if not entries:
                break
            left[platform, activation_day] -= len(entries)
            after = entries[-1].account
            yield DueEntries(due, entries)


def _next(
    activation_day: date, today: date, offsets: tuple[int, ...], calendar: Calendar
) -> tuple[DueSlot | None, tuple[int, ...]]:
    """The first reminder after today as it goes today, and today's own that it takes the place of."""
    own: tuple[int, ...] = ()
    for slot in slots(activation_day, offsets, calendar):
        if slot.day == today:
            own = (*slot.merged, slot.offset)
        if slot.day > today:
            return DueSlot(activation_day, Slot(today, slot.offset, (*own, *slot.merged))), own[-1:]
    return None, ()


async def _page(
    database: Database,
    due: DueSlot,
    after: str,
    limit: int,
    *,
    is_ready: bool,
    more: Iterable[ColumnElement[bool]] = (),
) -> Sequence[PlanEntry]:
    ready_at = col(PlanEntry.ready_at)
    async with database.reading() as session:
        rows = await session.scalars(
            select(PlanEntry)
            .where(
                col(PlanEntry.activation_day) == due.activation_day,
                col(PlanEntry.account) > after,
                ready_at.is_not(None) if is_ready else ready_at.is_(None),
                ~is_recorded(due.slot.offset),
                ~is_paused(),
                *more,
            )
            .order_by(col(PlanEntry.account))
            .limit(limit)
        )
        return rows.all()


def is_recorded(offset: int) -> ColumnElement[bool]:
    """Whether it is on record what became of the reminder of this offset."""
    return exists().where(
        col(Due.account) == PlanEntry.account,
        col(Due.activation_day) == PlanEntry.activation_day,
        col(Due.offset) == offset,
    )


async def still_planned(session: AsyncSession, due: DueEntries) -> set[str]:
    """Who has not been moved, removed or paused meanwhile; nobody is until the transaction ends."""
    await pauses.hold(session)
    accounts = [entry.account for entry in due.entries]
    return set(
        await session.scalars(
            select(col(PlanEntry.account))
            .where(
                col(PlanEntry.account).in_(accounts),
                col(PlanEntry.activation_day) == due.due.activation_day,
                ~is_paused(),
            )
            .order_by(col(PlanEntry.account))
            .with_for_update()
        )
    )


async def untold_ready(database: Database, due: DueEntries) -> set[str]:
    """Those of the accounts who have not been told of this activation day that they are ready."""
    accounts = {entry.account for entry in due.entries}
    async with database.reading() as session:
        told = await session.scalars(
            select(col(Due.account)).where(
                col(Due.account).in_(accounts),
                col(Due.activation_day) == due.due.activation_day,
                col(Due.outcome) == Outcome.TOLD_READY,
            )
        )
        return accounts - set(told)


async def record(session: AsyncSession, account: str, due: DueSlot, outcome: Outcome, now: datetime) -> bool:
    """Write down what becomes of a reminder, and of those it takes the place of. False: another replica has."""
    rows = [
        {"account": account, "activation_day": due.activation_day, "offset": offset, "outcome": it, "at": now}
        for offset, it in (
            (due.slot.offset, outcome),
            *((merged, Outcome.MERGED) for merged in due.slot.merged),
        )
    ]
    for row in rows:
        new = await session.execute(
            insert_into(session, Due)
            .values(row)
            .on_conflict_do_nothing(index_elements=KEY)
            .returning(col(Due.account))
        )
        if row is rows[0] and new.first() is None:
            return False
    return True


async def mark_ready(session: AsyncSession, account: str, *, is_ready: bool, now: datetime) -> None:
    """Keep since when an account is ready; one that is not any more loses the mark."""
    ready_at = col(PlanEntry.ready_at)
    changes = ready_at.is_(None) if is_ready else ready_at.is_not(None)
    await session.execute(
        update(PlanEntry)
        .where(col(PlanEntry.account) == account, changes)
        .values(ready_at=now if is_ready else None)
        .execution_options(synchronize_session=False)
    )
