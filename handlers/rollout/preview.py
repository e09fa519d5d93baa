"""What would go out on a day, by the plan as it is now. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import PlanEntry
from handlers.rollout import pauses
from handlers.rollout.demand import Demand, Pace, demand
from handlers.rollout.difference import OffDay
from handlers.rollout.due import DueSlot, due_slots, is_recorded
from handlers.rollout.room import by_hour
from handlers.rollout.when import Calendar


@dataclass(frozen=True)
class PreviewSlot:
    """A reminder that would go, and to how many at most: who is ready by then gets none."""

    activation_day: date
    wave: str | None
    offset: int
    as_sent: int
    """Days from the activation day on the day it goes."""
    merged: tuple[int, ...]
    accounts: int
    ready: int


@dataclass(frozen=True)
class PreviewChat:
    """What one chat has to take on the day, as far as one can tell who is reached where."""

    platform: str
    messages: int
    """All that goes, those of later days that begin on this one included."""
    early: int
    """Meant for a later day that has too many."""
    begun: int
    """Of this day's, what begins on the working day before."""
    too_many: int
    """What does not fit and could not begin before: it goes by unsaid, and the next reminder follows."""
    hours: tuple[tuple[datetime, int], ...]


@dataclass(frozen=True)
class Preview:
    """What would go out on a day."""

    on: date
    is_quiet: bool
    """Nobody is reminded: what would fall on this day goes earlier."""
    slots: tuple[PreviewSlot, ...] = ()
    chats: tuple[PreviewChat, ...] = ()
    off_days: tuple[OffDay, ...] = ()
    """Activation days among them on which nobody is at work."""
    paused: tuple[str | None, ...] = ()
    """Waves that pause now; nothing: the whole rollout. They are in no count."""


async def preview(
    session: AsyncSession,
    on: date,
    *,
    offsets: tuple[int, ...],
    calendar: Calendar,
    pace: Pace,
    now: datetime,
) -> Preview:
    """What would go out on this day; what is on record already is left out."""
    paused = tuple(pause.wave for pause in await pauses.active(session))
    if calendar.is_quiet(on):
        return Preview(on, True, paused=paused)
    slots: list[PreviewSlot] = []
    for due in await due_slots(session, on, offsets, calendar):
        slots += await _by_wave(session, due, on)
    first = min(_first(calendar, now), on)
    found = await demand(session, first, offsets, calendar, pace)
    return Preview(
        on,
        False,
        tuple(slots),
        tuple(_chat(platform, found, on, calendar, pace) for platform in pace.a_minute),
        _off_days(slots, calendar),
        paused,
    )


async def _by_wave(session: AsyncSession, due: DueSlot, on: date) -> list[PreviewSlot]:
    wave = col(PlanEntry.wave)
    ready = func.sum(case((col(PlanEntry.ready_at).is_not(None), 1), else_=0))
    rows = await session.execute(
        select(wave, func.count(), ready)
        .where(
            col(PlanEntry.activation_day) == due.activation_day,
            ~is_recorded(due.slot.offset),
            ~col(PlanEntry.excluded),
            ~pauses.is_paused(),
        )
        .group_by(wave)
        .order_by(wave)
    )
    as_sent = (on - due.activation_day).days
    return [
        PreviewSlot(due.activation_day, name, due.slot.offset, as_sent, due.slot.merged, accounts, seen_ready)
        for name, accounts, seen_ready in rows
    ]


def _first(calendar: Calendar, now: datetime) -> date:
    """The first day on which anything can still go."""
    today = calendar.today(now)
    return today if now < calendar.window(today).closes else calendar.next_day(today)


def _chat(platform: str, found: Demand, on: date, calendar: Calendar, pace: Pace) -> PreviewChat:
    spread, a_minute = found.by_platform[platform], pace.a_minute[platform]
    before = [day for day in found.days if day < on]
    messages = spread.messages.get(on, 0)
    is_first = bool(found.days) and found.days[0] == on
    return PreviewChat(
        platform=platform,
        messages=messages,
        early=sum(accounts for (day, _), accounts in spread.early.items() if day == on),
        begun=sum(accounts for (day, _), accounts in spread.early.items() if before and day == before[-1]),
        too_many=spread.too_many if is_first else 0,
        hours=tuple(by_hour(calendar, on, messages, a_minute)),
    )


def _off_days(slots: Sequence[PreviewSlot], calendar: Calendar) -> tuple[OffDay, ...]:
    accounts: dict[date, int] = {}
    for slot in slots:
        accounts[slot.activation_day] = accounts.get(slot.activation_day, 0) + slot.accounts
    return tuple(
        OffDay(day, why, count)
        for day, count in sorted(accounts.items())
        if (why := calendar.quiet_because(day)) is not None
    )
