"""Reads the registration report: one replica at a time, page by page, and no faster than Microsoft Graph allows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import exists, select
from sqlmodel import col

from graph.errors import Forbidden, NoPremiumLicence
from graph.reports import RegistrationRow, Reports
from handlers.ports import Clock
from handlers.records import LearnedBy, PlanEntry, Registration, ReportReading, Trouble
from handlers.rollout import registered
from handlers.rollout.budget import WINDOW, Budget
from handlers.store import registrations, report_reading
from handlers.store.database import Database
from handlers.store.registrations import FRESH, Facts

log = structlog.get_logger(__name__)

EVERY: Final = timedelta(hours=1)
_SOON: Final = timedelta(minutes=10)
"""After the last time, when there are people whom nobody has looked at since they were put into the plan."""
_AFTER: Final = timedelta(days=30)
"""So long after the last activation day it is read: then the rollout is over."""


@dataclass(frozen=True)
class ReportSync:
    """Any number of replicas may tick. Nothing of an account outside the plan is kept."""

    database: Database
    reports: Reports
    budget: Budget
    clock: Clock
    own_telecom: bool
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def tick(self) -> None:
        """Read it whole, if it is time. Raises ``GraphError``: then it is read again once the lease is over."""
        now = self.clock.now()
        async with self.database.reading() as session:
            every = await self._every(await report_reading.state(session), now)
        if every is None:
            return
        async with self.database.transaction() as session:
            if not await report_reading.take(session, now, every):
                return
        try:
            await self._read()
        except Forbidden as error:
            await self._refused(error)

    async def _every(self, last: ReportReading, now: datetime) -> timedelta | None:
        """How often it is to be read at present; nothing while there is nobody to read it for."""
        day, changed = col(PlanEntry.activation_day), col(PlanEntry.changed_at)
        async with self.database.reading() as session:
            if await session.scalar(select(exists().where(day >= (now - _AFTER).date()))) is not True:
                return None
            if last.began_at is None or last.trouble is not None:
                return EVERY
            known = exists().where(col(Registration.account) == col(PlanEntry.account))
            new = select(exists().where(changed > last.began_at, ~known))
            return _SOON if await session.scalar(new) is True else EVERY

    async def _read(self) -> None:
        accounts, requests, oldest = 0, 0, None
        async for page in self._pages():
            requests += 1
            now = self.clock.now()
            learned = [_facts(row, now) for row in page]
            async with self.database.transaction() as session:
                await report_reading.renew(session, now)
                accounts += await registered.keep(session, learned, now, own_telecom=self.own_telecom)
            oldest = min((oldest or now, *(it.as_of for it in learned)))
        async with self.database.transaction() as session:
            await registrations.purge(session)
            await report_reading.done(session, self.clock.now(), accounts=accounts, requests=requests)
        log.info("report-read", accounts=accounts, requests=requests, as_of=str(oldest))

    async def _pages(self) -> AsyncIterator[Sequence[RegistrationRow]]:
        """One page at a time is held in memory."""
        pages = self.reports.pages()
        while True:
            while not await self.budget.take(1, self.clock.now()):
                await self.sleep(WINDOW.total_seconds() / self.budget.ours)
            page = await anext(pages, None)
            if page is None:
                return
            yield page

    async def _refused(self, error: Forbidden) -> None:
        missing = isinstance(error, NoPremiumLicence)
        trouble = Trouble.NO_LICENCE if missing else Trouble.NO_PERMISSION
        async with self.database.transaction() as session:
            is_news = await report_reading.refused(session, self.clock.now(), trouble)
        if is_news:
            # Said once, and by ``check``: until somebody changes it, accounts are looked at one by one.
            log.warning("report-unreadable", why=trouble, permission=error.permission)


def _facts(row: RegistrationRow, now: datetime) -> Facts:
    """A report that says it comes from the future is from now; one that does not say is old."""
    as_of = now - FRESH if row.refreshed is None else min(row.refreshed, now)
    return Facts(row.id, row.kinds, as_of, LearnedBy.REPORT)
