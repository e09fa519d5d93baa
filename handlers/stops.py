""" "It wasn't me": the owner of an account says so of a case about it, in the private chat."""

from dataclasses import dataclass

from handlers.events import Pressed
from handlers.notices.disowning import CHAT, Disowning
from handlers.people import People
from handlers.store.cases import Cases
from handlers.store.database import Database


@dataclass(frozen=True)
class Stops:
    """Stopping only ever takes away, so the pinned link of the person is enough for it."""

    database: Database
    people: People
    cases: Cases
    disowning: Disowning

    async def pressed(self, event: Pressed) -> None:
        """Disown the case, if it is about the presser's own account. Anybody else's press does nothing."""
        known = await self.people.known(event.person)
        async with self.database.transaction() as session:
            case = await self.cases.get(session, event.record)
        if case is not None and known.account is not None and case.target == known.account:
            await self.disowning.disown(case, CHAT)
