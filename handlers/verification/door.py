"""The front door outside chat: somebody types an address, and whoever it belongs to, the same page follows.

The address is looked up aside, after the page was sent: neither what the page says nor how long it takes tells whether
anybody has such an address. No case is opened here; that takes a proof.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from graph.errors import Ambiguous, GraphError
from graph.users import Users
from handlers.ports import Clock
from handlers.records import Door
from handlers.store import eid as store
from handlers.store import limits
from handlers.store.database import Database
from handlers.store.keys import hashed
from handlers.verification.opening import Refused

log = structlog.get_logger(__name__)

DOOR_LIFE: Final = timedelta(minutes=30)
VISITS_PER_ADDRESS: Final = 10
"""How many addresses may be typed from one client address within ``_WINDOW``."""
_WINDOW: Final = timedelta(hours=1)
_LONGEST: Final = 254
"""Of an e-mail address (RFC 5321, 4.5.3.1.3, without its brackets)."""


@dataclass(frozen=True)
class Doors:
    """Lets visitors in, and learns aside whose address they typed. What they typed is not kept."""

    database: Database
    users: Users
    clock: Clock

    async def knock(self, *, address: str) -> str | Refused:
        """A visit from this client address: the secret that its browser is to keep."""
        now, cookie = self.clock.now(), secrets.token_urlsafe(32)
        async with self.database.transaction() as session:
            if not await limits.hit(session, f"door:{address}", now, _WINDOW, VISITS_PER_ADDRESS):
                return Refused("too-many")
            await store.open_door(session, Door(cookie_hash=hashed(cookie), at=now, until=now + DOOR_LIFE))
        return cookie

    async def look(self, cookie: str, typed: str) -> None:
        """Note whose address was typed. Nobody's, also while Graph does not answer: a login then proves nothing."""
        wanted = typed.strip()
        if len(wanted) > _LONGEST or "@" not in wanted:
            return
        try:
            found = await self.users.find(wanted)
        except Ambiguous:
            log.warning("door-ambiguous")
            return
        except GraphError as error:
            log.warning("door-unknown", status=error.status)
            return
        if found is not None:
            async with self.database.transaction() as session:
                await store.name_door(session, hashed(cookie), found.id)
