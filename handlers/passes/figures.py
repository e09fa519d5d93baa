"""What a week of cases was like: how long, how it ended, why not, and by which proof. Nobody is named."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.messages import CaseFigures, Counted
from handlers.questions.learning import WEEK, due
from handlers.rollout.when import Calendar
from handlers.store import figures as store
from handlers.store.database import Database
from handlers.support import SupportChannels
from handlers.verification import policy

_MINUTE = timedelta(minutes=1)


def at_most(times: Sequence[timedelta], share: float) -> int:
    """The minutes within which this share of them were done: the nearest rank, rounded up."""
    if not times:
        return 0
    rank = max(math.ceil(share * len(times)), 1)
    return math.ceil(sorted(times)[rank - 1] / _MINUTE)


@dataclass
class WeeklyFigures:
    """Sends support the figures of the week, once, from whichever replica comes first."""

    database: Database
    calendar: Calendar
    channels: SupportChannels
    rules: policy.Rules
    _told: datetime | None = field(default=None, init=False)

    async def tick(self, now: datetime) -> None:
        """Send them on the first working morning; later in the week if nobody ran then. No cases, no message."""
        opens = due(now, self.calendar)
        if opens is None or opens == self._told:
            return
        async with self.database.reading() as session:
            found = await self._count(session, opens - WEEK, opens)
        if found.opened or found.passes or found.ends:
            year, week, _ = self.calendar.today(opens).isocalendar()
            async with self.database.transaction() as session:
                await self.channels.tell(session, f"figures:{year}-W{week:02}", found, now)
        self._told = opens

    async def _count(self, session: AsyncSession, since: datetime, until: datetime) -> CaseFigures:
        times = await store.times(session, since, until)
        ways = Counter[str]()
        for name, count in (await store.routes(session, since, until)).items():
            route = self.rules.route(name)
            ways[route.way if route is not None else name] += count
        last = until - timedelta(microseconds=1)
        return CaseFigures(
            since=since.astimezone(self.calendar.zone).date(),
            until=last.astimezone(self.calendar.zone).date(),
            opened=await store.opened(session, since, until),
            passes=len(times),
            median_minutes=at_most(times, 0.5),
            most_minutes=at_most(times, 0.9),
            ends=_by_size(await store.ends(session, since, until)),
            denials=_by_size(await store.denials(session, since, until)),
            ways=_by_size(ways),
        )


def _by_size(counted: Mapping[str, int]) -> tuple[Counted, ...]:
    """The most frequent first; among equals by name."""
    return tuple(
        Counted(name, count) for name, count in sorted(counted.items(), key=lambda it: (-it[1], it[0]))
    )
