"""That the one response with the pass has gone to its browser."""

from datetime import datetime

from handlers.records import Case
from handlers.store.audit import Audit
from handlers.store.database import Database


async def handed_out(database: Database, audit: Audit, case: Case, now: datetime) -> None:
    """Write it to the audit. Whether anybody looked at the page, nobody can tell."""
    async with database.transaction() as session:
        await audit.append(session, at=now, actor=case.target, action="case.shown", case=case.id, data={})
