"""How many reminders fit into a day at the rate of a chat, and which days begin the working day before. Pure.

What does not fit into a day's hours goes on the working day before, as far back as need be; never later. Somebody who
then has two on one day gets the later one alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from handlers.rollout.when import Calendar

Cells = Mapping[tuple[date, date], int]
"""How many accounts, by the day on which they are reminded and their activation day."""


@dataclass(frozen=True)
class Spread:
    """What goes when."""

    early: Cells
    """Whose next reminder goes on this day already, though it was meant for a later one."""
    messages: Mapping[date, int]
    """All that goes on each day."""
    too_many: int
    """What does not fit into the first day either: nothing can begin before it."""


def room(calendar: Calendar, a_minute: int) -> int:
    """How many messages fit into the working hours of a day."""
    return int(calendar.hours.length / timedelta(minutes=1)) * a_minute


def spread(days: Sequence[date], meant: Cells, most: int) -> Spread:
    """Spread what is meant for these working days, in order, so that no day but the first has too much."""
    early: dict[tuple[date, date], int] = {}
    messages: dict[date, int] = {}
    too_many = 0
    for index in range(len(days) - 1, -1, -1):
        day = days[index]
        loads = _loads(day, meant, early)
        excess = max(0, sum(loads.values()) - most)
        messages[day] = sum(loads.values()) - excess
        if index == 0:
            too_many = excess
            break
        for activation_day in sorted(loads, reverse=True):
            moved = min(excess, loads[activation_day])
            if moved:
                early[days[index - 1], activation_day] = moved
                excess -= moved
    return Spread(early, messages, too_many)


def _loads(day: date, meant: Cells, early: Cells) -> dict[date, int]:
    """Messages of a day by activation day: those who go early stand among those who have one that day anyway."""
    loads: dict[date, int] = {}
    for cells in (meant, early):
        for (on, activation_day), accounts in cells.items():
            if on == day:
                loads[activation_day] = max(loads.get(activation_day, 0), accounts)
    return loads


def by_hour(calendar: Calendar, day: date, messages: int, a_minute: int) -> Iterator[tuple[datetime, int]]:
    """How many go in each hour, from the opening on, until all have gone or the hours end."""
    window = calendar.window(day)
    begins = window.opens
    while messages > 0 and begins < window.closes:
        ends = min(begins + timedelta(hours=1), window.closes)
        going = min(messages, int((ends - begins) / timedelta(minutes=1)) * a_minute)
        yield begins, going
        messages -= going
        begins = ends


def working_days(calendar: Calendar, first: date, last: date) -> list[date]:
    """Every day from one to the other on which people are at work."""
    days = []
    while first <= last:
        if not calendar.is_quiet(first):
            days.append(first)
        first += timedelta(days=1)
    return days
