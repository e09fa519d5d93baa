"""Claim codes, and who was asked for one. Whoever takes a code holds its case's lock."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Claim


async def give(session: AsyncSession, claim: Claim) -> None:
    """Write it down. The last code, or the last question, of the same person for this case and route is over."""
    is_question = col(Claim.code_mac).is_(None)
    same_kind = is_question if claim.code_mac is None else ~is_question
    await session.execute(delete(Claim).where(*_same(claim), col(Claim.used_at).is_(None), same_kind))
    session.add(claim)
    await session.flush()
    session.expunge(claim)


async def by_code(session: AsyncSession, macs: Sequence[str], now: datetime) -> Claim | None:
    """The claim whose code has one of these signatures, while it may be used."""
    found = await session.scalar(select(Claim).where(col(Claim.code_mac).in_(macs), *_usable(now)).limit(1))
    if found is not None:
        session.expunge(found)
    return found


async def settle(session: AsyncSession, claim: Claim, now: datetime, answer: str | None = None) -> bool:
    """The code was typed, or the answer is no: it is over, with the question it answers. False: it was before."""
    answered = {} if answer is None else {"detail": answer}
    settled = await session.execute(
        update(Claim)
        .where(*_same(claim), *_usable(now))
        .values(used_at=now, code_mac=None, mac=None, **answered)
        .returning(col(Claim.id))
    )
    return settled.first() is not None


async def asked_of(session: AsyncSession, attester: str, now: datetime) -> list[Claim]:
    """The questions that somebody was asked and that stand open, the oldest first."""
    return await _all(session, col(Claim.attester) == attester, col(Claim.code_mac).is_(None), *_usable(now))


async def of_case(session: AsyncSession, case: str) -> list[Claim]:
    """Everything that was given and asked for a case, the oldest first."""
    return await _all(session, col(Claim.case) == case)


def _same(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Claim.case) == claim.case,
        col(Claim.route) == claim.route,
        col(Claim.attester) == claim.attester,
    )


def _usable(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Claim.used_at).is_(None), col(Claim.until) > now


async def _all(session: AsyncSession, *where: ColumnElement[bool]) -> list[Claim]:
    found = (await session.scalars(select(Claim).where(*where).order_by(col(Claim.at), col(Claim.id)))).all()
    for claim in found:
        session.expunge(claim)
    return list(found)
