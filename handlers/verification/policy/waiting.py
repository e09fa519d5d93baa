"""From when on an approved pass can be shown. Pure: the time of the last approval, and support's calendar."""

from datetime import datetime, timedelta

from handlers.rollout.when import Calendar
from handlers.verification.policy.rules import Bar

_DAY = timedelta(days=1)


def not_before(approved: datetime, bar: Bar, calendar: Calendar) -> datetime | None:
    """When the wait after the last approval is over; nothing where there is none.

    A staffed wait runs only while support is at work and can be told that something is wrong.
    """
    if not bar.delay:
        return None
    if not bar.staffed:
        return approved + bar.delay
    day, left = calendar.today(approved), bar.delay
    while True:
        window = calendar.window(day)
        begins = max(window.opens, approved)
        if not calendar.is_quiet(day) and begins < window.closes:
            if left <= window.closes - begins:
                return begins + left
            left -= window.closes - begins
        day += _DAY
