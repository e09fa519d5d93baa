"""All that the plan knows of one account. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Due, LeftOut, MovedDay, Outgoing, PlanChange, PlanEntry
from handlers.rollout import pauses, writing
from handlers.rollout.keys import Outcome, moved_key, reminder_key
from handlers.rollout.when import Calendar, slots
from handlers.store import registrations
from handlers.store.registrations import Facts


@dataclass(frozen=True)
class Message:
    """A reminder, or the news of another day: what became of it, or that it is to come."""

    activation_day: date
    offset: int | None
    """Nothing: the news that the day was moved."""
    goes: date
    outcome: str | None
    """Nothing: it is to come."""
    state: str | None = None
    """Where it stands in the outbox, if it was put there."""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class History:
    """One change of the plan."""

    at: datetime
    by: str
    reason: str
    before: date | None
    after: date | None


@dataclass(frozen=True)
class About:
    """One account."""

    account: str
    entry: PlanEntry | None
    """Nothing: it is not in the plan."""
    is_left_out: bool
    is_paused: bool
    messages: tuple[Message, ...]
    history: tuple[History, ...]
    seen: Facts | None
    """What it had set up when the bot last looked, if it ever has."""

    @property
    def is_known(self) -> bool:
        """Whether the plan has ever heard of it."""
        return self.entry is not None or bool(self.history)


async def named(session: AsyncSession, name: str) -> str | None:
    """The account that goes by this object id, user principal name or mail address in the plan."""
    found = await writing.named(session, [name.casefold()])
    held = found.get(name.casefold())
    return held.account if held else None


async def about(
    session: AsyncSession, account: str, offsets: Iterable[int], calendar: Calendar, now: datetime
) -> About:
    """What the plan holds, what was said and is to be said, and every change with who and why."""
    entry = await session.get(PlanEntry, account)
    changes = await session.scalars(
        select(PlanChange).where(col(PlanChange.account) == account).order_by(col(PlanChange.id))
    )
    said = [*await _reminders(session, account, calendar), *await _news(session, account, calendar)]
    if entry is not None and not entry.excluded:
        said += _to_come(entry, said, offsets, calendar, now)
    stopped = {pause.wave for pause in await pauses.active(session)}
    return About(
        account=account,
        entry=entry,
        is_left_out=await session.get(LeftOut, account) is not None,
        is_paused=entry is not None and (None in stopped or (entry.wave in stopped)),
        messages=tuple(sorted(said, key=lambda it: (it.goes, it.activation_day, it.offset or 0))),
        history=tuple(History(it.at, it.by, it.reason, it.before, it.after) for it in changes),
        seen=await registrations.of(session, account),
    )


async def _reminders(session: AsyncSession, account: str, calendar: Calendar) -> list[Message]:
    found = (await session.scalars(select(Due).where(col(Due.account) == account))).all()
    keys = [reminder_key(account, due.activation_day, due.offset) for due in found]
    rows = await _rows(session, keys)
    return [
        _message(rows.get(key), calendar, due.activation_day, due.offset, due.outcome, due.at)
        for due, key in zip(found, keys, strict=True)
    ]


async def _news(session: AsyncSession, account: str, calendar: Calendar) -> list[Message]:
    found = (await session.scalars(select(MovedDay).where(col(MovedDay.account) == account))).all()
    rows = await _rows(session, [moved_key(moved.id or 0) for moved in found])
    return [
        _message(rows.get(moved_key(it.id or 0)), calendar, it.after, None, it.outcome, it.at) for it in found
    ]


async def _rows(session: AsyncSession, keys: list[str]) -> dict[str, Outgoing]:
    found = await session.scalars(select(Outgoing).where(col(Outgoing.key).in_(keys)))
    return {row.key: row for row in found}


def _message(
    row: Outgoing | None, calendar: Calendar, day: date, offset: int | None, outcome: str, at: datetime
) -> Message:
    if row is None:
        return Message(day, offset, calendar.today(at), outcome)
    return Message(day, offset, calendar.today(at), outcome, row.state, row.sent_at)


def _to_come(
    entry: PlanEntry, said: Iterable[Message], offsets: Iterable[int], calendar: Calendar, now: datetime
) -> list[Message]:
    """The reminders that can still go and have no record, if nothing changes."""
    recorded = {(it.activation_day, it.offset) for it in said if it.outcome in set(Outcome)}
    return [
        Message(entry.activation_day, slot.offset, slot.day, None)
        for slot in slots(entry.activation_day, offsets, calendar)
        if now < calendar.window(slot.day).closes and (entry.activation_day, slot.offset) not in recorded
    ]
