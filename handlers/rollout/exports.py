"""The accounts of one activation day, for whoever activates them. Reads only."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from handlers.records import PlanEntry
from handlers.store.database import Database

_AT_ONCE: Final = 1000


class State(StrEnum):
    """How an account stood when it was last looked at."""

    READY = "ready"
    MISSING = "missing"


@dataclass(frozen=True)
class Wanted:
    """Which accounts."""

    activation_day: date
    is_ready: bool | None = None
    """Only those who are, only those who are not; nothing: all."""


@dataclass(frozen=True)
class Row:
    """One account of the day."""

    account: str
    upn: str
    activation_day: date
    wave: str | None
    state: State


async def rows(database: Database, wanted: Wanted) -> AsyncIterator[Row]:
    """In order of account, without those excluded, a page at a time, by one unchanging view."""
    account, ready_at = col(PlanEntry.account), col(PlanEntry.ready_at)
    chosen = select(account, col(PlanEntry.upn), col(PlanEntry.wave), ready_at).where(
        col(PlanEntry.activation_day) == wanted.activation_day, ~col(PlanEntry.excluded)
    )
    if wanted.is_ready is not None:
        chosen = chosen.where(ready_at.is_not(None) if wanted.is_ready else ready_at.is_(None))
    after = ""
    async with database.reading() as session:
        while page := (
            await session.execute(chosen.where(account > after).order_by(account).limit(_AT_ONCE))
        ).all():
            for found in page:
                state = State.READY if found.ready_at else State.MISSING
                yield Row(found.account, found.upn, wanted.activation_day, found.wave, state)
            after = page[-1].account
