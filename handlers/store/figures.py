"""Counts cases, and names nobody."""

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Row, SQLColumnExpression, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import AuditRow, Case, Evidence
from handlers.states import CaseState


async def opened(session: AsyncSession, since: datetime, until: datetime) -> int:
    """How many cases were opened in this time."""
    query = select(func.count()).select_from(Case).where(_within(col(Case.opened_at), since, until))
    return await session.scalar(query) or 0


async def times(session: AsyncSession, since: datetime, until: datetime) -> list[timedelta]:
    """How long it took from the opening to each pass of this time."""
    query = select(col(Case.opened_at), col(Case.issued_at)).where(_within(col(Case.issued_at), since, until))
    return [row.issued_at - row.opened_at for row in await session.execute(query)]


async def ends(session: AsyncSession, since: datetime, until: datetime) -> Counter[str]:
    """How the cases ended that ended in this time."""
    query = (
        select(col(Case.state), func.count())
        .where(_within(col(Case.ended_at), since, until))
        .group_by(col(Case.state))
    )
    return _counter(await session.execute(query))


async def denials(session: AsyncSession, since: datetime, until: datetime) -> Counter[str]:
    """Why cases were turned down in this time, as the audit has it."""
    query = select(col(AuditRow.data)).where(
        col(AuditRow.action) == f"case.{CaseState.DENIED}", _within(col(AuditRow.at), since, until)
    )
    return Counter(json.loads(data).get("reason") or "other" for data in await session.scalars(query))


async def routes(session: AsyncSession, since: datetime, until: datetime) -> Counter[str]:
    """In how many cases each route gave proof in this time."""
    query = (
        select(col(Evidence.route), func.count(distinct(col(Evidence.case))))
        .where(_within(col(Evidence.at), since, until))
        .group_by(col(Evidence.route))
    )
    return _counter(await session.execute(query))


def _counter(rows: Iterable[Row[str, int]]) -> Counter[str]:
    found = Counter[str]()
    for name, count in rows:
        found[name] = count
    return found


def _within(
    column: SQLColumnExpression[datetime] | SQLColumnExpression[datetime | None],
    since: datetime,
    until: datetime,
) -> ColumnElement[bool]:
    return (column >= since.astimezone(UTC)) & (column < until.astimezone(UTC))
