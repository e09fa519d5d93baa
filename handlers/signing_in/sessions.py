"""Who is signed in to our pages, by the secret that their browser keeps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from handlers.ports import Clock
from handlers.store import signing_in as store
from handlers.store.database import Database
from handlers.store.keys import hashed

LIFE: Final = timedelta(hours=8)
"""A working day: whoever comes back tomorrow signs in again."""


@dataclass(frozen=True)
class Staff:
    """Somebody is signed in."""

    account: str
    """Object id."""
    name: str
    auth_time: datetime
    stepped_up: bool
    until: datetime


@dataclass(frozen=True)
class Sessions:
    """Reads sessions, and ends them; they are made by ``handlers.signing_in.signing``."""

    database: Database
    clock: Clock

    async def of(self, cookie: str | None) -> Staff | None:
        """Whoever is signed in to our pages in this browser."""
        if not cookie:
            return None
        async with self.database.transaction() as session:
            row = await store.session_of(session, hashed(cookie), self.clock.now())
        if row is None:
            return None
        return Staff(row.account, row.name, row.auth_time, row.stepped_up, row.until)

    async def end(self, cookie: str | None) -> None:
        """Sign out of our pages."""
        if cookie:
            async with self.database.transaction() as session:
                await store.end_session(session, hashed(cookie))
