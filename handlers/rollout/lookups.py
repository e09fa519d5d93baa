"""Looks accounts up ahead of their reminders, as far as Microsoft Graph allows: those that need it most first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, and_, exists, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from graph.errors import BadRequest, GraphError, NotFound, Throttled, Unreadable
from graph.methods import Kind, Methods
from graph.together import together
from handlers.records import LearnedBy, PlanEntry, Registration, Strength
from handlers.rollout import registered
from handlers.rollout.budget import Budget
from handlers.rollout.due import DueSlot, due_slots, is_recorded
from handlers.rollout.pauses import is_paused
from handlers.rollout.rests import Rests
from handlers.rollout.when import Calendar
from handlers.store import report_reading
from handlers.store.database import Database
from handlers.store.registrations import FRESH, Facts

log = structlog.get_logger(__name__)

METHODS: Final = "methods"
"""What rests while the directory does not tell the methods of accounts."""
_A_REQUEST: Final = 20
_A_TICK: Final = 100
_AHEAD: Final = timedelta(hours=3)
"""So long before the working hours it begins with those who are reminded that day."""
_PATIENCE: Final = timedelta(hours=1)
"""So long somebody waits for a look when something older is known of them."""
_AT_LAST: Final = timedelta(hours=2)
"""Of the day's hours: then nobody waits for a look any longer."""
_MOMENT: Final = timedelta(minutes=10)
"""So long somebody waits even then."""
_DAY: Final = timedelta(days=1)
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Lookups:
    """Any number of replicas may tick: they share the budget, and looking twice does no harm."""

    database: Database
    methods: Methods
    calendar: Calendar
    offsets: tuple[int, ...]
    own_telecom: bool
    budget: Budget | None
    """Nothing: Microsoft Graph is asked as often as need be."""
    rests: Rests

    async def tick(self, now: datetime) -> None:
        """Look up so many as may be looked up now. What Graph refuses rests a while."""
        left = _A_TICK
        while left > 0 and METHODS not in self.rests:
            async with self.database.reading() as session:
                wanted = await self._wanted(session, now, min(left, _A_REQUEST))
            granted = await self._granted(len(wanted), now)
            if not granted:
                return
            await self._look(wanted[:granted], now)
            left -= granted

    async def one(self, account: str, now: datetime) -> frozenset[Kind] | None:
        """The methods of one account, if it may be looked up now. Raises ``GraphError``."""
        if METHODS in self.rests or not await self._granted(1, now):
            return None
        found = frozenset(method.kind for method in await self.methods.list(account))
        await self._keep([Facts(account, found, now, LearnedBy.METHODS)], now)
        return found

    async def _granted(self, wanted: int, now: datetime) -> int:
        return wanted if self.budget is None else await self.budget.take(wanted, now)

    async def _wanted(self, session: AsyncSession, now: datetime, most: int) -> Sequence[str]:
        """Whom to look up: who is reminded today and was not seen lately, then all others if there is no report."""
        today = self.calendar.today(now)
        window = self.calendar.window(today)
        found: list[str] = []
        if not self.calendar.is_quiet(today) and window.opens - _AHEAD <= now < window.closes:
            for due in by_need(await due_slots(session, today, self.offsets, self.calendar), self.offsets):
                if len(found) < most:
                    found += await _unseen(session, due, now, most - len(found))
        if len(found) < most and (await report_reading.state(session)).trouble is not None:
            found += await self._others(session, now, today, most - len(found))
        return list(dict.fromkeys(found))

    async def _others(self, session: AsyncSession, now: datetime, today: date, most: int) -> Sequence[str]:
        over = today - max(self.offsets, default=0) * _DAY
        return await _accounts(
            session, most, col(PlanEntry.activation_day) >= over, ~_known_since(now - _DAY), ~is_paused()
        )

    async def _look(self, accounts: Sequence[str], now: datetime) -> None:
        """By one request, in which each account has an answer of its own."""
        async with together() as group:
            tasks = [group.create_task(self._ask(account, now)) for account in accounts]
        await self._keep([found for task in tasks if (found := task.result()) is not None], now)

    async def _ask(self, account: str, now: datetime) -> Facts | None:
        kinds: frozenset[Kind] | None = None
        try:
            kinds = frozenset(method.kind for method in await self.methods.list(account))
        except (NotFound, BadRequest, Unreadable) as error:
            log.info("methods-unknown", account=account, error=type(error).__name__)
        except Throttled as pause:
            self._rest(timedelta(seconds=pause.retry_after), pause)
            return None
        except GraphError as error:
            self._rest(_MINUTE, error)
            return None
        return Facts(account, kinds, now, LearnedBy.METHODS)

    def _rest(self, length: timedelta, error: GraphError) -> None:
        if METHODS not in self.rests:
            log.warning("lookups-rest", why=type(error).__name__, status=error.status)
        self.rests.ask(METHODS, length)

    async def _keep(self, learned: Sequence[Facts], now: datetime) -> None:
        async with self.database.transaction() as session:
            await registered.keep(session, learned, now, own_telecom=self.own_telecom)


def by_need(slots: Iterable[DueSlot], offsets: Iterable[int]) -> list[DueSlot]:
    """The day itself first, then the last reminder of all, then the others by their activation day."""
    last = max(offsets, default=0)
    order = {0: 0, last: 1}
    return sorted(slots, key=lambda due: (order.get(due.slot.offset, 2), due.activation_day))


def is_late(calendar: Calendar, now: datetime) -> bool:
    """Whether the day's hours are so far gone that nobody waits for a look any longer."""
    return now >= calendar.window(calendar.today(now)).closes - _AT_LAST


def can_be_told(calendar: Calendar, now: datetime) -> ColumnElement[bool]:
    """Whether enough is known of an entry: it was seen lately, or has waited for a look as long as it should.

    Who is excluded is not looked at.
    """
    conditions = [col(PlanEntry.excluded), _known_since(now - FRESH)]
    if is_late(calendar, now):
        # Who was planned just now is looked at in a moment: guessing would write to people who are ready.
        left = calendar.window(calendar.today(now)).closes - now
        conditions.append(true() if left <= _MOMENT else col(PlanEntry.changed_at) <= now - _MOMENT)
    elif now >= calendar.window(calendar.today(now)).opens + _PATIENCE:
        seen = exists().where(
            col(Registration.account) == PlanEntry.account, col(Registration.strength) != Strength.UNKNOWN
        )
        conditions.append(and_(col(PlanEntry.changed_at) <= now - _PATIENCE, seen))
    return or_(*conditions)


async def _unseen(session: AsyncSession, due: DueSlot, now: datetime, most: int) -> Sequence[str]:
    return await _accounts(
        session,
        most,
        col(PlanEntry.activation_day) == due.activation_day,
        ~_known_since(now - FRESH),
        ~is_recorded(due.slot.offset),
        ~is_paused(),
    )


async def _accounts(session: AsyncSession, most: int, *chosen: ColumnElement[bool]) -> Sequence[str]:
    account = col(PlanEntry.account)
    found = await session.scalars(
        select(account)
        .where(*chosen, ~col(PlanEntry.excluded))
        .order_by(col(PlanEntry.activation_day), account)
        .limit(most)
    )
    return found.all()


def _known_since(since: datetime) -> ColumnElement[bool]:
    return exists().where(col(Registration.account) == PlanEntry.account, col(Registration.as_of) > since)
