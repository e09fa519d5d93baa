"""What the tests of the rollout begin with."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.world import FJORDHEIM, RESIDENTS
from handlers.messages import Reminder
from handlers.records import Due, Outgoing, PlanChange, PlanEntry
from handlers.rollout.progress import Progress, untold
from handlers.rollout.resolver import Resolved, ResolvedUser
from handlers.rollout.when import Calendar
from handlers.store.database import Database
from handlers.store.messages import loaded

OFFSETS: Final = (-14, -7, -3, -1, 0, 1, 3)
CALENDAR: Final = Calendar.norwegian()
NOW: Final = datetime(2026, 12, 1, 9, tzinfo=UTC)
DAY: Final = date(2027, 1, 18)
"""A Monday."""


PAL: Final = "Pål Grønvold"
"""Has nothing but a password."""
PRIYA: Final = "Priya Nair"
"""Has nothing either; reads English."""
LEIF: Final = "Leif Åsen"
"""Has the Authenticator."""
BJORN: Final = "Bjørn Sætre"
"""Has a phone number only."""
NAMES: Final = [r.name for r in RESIDENTS if r.slack_id and not r.external and r.name != "Anne Hansen"]
"""Everybody in Slack whose name is theirs alone."""
FEBRUARY: Final = date(2027, 2, 22)
"""A Monday after SMS and voice have ended."""


def at(day: str, clock: str = "09:00") -> datetime:
    """A local time of Norway in January."""
    return datetime.fromisoformat(f"{day}T{clock}+01:00").astimezone(UTC)


def account(name: str) -> str:
    """The object id of a resident."""
    return FJORDHEIM.named(name).object_id


RECENTLY: Final = at("2027-01-08")
"""Between the first and the second reminder of ``DAY``."""


def entry(
    name: str,
    day: date = DAY,
    *,
    since: datetime = RECENTLY,
    language: str | None = None,
    wave: str | None = None,
    ready_at: datetime | None = None,
) -> PlanEntry:
    """A resident in the plan."""
    resident = FJORDHEIM.named(name)
    return PlanEntry(
        account=resident.object_id,
        upn=resident.upn,
        mail=resident.mail,
        activation_day=day,
        language=language,
        wave=wave,
        changed_at=since,
        ready_at=ready_at,
    )


async def put(database: Database, *entries: PlanEntry) -> None:
    """Put accounts into the plan."""
    async with database.transaction() as session:
        session.add_all(entries)


async def planned(database: Database) -> dict[str, PlanEntry]:
    """The plan, by object id."""
    async with database.reading() as session:
        return {row.account: row for row in await session.scalars(select(PlanEntry))}


async def recorded(database: Database) -> list[PlanChange]:
    """Who changed what, in order."""
    async with database.reading() as session:
        return list(await session.scalars(select(PlanChange).order_by(col(PlanChange.id))))


async def outcomes(database: Database) -> dict[tuple[str, int], str]:
    """What became of each reminder, by object id and offset."""
    async with database.reading() as session:
        return {(row.account, row.offset): row.outcome for row in await session.scalars(select(Due))}


async def waiting(database: Database) -> list[Outgoing]:
    """What stands in the outbox, in order."""
    async with database.reading() as session:
        return list(await session.scalars(select(Outgoing).order_by(col(Outgoing.id))))


def reminder(row: Outgoing) -> Reminder:
    """The reminder of a row."""
    data = loaded(row.name, row.data)
    assert isinstance(data, Reminder)
    return data


async def held(entra: EntraEmulator) -> None:
    """Until a request is held by a fault."""
    async with asyncio.timeout(5):
        while not entra.faults.waiting:  # noqa: ASYNC110 - the emulator offers no event for it
            await asyncio.sleep(0)


class ListedAccounts:
    """A directory that knows what it is told."""

    def __init__(self, known: Mapping[str, Resolved]) -> None:
        self.known = {name.casefold(): found for name, found in known.items()}
        self.asked: list[str] = []

    async def resolve(self, accounts: Sequence[str], told: Progress = untold) -> Mapping[str, Resolved]:
        self.asked.extend(accounts)
        return {name: self.known.get(name.casefold()) for name in accounts}


def user(number: int) -> ResolvedUser:
    """One of many accounts."""
    return ResolvedUser(f"00000000-0000-4000-8000-{number:012}", f"user{number}@x.no", f"user{number}@x.no")
