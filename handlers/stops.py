""" "It wasn't me": the owner of an account ends a case about it from the private chat."""

from dataclasses import dataclass

from handlers.events import Pressed
from handlers.passes.issue import Issue
from handlers.people import People
from handlers.store.cases import Cases
from handlers.store.database import Database


@dataclass(frozen=True)
class Stops:
    """Stopping only ever takes away, so the pinned link of the person is enough for it."""

    database: Database
    people: People
    cases: Cases
    issue: Issue

    async def pressed(self, event: Pressed) -> None:
        """End the case, if it is about the presser's own account. Anybody else's press does nothing."""
        known = await self.people.known(event.person)
        async with self.database.transaction() as session:
            case = await self.cases.get(session, event.record)
        if case is not None and known.account is not None and case.target == known.account:
            await self.issue.stop(case, actor=case.target)
