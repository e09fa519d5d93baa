"""A day that was moved: what was to be said of the old one is withdrawn, and who had heard of it is told, once."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import and_, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.messages import DayMoved
from handlers.records import Due, MovedDay, OutboxState, Outgoing, PlanEntry
from handlers.rollout import pauses
from handlers.rollout.batches import batches
from handlers.rollout.changes import Change
from handlers.rollout.keys import PRIORITY, Outcome, Told, moved_key, reminder_key
from handlers.rollout.looking import Finding, Looking
from handlers.rollout.pauses import is_paused
from handlers.rollout.when import Calendar
from handlers.store import outbox

_AT_ONCE: Final = 10
_WENT: Final = (OutboxState.SENDING, OutboxState.SENT)


async def note(session: AsyncSession, changes: Sequence[Change], now: datetime) -> None:
    """Withdraw what waits to be said of the old days, and write down who has to hear of a new one."""
    heard = await _news(session, changes)
    heard |= await _reminded(session, changes)
    rows = [
        {"account": it.account, "before": before, "after": it.day_after, "outcome": Told.WAITING, "at": now}
        for it in changes
        if it.day_after is not None and (before := heard.get(it.account)) not in (None, it.day_after)
    ]
    if rows:
        await session.execute(insert(MovedDay), rows)


async def _reminded(session: AsyncSession, changes: Sequence[Change]) -> dict[str, date]:
    """Who has been reminded of the old day."""
    days = {change.account: change.day_before for change in changes}
    queued = select(col(Due.account), col(Due.activation_day), col(Due.offset)).where(
        col(Due.account).in_(days), col(Due.outcome) == Outcome.QUEUED
    )
    keys = {
        reminder_key(account, day, offset): (account, day)
        for account, day, offset in await session.execute(queued)
        if days[account] == day
    }
    return {keys[key][0]: keys[key][1] for key in await _dropped(session, list(keys))}


async def _news(session: AsyncSession, changes: Sequence[Change]) -> dict[str, date]:
    """Whom the last news told what, or would have: what has not gone out is withdrawn."""
    found = await session.execute(
        select(col(MovedDay.id), col(MovedDay.account), col(MovedDay.before), col(MovedDay.after))
        .where(
            col(MovedDay.account).in_([change.account for change in changes]),
            col(MovedDay.outcome).in_((Told.WAITING, Outcome.QUEUED)),
        )
        .order_by(col(MovedDay.id))
    )
    rows = found.all()
    went = await _dropped(session, [moved_key(row.id) for row in rows])
    unsaid = [row.id for row in rows if moved_key(row.id) not in went]
    await session.execute(update(MovedDay).where(col(MovedDay.id).in_(unsaid)).values(outcome=Told.WITHDRAWN))
    return {row.account: row.after if moved_key(row.id) in went else row.before for row in rows}


async def _dropped(session: AsyncSession, keys: Sequence[str]) -> set[str]:
    """Take what waits out of the outbox; the keys of what has gone out or is under way."""
    went: set[str] = set()
    for some in batches(keys):
        among = col(Outgoing.key).in_(some)
        await session.execute(
            update(Outgoing)
            .where(among, col(Outgoing.state) == OutboxState.PENDING)
            .values(state=OutboxState.DROPPED, data=None)
        )
        gone = select(col(Outgoing.key)).where(among, col(Outgoing.state).in_(_WENT))
        went |= set(await session.scalars(gone))
    return went


async def tell_moved(looking: Looking, calendar: Calendar, now: datetime, room: int) -> int:
    """Put into the outbox who has to hear of a new day, so many at most; how many were looked at.

    Who is ready, or cannot be reached, is not told. A new day that has come needs no news: the reminder says it.
    """
    seen, after = 0, 0
    while seen < room and (found := await _waiting(looking, after, min(_AT_ONCE, room - seen))):
        after = found[-1][0].id or 0
        seen += len(found)
        today = calendar.today(now)
        stale = [moved for moved, _ in found if moved.after <= today]
        fresh = [it for it in found if it[0].after > today and it[1].account not in looking.rests]
        findings = await asyncio.gather(*(looking.look(entry) for _, entry in fresh))
        async with looking.database.transaction() as session:
            await pauses.hold(session)
            for moved in stale:
                await _settle(session, moved, Outcome.STALE, now)
            for (moved, entry), finding in zip(fresh, findings, strict=True):
                if finding is not None:
                    await _post(session, moved, entry, finding, calendar, now)
    return seen


async def _waiting(looking: Looking, after: int, limit: int) -> Sequence[tuple[MovedDay, PlanEntry]]:
    async with looking.database.reading() as session:
        rows = await session.execute(
            select(MovedDay, PlanEntry)
            .join(
                PlanEntry,
                and_(
                    col(PlanEntry.account) == MovedDay.account,
                    col(PlanEntry.activation_day) == MovedDay.after,
                ),
            )
            .where(col(MovedDay.outcome) == Told.WAITING, col(MovedDay.id) > after, ~is_paused())
            .order_by(col(MovedDay.id))
            .limit(limit)
        )
        return [(moved, entry) for moved, entry in rows]


async def _post(
    session: AsyncSession,
    moved: MovedDay,
    entry: PlanEntry,
    finding: Finding,
    calendar: Calendar,
    now: datetime,
) -> None:
    paused = select(col(PlanEntry.account)).where(col(PlanEntry.account) == entry.account, is_paused())
    if (await session.scalar(paused)) is not None or moved.id is None:
        return
    if await _settle(session, moved, finding.outcome, now) and finding.recipient is not None:
        post = outbox.Post(
            key=moved_key(moved.id),
            target=finding.recipient.person,
            data=DayMoved(moved.before, moved.after, finding.lacking),
            language=finding.recipient.language,
            due_at=finding.recipient.earliest(calendar, now),
            priority=PRIORITY,
        )
        await outbox.add(session, post)


async def _settle(session: AsyncSession, moved: MovedDay, outcome: Outcome, now: datetime) -> bool:
    """Once: a move that was withdrawn meanwhile, or told by another replica, stays as it is."""
    settled = await session.execute(
        update(MovedDay)
        .where(col(MovedDay.id) == moved.id, col(MovedDay.outcome) == Told.WAITING)
        .values(outcome=outcome, at=now)
        .returning(col(MovedDay.id))
        .execution_options(synchronize_session=False)
    )
    return settled.first() is not None
