"""After a create without an answer: look in Graph, and delete a pass of ours whose code nobody saw."""

from dataclasses import dataclass
from datetime import timedelta

import structlog

from graph.errors import NotFound
from graph.passes import Passes
from handlers.records import Case
from handlers.states import CaseState
from handlers.store.cases import Cases
from handlers.store.database import Database

log = structlog.get_logger(__name__)

_SKEW = timedelta(seconds=30)
"""How far Graph's clock and ours may differ when a pass is told to be ours."""


@dataclass(frozen=True)
class Unseen:
    """Looks for passes that no case has shown, and takes them back."""

    database: Database
    cases: Cases
    passes: Passes

    async def clear(self, case: Case) -> bool:
        """Make sure that no pass of this case lives on unseen; idempotent, raises ``GraphError`` when it cannot.

        False when another create for this account is under way: then it has to be looked at once more.
        """
        if case.issuing_at is None:
            return True
        try:
            listed = await self.passes.list(case.target)
        except NotFound:
            return True
        found = [each.id for each in listed if each.created >= case.issuing_at - _SKEW]
        # Read after the list: a pass in it is of an attempt that had begun by now, so whatever no case knows is
        # of none that could still show it.
        async with self.database.transaction() as session:
            known = await self.cases.of_target(session, case.target)
        if found and any(each.state == CaseState.ISSUING for each in known):
            return False
        for pass_id in set(found) - {each.pass_id for each in known}:
            await self.take_back(case, pass_id)
        return True

    async def take_back(self, case: Case, pass_id: str) -> None:
        """Delete one pass, also one that is gone already."""
        try:
            await self.passes.delete(case.target, pass_id)
        except NotFound:
            return
        log.warning("pass-taken-back", case=case.id, pass_id=pass_id)
