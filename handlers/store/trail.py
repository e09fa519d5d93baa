"""The audit, read: row by row in its order, and with the names of whoever can still be told."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Approval, AuditRow, Case, Pseudonym

_BATCH: Final = 1000


@dataclass(frozen=True)
class Span:
    """Which rows: all of them, unless something is said."""

    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is not wanted."""
    case: str | None = None

    def wanted(self) -> list[ColumnElement[bool]]:
        """The conditions."""
        found = []
        if self.since is not None:
            found.append(col(AuditRow.at) >= self.since.astimezone(UTC))
        if self.until is not None:
            found.append(col(AuditRow.at) < self.until.astimezone(UTC))
        if self.case is not None:
            found.append(col(AuditRow.case) == self.case)
        return found


async def rows(session: AsyncSession, span: Span) -> AsyncIterator[AuditRow]:
    """The rows in the order of the chain; in batches, so that memory stays flat."""
    after = 0
    while True:
        query = select(AuditRow).where(col(AuditRow.seq) > after, *span.wanted())
        batch = (await session.scalars(query.order_by(col(AuditRow.seq)).limit(_BATCH))).all()
        for row in batch:
            session.expunge(row)
            yield row
        if len(batch) < _BATCH:
            return
        after = batch[-1].seq


async def holds(session: AsyncSession, seq: int, mac: str) -> bool:
    """Whether this row stands there with this signature."""
    found = await session.scalar(select(col(AuditRow.mac)).where(col(AuditRow.seq) == seq))
    return found == mac


def told(row: AuditRow) -> dict[str, object]:
    """A row as it is handed on: see docs/audit.md."""
    return {
        "seq": row.seq,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "segment": row.segment,
        "action": row.action,
        "case": row.case,
        "actor": row.actor,
        "data": json.loads(row.data),
        "key_id": row.key_id,
        "prev": row.prev,
        "mac": row.mac,
    }


async def names(session: AsyncSession, case: Case, found: Sequence[AuditRow]) -> Mapping[str, str]:
    """Whom the pseudonyms in these rows of a case stand for, as far as that was not erased.

    A name where the case knows one, else the object id.
    """
    pseudonyms = {word for row in found for word in (row.actor, *json.loads(row.data).values())}
    wanted = [word for word in pseudonyms if isinstance(word, str) and word.startswith("p-")]
    known = {case.target: case.target_name}
    if case.agent and case.agent_name:
        known[case.agent] = case.agent_name
    votes = select(col(Approval.approver), col(Approval.approver_name)).where(col(Approval.case) == case.id)
    known |= {row.approver: row.approver_name for row in await session.execute(votes)}
    resolved = select(col(Pseudonym.pseudonym), col(Pseudonym.subject)).where(
        col(Pseudonym.pseudonym).in_(wanted)
    )
    return {row.pseudonym: known.get(row.subject, row.subject) for row in await session.execute(resolved)}
