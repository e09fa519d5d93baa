"""Logins that are under way, whoever they lead to: each is used once, by one update."""

from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.ports import AskedLogin
from handlers.records.logins import LoginAttempt

Attempt = TypeVar("Attempt", bound=LoginAttempt)

_EMPTY: Final = ""


async def take(session: AsyncSession, kind: type[Attempt], cookie_hash: str, now: datetime) -> Attempt | None:
    """The login that this browser began, once: its row is emptied. None where there is none, or it was used."""
    row = await session.scalar(select(kind).where(col(kind.cookie_hash) == cookie_hash).with_for_update())
    if row is None or row.used_at is not None:
        return None
    await session.execute(
        update(kind)
        .where(col(kind.cookie_hash) == cookie_hash, col(kind.used_at).is_(None))
        .values(used_at=now, state=_EMPTY, nonce=_EMPTY, verifier=_EMPTY)
        .execution_options(synchronize_session=False)
    )
    session.expunge(row)
    return row


def asked_of(row: LoginAttempt) -> AskedLogin:
    """What was asked for."""
    return AskedLogin(row.state, row.nonce, row.verifier, row.redirect_uri, row.at)
