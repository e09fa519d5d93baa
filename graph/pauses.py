"""How long to wait before asking again."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0


def asked_pause(retry_after: str | None, now: datetime) -> float | None:
    """The seconds that ``Retry-After`` asks for, as a number or a date (RFC 9110, 10.2.3); else nothing."""
    told = (retry_after or "").strip()
    if not told:
        return None
    if told.isascii() and told.isdecimal():
        return float(told) if len(told) < 10 else None
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def own_pause(tries: int, jitter: float) -> float:
    """Our own pause after so many tries, doubling, and up to a half longer by ``jitter`` (0 to 1)."""
    doubled = FIRST_PAUSE * 2.0 ** min(tries - 1, 10)
    return min(LONGEST_PAUSE, doubled * (1 + jitter / 2))
