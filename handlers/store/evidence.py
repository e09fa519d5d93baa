"""Evidence, bound to its case and target by a signature whose key is not in the database."""

import json
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Evidence
from handlers.store.cleaning import clean
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys

__all__ = ["EvidenceForged", "EvidenceKeys", "add", "of_case"]


async def add(
    session: AsyncSession,
    keys: EvidenceKeys,
    *,
    case: str,
    target: str,
    route: str,
    level: int,
    at: datetime,
    actor: str | None = None,
    detail: str = "",
) -> Evidence:
    """Write down the outcome of one verification. ``detail`` is cleaned of codes, tokens and person numbers."""
    row = Evidence(
        case=case,
        target=target,
        route=route,
        level=level,
        at=at.astimezone(UTC),
        actor=actor,
        detail=clean(detail),
        key_id=keys.signing,
        mac="",
    )
    row.mac = keys.sign(_signed(row))
    session.add(row)
    await session.flush()
    session.expunge(row)
    return row


async def of_case(session: AsyncSession, keys: EvidenceKeys, case_id: str) -> list[Evidence]:
    """The evidence of a case in order of time. ``EvidenceForged`` if one row is not as it was written."""
    rows = (
        await session.scalars(
            select(Evidence).where(col(Evidence.case) == case_id).order_by(col(Evidence.at), col(Evidence.id))
        )
    ).all()
    for row in rows:
        session.expunge(row)
        if not keys.verify(row.key_id, _signed(row), row.mac):
            raise EvidenceForged(case_id)
    return list(rows)


async def routes_of(session: AsyncSession, case_id: str) -> list[str]:
    """By which routes a case was proved, each once and in order of time. To be told, not to be judged by."""
    rows = await session.scalars(
        select(col(Evidence.route)).where(col(Evidence.case) == case_id).order_by(col(Evidence.id))
    )
    return list(dict.fromkeys(rows))


def _signed(row: Evidence) -> bytes:
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    facts = ("evidence", row.case, row.target, row.route, row.level, at, row.actor, row.detail, row.key_id)
    return json.dumps(facts, separators=(",", ":"), ensure_ascii=True).encode()
