"""How far our clock is from that of Graph, by the ``Date`` of its answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import structlog

log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

MOST: Final = timedelta(seconds=60)
"""Tokens that are no older than two minutes, and sign-ins that must be fresh, bear no more."""


def skew_of(told: str, before: datetime, after: datetime) -> timedelta | None:
    """How far we are ahead, by an answer that came between two looks at our clock; nothing if it tells no time."""
    try:
        theirs = parsedate_to_datetime(told)
    except ValueError:
        return None
    theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
    return min(max(theirs, before), after) - theirs


@dataclass
class ClockWatch:
    """Compares our clock with every answer of Graph, so that what it says is as fresh as the latest answer."""

    now: Callable[[], datetime]
    skew: timedelta = field(default=timedelta(0), init=False)
    """How far we are ahead; negative when we are behind."""

    @property
    def is_off(self) -> bool:
        """Whether nothing that is measured by our clock can be relied on."""
        return abs(self.skew) > MOST

    def heard(self, told: str, asked_at: datetime) -> None:
        """An answer came just now, to what was asked then, and ``told`` the time by its header ``Date``."""
        found = skew_of(told, asked_at, self.now())
        if found is None:
            return
        was_off, self.skew = self.is_off, found
        if self.is_off != was_off:
            tell = log.critical if self.is_off else log.warning
            tell("clock-off" if self.is_off else "clock-right", seconds=round(found.total_seconds()))
