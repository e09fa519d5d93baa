"""When a reminder is due: pure rules over an activation day, its offsets and the organisation's calendar.

A reminder that would fall on a weekend, a Norwegian public holiday or a quiet day moves earlier, so it never
comes later than planned, and never after the activation day if it was meant before or on it. Reminders that
come to lie on one day are one: that of the latest offset.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import holidays

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class Hours:
    """The local hours within which people are reminded, the same on every working day."""

    opens: time = time(8)
    closes: time = time(16)

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("working hours must open before they close")

    @property
    def length(self) -> timedelta:
        """How long a working day is."""
        return datetime.combine(date.min, self.closes) - datetime.combine(date.min, self.opens)


@dataclass(frozen=True)
class Window:
    """The stretch of time within which the reminders of one day may go: from ``opens``, before ``closes``."""

    opens: datetime
    closes: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.opens <= moment < self.closes


class Quiet(StrEnum):
    """Why nobody is reminded on a day."""

    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    OWN = "own"
    """One of the organisation's quiet days."""


@dataclass(frozen=True)
class Calendar:
    """The organisation's working days and hours."""

    zone: ZoneInfo
    hours: Hours
    quiet_days: frozenset[date]
    holidays: Container[date]

    @classmethod
    def norwegian(
        cls, zone: ZoneInfo | None = None, hours: Hours | None = None, quiet_days: Iterable[date] = ()
    ) -> "Calendar":
        """With Norway's public holidays. Christmas Eve and New Year's Eve are none: make them quiet days."""
        return cls(
            zone or ZoneInfo("Europe/Oslo"),
            hours or Hours(),
            frozenset(quiet_days),
            holidays.country_holidays("NO"),
        )

    def is_quiet(self, day: date) -> bool:
        """Whether nobody is reminded on this day."""
        return self.quiet_because(day) is not None

    def quiet_because(self, day: date) -> Quiet | None:
        """Why nobody is reminded on this day, if nobody is."""
        if day in self.holidays:
            return Quiet.HOLIDAY
        if day in self.quiet_days:
            return Quiet.OWN
        return Quiet.WEEKEND if day.weekday() >= _SATURDAY else None

    def working_day(self, day: date) -> date:
        """This day, or the nearest before it on which people are at work."""
        while self.is_quiet(day):
            day -= _DAY
        return day

    def next_day(self, day: date) -> date:
        """The day after, at work or not."""
        return day + _DAY

    def today(self, now: datetime) -> date:
        """The local date."""
        return now.astimezone(self.zone).date()

    def window(self, day: date, zone: ZoneInfo | None = None) -> Window:
        """The working hours of a day, in the organisation's zone or in somebody's own."""
        where = zone or self.zone
        return Window(_instant(day, self.hours.opens, where), _instant(day, self.hours.closes, where))


@dataclass(frozen=True)
class Slot:
    """One reminder: the day it goes, the offset that names it, and the offsets that it takes the place of."""

    day: date
    offset: int
    merged: tuple[int, ...] = ()


def due_day(activation_day: date, offset: int, calendar: Calendar) -> date:
    """The day on which the reminder of an offset goes."""
    return calendar.working_day(activation_day + offset * _DAY)


def slots(activation_day: date, offsets: Iterable[int], calendar: Calendar) -> tuple[Slot, ...]:
    """The reminders of an activation day in order, at most one a day."""
    by_day: dict[date, list[int]] = {}
    for offset in sorted(set(offsets)):
        by_day.setdefault(due_day(activation_day, offset, calendar), []).append(offset)
    return tuple(Slot(day, meant[-1], tuple(meant[:-1])) for day, meant in sorted(by_day.items()))


def next_reminder(
    activation_day: date, offsets: Iterable[int], calendar: Calendar, now: datetime
) -> Slot | None:
    """The first reminder that can still go. Who is added late gets this one, and none of those missed."""
    for slot in slots(activation_day, offsets, calendar):
        if now < calendar.window(slot.day).closes:
            return slot
    return None


def activation_days(day: date, offsets: Iterable[int], calendar: Calendar) -> tuple[date, date]:
    """The earliest and the latest activation day that a reminder going on ``day`` can belong to."""
    meant = sorted(set(offsets)) or [0]
    last = day
    while calendar.is_quiet(last + _DAY):
        last += _DAY
    return day - meant[-1] * _DAY, last - meant[0] * _DAY


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """A local time as an instant: one that the clocks skip is an hour later, one they repeat is the first."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
