"""Reads the directory audit: a pass that no case of ours accounts for may be the work of whoever stole our key."""

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from graph.audits import Audits, MadePass, Maker
from graph.errors import Forbidden
from handlers.alarms import Alarm
from handlers.store import directory_audit as store
from handlers.store.audit import SYSTEM
from handlers.store.cases import Cases
from handlers.store.database import Database

log = structlog.get_logger(__name__)


@dataclass
class Reconcile:
    """Every replica may tick: one reads, and each entry is judged once."""

    database: Database
    audits: Audits
    cases: Cases
    client_id: str
    """Our own application in Entra."""
    _told: bool = field(default=False, init=False)

    async def tick(self, now: datetime) -> None:
        """Read what is new, if it is time. Raises ``GraphError``; then it is read the next time."""
        async with self.database.transaction() as session:
            since = await store.take(session, now)
        if since is None:
            return
        try:
            async for made in self.audits.passes_made(since):
                await self._judge(made, now)
        except Forbidden as error:
            # Said once, and by ``check``: until somebody grants it nothing changes.
            if not self._told:
                log.warning("directory-audit-unreadable", permission=error.permission)
            self._told = True
            return
        self._told = False
        async with self.database.transaction() as session:
            await store.done(session, now)

    async def _judge(self, made: MadePass, now: datetime) -> None:
        async with self.database.transaction() as session:
            if not await store.is_new(session, made):
                return
            if self._may_be_ours(made) and await store.account_for(session, made):
                return
            facts = {
                "audit_id": made.audit_id,
                "account": made.account or "unknown",
                "made_at": made.at.isoformat(),
                "maker": str(made.maker),
                "maker_id": made.maker_id or "unknown",
            }
            await self.cases.alarms.raise_(
                session, Alarm.WITHOUT_CASE, now=now, facts=facts, once=made.audit_id[-120:]
            )
            data = {"maker": str(made.maker), "entry": made.audit_id}
            people = {"target": made.account}
            await self.cases.audit.append(
                session, at=now, actor=SYSTEM, action="directory.pass-found", data=data, people=people
            )

    def _may_be_ours(self, made: MadePass) -> bool:
        """A person never is; of an application Entra does not always tell the id."""
        match made.maker:
            case Maker.APPLICATION:
                return made.maker_id is None or made.maker_id.lower() == self.client_id.lower()
            case Maker.PERSON:
                return False
            case Maker.UNKNOWN:
                return True
