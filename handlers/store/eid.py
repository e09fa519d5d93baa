"""Ways into a case from outside chat, and logins that are under way: each is used once, by one update."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.ports import AskedLogin
from handlers.records import EidAttempt, Invitation

_EMPTY: Final = ""


async def invite(session: AsyncSession, invitation: Invitation) -> None:
    """Write a link down. An older one of the same case stops working."""
    await session.execute(
        delete(Invitation).where(col(Invitation.case) == invitation.case, col(Invitation.used_at).is_(None))
    )
    session.add(invitation)
    await session.flush()
    session.expunge(invitation)


async def invitation(session: AsyncSession, token_hash: str, now: datetime) -> Invitation | None:
    """The link of that hash, if it can still be used."""
    found = await session.scalar(
        select(Invitation).where(
            col(Invitation.token_hash) == token_hash,
            col(Invitation.used_at).is_(None),
            col(Invitation.until) > now,
        )
    )
    if found is not None:
        session.expunge(found)
    return found


async def use(session: AsyncSession, token_hash: str, now: datetime) -> bool:
    """Use a link up. False: somebody was faster, or its time is over."""
    used = await session.execute(
        update(Invitation)
        .where(
            col(Invitation.token_hash) == token_hash,
            col(Invitation.used_at).is_(None),
            col(Invitation.until) > now,
        )
        .values(used_at=now)
        .returning(col(Invitation.case))
    )
    return used.first() is not None


async def begin(
    session: AsyncSession, *, cookie_hash: str, case: str, provider: str, asked: AskedLogin
) -> None:
    """Keep what was asked for, under the browser that asked."""
    session.add(
        EidAttempt(
            cookie_hash=cookie_hash,
            case=case,
            provider=provider,
            state=asked.state,
            nonce=asked.nonce,
            verifier=asked.verifier,
            redirect_uri=asked.redirect_uri,
            at=asked.at,
        )
    )
    await session.flush()


async def take(
    session: AsyncSession, cookie_hash: str, provider: str, since: datetime, now: datetime
) -> tuple[str, AskedLogin] | None:
    """The case and what was asked for, of a login begun after ``since``: once, and emptied. None for anything else.

    A login that comes back from another provider than it went to is used up all the same.
    """
    row = await session.scalar(
        select(EidAttempt).where(col(EidAttempt.cookie_hash) == cookie_hash).with_for_update()
    )
    if row is None or row.used_at is not None:
        return None
    asked = AskedLogin(row.state, row.nonce, row.verifier, row.redirect_uri, row.at)
    case, right = row.case, row.provider == provider and row.at > since
    await session.execute(
        update(EidAttempt)
        .where(col(EidAttempt.cookie_hash) == cookie_hash, col(EidAttempt.used_at).is_(None))
        .values(used_at=now, state=_EMPTY, nonce=_EMPTY, verifier=_EMPTY)
        .execution_options(synchronize_session=False)
    )
    session.expunge(row)
    return (case, asked) if right and case is not None else None


async def attempts(session: AsyncSession, case: str) -> int:
    """How many logins a case has seen begin."""
    count = await session.scalar(
        select(func.count()).select_from(EidAttempt).where(col(EidAttempt.case) == case)
    )
    return count or 0
