"""What is done in Graph once a case was disowned, until it is done: sign the account out, take the pass back."""

from dataclasses import dataclass

from graph.errors import NotFound
from graph.users import Users
from handlers.notices.sending import Nobody
from handlers.passes.unseen import Unseen
from handlers.records import Case, Notice
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.notices import Channel


@dataclass(frozen=True)
class Undoing:
    """Both may be done twice without harm."""

    database: Database
    users: Users
    cases: Cases
    unseen: Unseen

    async def send(self, notice: Notice) -> None:
        """Do it. Raises ``GraphError``."""
        async with self.database.reading() as session:
            case = await self.cases.get(session, notice.case or "")
        if case is None:
            raise Nobody
        if notice.channel == Channel.PASSES:
            await self._take_back(case)
            return
        try:
            await self.users.revoke_sessions(case.target)
        except NotFound:
            raise Nobody from None

    async def _take_back(self, case: Case) -> None:
        if case.pass_id is None:
            raise Nobody
        await self.unseen.take_back(case, case.pass_id)
