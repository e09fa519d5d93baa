"""The summary of the rollout that support reads on working days, in each of its channels."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from handlers.messages import DayWave, RolloutDay
from handlers.rollout.history import Course, courses
from handlers.rollout.overview import Status, status
from handlers.rollout.share import bar, percent
from handlers.rollout.when import Calendar
from handlers.store.database import Database
from handlers.support import SupportChannels

_MOST_WAVES: Final = 12


def still_on(them: Iterable[Course], today: date, last_offset: int) -> Iterator[Course]:
    """The waves that are not over: their last reminder may still come, or their day has not been."""
    after = timedelta(days=max(last_offset, 0))
    return (course for course in them if course.activation_day + after >= today)


@dataclass
class Daily:
    """Sends it once, from whichever replica comes first. Without a wave that is still on there is nothing to say."""

    database: Database
    calendar: Calendar
    channels: SupportChannels
    platforms: Collection[str]
    last_offset: int
    """Of the reminders, in days from the activation day."""
    url: str
    """Of support's page; empty where there is none."""
    _told: date | None = field(default=None, init=False)

    async def tick(self, now: datetime) -> None:
        """Send it when the working day begins; later in the day if nobody ran then."""
        today = self.calendar.today(now)
        if self._told == today or self.calendar.is_quiet(today) or now not in self.calendar.window(today):
            return
        async with self.database.reading() as session:
            found = await status(session, self.platforms)
            every = await courses(session, self.platforms, today)
        if waves := tuple(still_on(every, today, self.last_offset)):
            async with self.database.transaction() as session:
                data = self._summary(found, waves, today)
                await self.channels.tell(session, f"rollout:{today.isoformat()}", data, now)
        self._told = today

    def _summary(self, found: Status, waves: Sequence[Course], today: date) -> RolloutDay:
        paused = {each.wave for each in found.paused}
        return RolloutDay(
            on=today,
            accounts=found.accounts,
            ready=found.ready,
            percent=percent(found.ready, found.accounts),
            unreached=sum(found.cannot_be_reminded.values()),
            waves=tuple(_wave(course, today, paused) for course in waves[:_MOST_WAVES]),
            more=len(waves[_MOST_WAVES:]),
            all_paused=None in paused,
            url=self.url,
        )


def _wave(course: Course, today: date, paused: Collection[str | None]) -> DayWave:
    now = course.now
    return DayWave(
        wave=course.wave,
        activation_day=course.activation_day,
        days=(course.activation_day - today).days,
        accounts=now.accounts,
        ready=now.ready,
        percent=now.percent,
        bar=bar(now.ready, now.accounts),
        is_paused=course.wave is not None and course.wave in paused,
    )
