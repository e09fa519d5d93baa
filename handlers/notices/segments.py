"""Each month of the audit that is closed: its end goes to security, where nobody can change it with the database."""

from datetime import datetime

from handlers.alarms import Alarm
from handlers.store.cases import Cases
from handlers.store.database import Database


async def hand_over(database: Database, cases: Cases, now: datetime) -> None:
    """Once for each month; a month that nobody could be told of waits until somebody can."""
    if not cases.alarms.wakes:
        return
    async with database.transaction() as session:
        for segment in await cases.audit.unreported(session):
            facts: dict[str, str | int] = {
                "segment": segment.segment,
                "rows": segment.last_seq,
                "head": segment.mac,
            }
            await cases.alarms.keep(session, Alarm.AUDIT_SEGMENT, now=now, facts=facts, once=segment.segment)
            await cases.audit.reported(session, segment.segment, now)
