"""How a reminder is named, and what may become of it."""

from datetime import date
from enum import StrEnum
from typing import Final

from handlers.store.posts import BULK

PREFIX: Final = "reminder:"
MOVED_PREFIX: Final = "moved-day:"
PRIORITY: Final = BULK
"""Of all that the rollout sends: nobody waits for it."""


class Told(StrEnum):
    """Where the news of another activation day stands, until it has an ``Outcome``."""

    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    """The day was moved again before the news went out."""


class Outcome(StrEnum):
    """What became of one reminder of the plan, as its row says."""

    QUEUED = "queued"
    """Handed to the outbox, whose row of the same key tells whether it has gone out."""
    READY = "ready"
    """Nothing is missing, so nothing is said."""
    TOLD_READY = "told-ready"
    """Nothing is missing, and that was said: once for an activation day."""
    UNREACHABLE = "unreachable"
    """Nobody in a chat goes with the account."""
    DISABLED = "disabled"
    GONE = "gone"
    """The directory does not know the account any more."""
    GUEST = "guest"
    EXCLUDED = "excluded"
    """In one of the groups that are left alone."""
    STALE = "stale"
    """Its day went by first."""
    MERGED = "merged"
    """A later one fell on the same day and took its place."""


def reminder_key(account: str, activation_day: date, offset: int) -> str:
    """The key of a reminder in the outbox: unique for ever, so that no reminder is sent twice."""
    return f"{PREFIX}{account}:{activation_day.isoformat()}:{offset}"


def named_by(key: str) -> tuple[str, date, int]:
    """The account, activation day and offset of a key."""
    account, day, offset = key.removeprefix(PREFIX).rsplit(":", 2)
    return account, date.fromisoformat(day), int(offset)


def moved_key(id: int) -> str:
    """The key in the outbox of the news that a day was moved."""
    return f"{MOVED_PREFIX}{id}"
