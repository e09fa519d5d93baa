"""When support answers. Pure: the calendar of support's working days and hours, and the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.rollout.when import Calendar

_DAY = timedelta(days=1)


class Opens(StrEnum):
    """When somebody answers, as one would say it."""

    NOW = "now"
    TODAY = "today"
    TOMORROW = "tomorrow"
    DAY = "day"


@dataclass(frozen=True)
class Opening:
    """When somebody answers. ``at`` is the hour at which they come to work; none while they are there."""

    opens: Opens
    at: datetime | None = None


def opening(calendar: Calendar, now: datetime) -> Opening:
    """Whether support is at work, or when it is next."""
    today = calendar.today(now)
    window = calendar.window(today)
    if not calendar.is_quiet(today) and now < window.closes:
        return Opening(Opens.NOW) if now in window else Opening(Opens.TODAY, window.opens)
    day = today + _DAY
    while calendar.is_quiet(day):
        day += _DAY
    return Opening(Opens.TOMORROW if day == today + _DAY else Opens.DAY, calendar.window(day).opens)
