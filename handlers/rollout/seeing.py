"""What support sees of the rollout: for approvers and agents only, asked live each time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import structlog

from graph.errors import GraphError, NotFound
from graph.together import together
from handlers.accounts import Accounts
from handlers.messages import RolloutPeople, RolloutPerson, RolloutStop
from handlers.ports import Clock
from handlers.rollout.history import Course, courses
from handlers.rollout.overview import Status, status
from handlers.rollout.unreached import Unreached, Wanted, unreached
from handlers.rollout.when import Calendar
from handlers.store.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class View:
    """The whole of it, without names."""

    on: date
    status: Status
    courses: tuple[Course, ...]


@dataclass(frozen=True)
class People:
    """A page of those whom nobody can remind."""

    page: RolloutPeople
    rows: tuple[RolloutPerson, ...]


@dataclass(frozen=True)
class Seeing:
    """Nobody else is told anything: a refusal is the same whatever was asked for."""

    database: Database
    accounts: Accounts
    calendar: Calendar
    platforms: Collection[str]
    """The chats that are switched on."""
    clock: Clock

    async def view(self, account: str) -> View | RolloutStop:
        """How far it has come."""
        if (stop := await self._refusal(account)) is not None:
            return stop
        today = self.calendar.today(self.clock.now())
        async with self.database.reading() as session:
            found = await status(session, self.platforms)
            return View(today, found, await courses(session, self.platforms, today))

    async def people(self, account: str, wanted: Wanted) -> People | RolloutStop:
        """Who it is that nobody can remind, by the names that the directory has now."""
        if (stop := await self._refusal(account)) is not None:
            return stop
        async with self.database.reading() as session:
            found = await unreached(session, self.platforms, wanted)
        page = RolloutPeople(found.total, found.page, found.pages, wanted.who, wanted.reason)
        async with together() as group:
            rows = [group.create_task(self._person(each)) for each in found.people]
        log.info("rollout-people-shown", by=account, people=len(rows))
        return People(page, tuple(row.result() for row in rows))

    async def _refusal(self, account: str) -> RolloutStop | None:
        """Whoever looks must be of support now, and not blocked. What Graph does not tell is a no."""
        try:
            async with together() as group:
                me = group.create_task(self.accounts.directory.users.get(account))
                is_support = group.create_task(self.accounts.is_support(account))
        except NotFound:
            return RolloutStop("not-support")
        except GraphError as error:
            log.warning("rollout-unknown", status=error.status)
            return RolloutStop("directory-down")
        if is_support.result() and me.result().account_enabled:
            return None
        log.warning("rollout-refused", account=account)
        return RolloutStop("not-support")

    async def _person(self, it: Unreached) -> RolloutPerson:
        try:
            name = (await self.accounts.directory.users.get(it.account)).display_name
        except GraphError:
            name = None
        return RolloutPerson(name, it.upn, it.reason, it.activation_day, it.wave, it.chats)
