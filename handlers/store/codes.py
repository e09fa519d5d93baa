"""Codes that are typed, and the browsers on their way to typing one. Nothing of them is kept in clear."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Door, RecoveryCode, SentCode
from handlers.store.inserting import insert_into


async def add(session: AsyncSession, code: SentCode) -> int:
    """Write down a code that is about to be sent; its id."""
    session.add(code)
    await session.flush()
    session.expunge(code)
    if code.id is None:
        raise LookupError("the row has no id")
    return code.id


async def retire_older(session: AsyncSession, case: str, route: str, than: int, now: datetime) -> None:
    """A newer code of this route is out: the older ones of the case stop working."""
    await session.execute(
        update(SentCode)
        .where(
            col(SentCode.case) == case,
            col(SentCode.route) == route,
            col(SentCode.id) < than,
            col(SentCode.used_at).is_(None),
        )
        .values(used_at=now)
    )


async def live(session: AsyncSession, case: str, now: datetime) -> Sequence[SentCode]:
    """The codes of a case that can still be typed."""
    found = await session.scalars(
        select(SentCode).where(
            col(SentCode.case) == case, col(SentCode.used_at).is_(None), col(SentCode.until) > now
        )
    )
    rows = list(found)
    for row in rows:
        session.expunge(row)
    return rows


async def use(session: AsyncSession, id: int, now: datetime) -> bool:
    """Use a code up. False: somebody was faster, or its time is over."""
    used = await session.execute(
        update(SentCode)
        .where(col(SentCode.id) == id, col(SentCode.used_at).is_(None), col(SentCode.until) > now)
        .values(used_at=now)
        .returning(col(SentCode.id))
    )
    return used.first() is not None


async def save(session: AsyncSession, account: str, code_mac: str, now: datetime) -> None:
    """Keep the recovery code of an account. An older one is gone."""
    values = {"code_mac": code_mac, "created_at": now, "used_at": None}
    await session.execute(
        insert_into(session, RecoveryCode)
        .values(account=account, **values)
        .on_conflict_do_update(index_elements=["account"], set_=values)
    )


async def saved(session: AsyncSession, account: str) -> RecoveryCode | None:
    """The recovery code of an account that has not been used."""
    found = await session.scalar(
        select(RecoveryCode).where(col(RecoveryCode.account) == account, col(RecoveryCode.used_at).is_(None))
    )
    if found is not None:
        session.expunge(found)
    return found


async def use_saved(session: AsyncSession, account: str, code_mac: str, now: datetime) -> bool:
    """Use a recovery code up. False: somebody was faster, or another has taken its place."""
    used = await session.execute(
        update(RecoveryCode)
        .where(
            col(RecoveryCode.account) == account,
            col(RecoveryCode.code_mac) == code_mac,
            col(RecoveryCode.used_at).is_(None),
        )
        .values(used_at=now)
        .returning(col(RecoveryCode.account))
    )
    return used.first() is not None


async def open_way(
    session: AsyncSession, cookie_hash: str, account: str, now: datetime, until: datetime
) -> None:
    """A browser has shown that it was sent by the account's chat."""
    session.add(Door(cookie_hash=cookie_hash, account=account, at=now, until=until))
    await session.flush()


async def way(session: AsyncSession, cookie_hash: str, now: datetime) -> Door | None:
    """The way that this browser is on, if it is not over."""
    found = await session.scalar(
        select(Door).where(col(Door.cookie_hash) == cookie_hash, col(Door.until) > now)
    )
    if found is not None:
        session.expunge(found)
    return found


async def purge(session: AsyncSession, now: datetime) -> None:
    """Forget codes that are used or over. Those of a case go with the case as well."""
    await session.execute(delete(SentCode).where(col(SentCode.until) <= now))
