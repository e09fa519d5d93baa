"""What the rollout may ask of the slow part of Microsoft Graph: the report, and the methods of an account.

https://learn.microsoft.com/graph/throttling-limits allows an application five of these requests in ten seconds;
each part of a batch counts as one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handlers.store import limits
from handlers.store.database import Database

WINDOW: Final = timedelta(seconds=10)
_SUBJECT: Final = "graph-report"
_KEEP: Final = timedelta(minutes=5)
_ASIDE: Final = 1


def ours(rate: int) -> int:
    """What the rollout may use of so many: one stays for people who wait for an answer."""
    return max(1, rate - _ASIDE)


@dataclass(frozen=True)
class Budget:
    """Counted in the database, so that all replicas share it."""

    database: Database
    rate: int
    """Requests in ten seconds."""

    @property
    def ours(self) -> int:
        """What the rollout may use of them."""
        return ours(self.rate)

    async def take(self, wanted: int, now: datetime) -> int:
        """How many requests may leave now, of those wanted."""
        if wanted <= 0:
            return 0
        async with self.database.transaction() as session:
            await limits.forget(session, _SUBJECT, now - _KEEP)
            return await limits.take(session, _SUBJECT, now, WINDOW, self.ours, wanted)
