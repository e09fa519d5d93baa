"""How the waves have come along, day by day. Today is always looked at as it is now."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import WaveDay
from handlers.rollout.share import percent
from handlers.rollout.standing import CANNOT, READY, REMINDED, WaveCount, counts
from handlers.rollout.when import Calendar
from handlers.store.database import Database
from handlers.store.inserting import insert_into

_KEY = ("day", "wave", "activation_day")


@dataclass(frozen=True)
class Point:
    """A wave on one day."""

    day: date
    accounts: int
    ready: int

    @property
    def percent(self) -> int:
        """A hundred only when nobody is missing."""
        return percent(self.ready, self.accounts)


@dataclass(frozen=True)
class Course:
    """A wave from the first day on record until today. Accounts without a wave are together by their day."""

    wave: str | None
    activation_day: date
    """Of most of its accounts."""
    elsewhen: int
    """How many of them have another day."""
    points: tuple[Point, ...]
    """In order, at most one a day; the last one is today's."""

    @property
    def now(self) -> Point:
        """How it stands."""
        return self.points[-1]


@dataclass(frozen=True)
class History:
    """Writes down how every wave stands, once for each day: what was seen last on a day is what stays."""

    database: Database
    calendar: Calendar
    platforms: Collection[str]

    async def tick(self, now: datetime) -> None:
        """Write today down, or over. Replicas may do so at once."""
        today = self.calendar.today(now)
        async with self.database.transaction() as session:
            rows = [_row(today, each) for each in await counts(session, self.platforms)]
            for row in rows:
                insert = insert_into(session, WaveDay).values(row)
                seen = {name: value for name, value in row.items() if name not in _KEY}
                await session.execute(insert.on_conflict_do_update(index_elements=_KEY, set_=seen))
            key = tuple_(col(WaveDay.wave), col(WaveDay.activation_day))
            there = [(row["wave"], row["activation_day"]) for row in rows]
            await session.execute(delete(WaveDay).where(col(WaveDay.day) == today, key.not_in(there)))


async def courses(session: AsyncSession, platforms: Collection[str], today: date) -> tuple[Course, ...]:
    """The waves of the plan as it is now, and how they have come along."""
    counted = await counts(session, platforms)
    before = await session.scalars(select(WaveDay).where(col(WaveDay.day) < today).order_by(col(WaveDay.day)))
    points: dict[str | date, dict[date, Point]] = {}
    for row in before:
        _add(points, row.wave or row.activation_day, Point(row.day, row.accounts, row.ready))
    for each in counted:
        _add(points, each.wave or each.activation_day, Point(today, each.accounts, each.by[READY]))
    found = []
    for name, mine in _waves(counted).items():
        most = max(mine, key=lambda it: (it.accounts, -it.activation_day.toordinal()))
        elsewhen = sum(it.accounts for it in mine if it is not most)
        found.append(Course(most.wave, most.activation_day, elsewhen, tuple(points[name].values())))
    return tuple(sorted(found, key=lambda it: (it.activation_day, it.wave or "")))


def _waves(counted: Iterable[WaveCount]) -> dict[str | date, list[WaveCount]]:
    found: dict[str | date, list[WaveCount]] = {}
    for each in counted:
        found.setdefault(each.wave or each.activation_day, []).append(each)
    return found


def _add(points: dict[str | date, dict[date, Point]], name: str | date, new: Point) -> None:
    mine = points.setdefault(name, {})
    held = mine.get(new.day, Point(new.day, 0, 0))
    mine[new.day] = Point(new.day, held.accounts + new.accounts, held.ready + new.ready)


def _row(day: date, count: WaveCount) -> dict[str, object]:
    return {
        "day": day,
        "wave": count.wave or "",
        "activation_day": count.activation_day,
        "accounts": count.accounts,
        "ready": count.by[READY],
        "reminded": count.by[REMINDED],
        **{str(why): count.by[why] for why in CANNOT},
    }
