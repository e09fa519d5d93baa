"""From the front door to a provider: nobody knows yet whether the address that was typed is anybody's."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from handlers.departures import Departure, departure
from handlers.messages import Language
from handlers.store import eid as store
from handlers.store import limits
from handlers.store.keys import hashed
from handlers.verification.eid.logins import Against, Logins
from handlers.verification.eid.parts import LOGIN_LIFE
from handlers.verification.opening import Refused

LOGINS_PER_DOOR: Final = 3
LOGINS_PER_DAY: Final = 3
"""How many logins from the front door are held against one account in a day."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class FromDoor:
    """Sends visitors out, and knows them when they are back."""

    logins: Logins

    async def depart(self, door: str | None, provider: str, language: Language) -> Departure | Refused:
        """Send the browser of a visit to a provider. Nothing here depends on whose address was typed."""
        logins = self.logins
        if provider not in {route.name for route in logins.eid.routes}:
            return Refused("no-route")
        door_hash = hashed(door or "")
        async with logins.database.transaction() as session:
            if await store.door(session, door_hash, logins.clock.now()) is None:
                return Refused("door-over")
            if await store.attempts_of_door(session, door_hash) >= LOGINS_PER_DOOR:
                return Refused("too-many-logins")
        begun = await logins.out(provider, language)
        if isinstance(begun, Refused):
            return begun
        leaving, cookie_hash = departure(begun)
        async with logins.database.transaction() as session:
            await store.begin(session, store.Begun(cookie_hash, begun.asked, door=door_hash), provider)
        return leaving

    async def whose(self, login: store.Begun) -> Against:
        """The account that the login of a visit is held against. The visit itself may be over by now."""
        now = self.logins.clock.now()
        async with self.logins.database.transaction() as session:
            door = await store.door(session, login.door or "", now - LOGIN_LIFE)
        return Against(door.account if door else None)

    async def counts(self, login: store.Begun, of: Against) -> bool:
        """Count a login against its account; False when there were enough today.

        Only logins that are believed count: whoever wears an account out has shown a provider who they are.
        """
        subject = f"door-login:{of.account or login.door}"
        now = self.logins.clock.now()
        async with self.logins.database.transaction() as session:
            return await limits.hit(session, subject, now, _DAY, LOGINS_PER_DAY)
