"""Ways into a case from outside chat, and logins that are under way: each is used once, by one update."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.ports import AskedLogin
from handlers.records import Door, EidAttempt, Invitation, Link
from handlers.store import logins


@dataclass(frozen=True)
class Begun:
    """A login that was begun: for a case, or at the front door."""

    cookie_hash: str
    asked: AskedLogin
    case: str | None = None
    door: str | None = None


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


async def begin(session: AsyncSession, login: Begun, provider: str) -> None:
    """Keep what was asked for, under the browser that asked."""
    asked = login.asked
    session.add(
        EidAttempt(
            cookie_hash=login.cookie_hash,
            case=login.case,
            door=login.door,
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
) -> Begun | None:
    """What was asked for, of a login begun after ``since``: once, and emptied. None for anything else.

    A login that comes back from another provider than it went to is used up all the same.
    """
    row = await logins.take(session, EidAttempt, cookie_hash, now)
    if row is None or row.provider != provider or row.at <= since:
        return None
    return Begun(cookie_hash, logins.asked_of(row), row.case, row.door)


async def belongs(session: AsyncSession, cookie_hash: str, case: str) -> None:
    """A login at the front door has led to a case."""
    await session.execute(
        update(EidAttempt).where(col(EidAttempt.cookie_hash) == cookie_hash).values(case=case)
    )


async def provider_of(session: AsyncSession, case: str) -> str | None:
    """Where whoever proved this case logged in last."""
    return await session.scalar(
        select(col(EidAttempt.provider))
        .where(col(EidAttempt.case) == case, col(EidAttempt.used_at).is_not(None))
        .order_by(col(EidAttempt.used_at).desc())
        .limit(1)
    )


async def attempts(session: AsyncSession, case: str) -> int:
    """How many logins a case has seen begin."""
    count = await session.scalar(
        select(func.count()).select_from(EidAttempt).where(col(EidAttempt.case) == case)
    )
    return count or 0


async def attempts_of_door(session: AsyncSession, door: str) -> int:
    """How many logins a visit to the front door has seen begin."""
    count = await session.scalar(
        select(func.count()).select_from(EidAttempt).where(col(EidAttempt.door) == door)
    )
    return count or 0


async def open_door(session: AsyncSession, door: Door) -> None:
    """Write a visit down."""
    session.add(door)
    await session.flush()
    session.expunge(door)


async def name_door(session: AsyncSession, cookie_hash: str, account: str) -> None:
    """The address that was typed belongs to this account: said once, for good."""
    await session.execute(
        update(Door)
        .where(col(Door.cookie_hash) == cookie_hash, col(Door.account).is_(None))
        .values(account=account)
    )


async def door(session: AsyncSession, cookie_hash: str, now: datetime) -> Door | None:
    """The visit that this browser makes, if its time is not over."""
    found = await session.scalar(
        select(Door).where(col(Door.cookie_hash) == cookie_hash, col(Door.until) > now)
    )
    if found is not None:
        session.expunge(found)
    return found


async def somebody(session: AsyncSession) -> str | None:
    """An account that is in the directory, whosever it is."""
    return await session.scalar(select(col(Link.account)).order_by(col(Link.first_seen)).limit(1))


async def purge(session: AsyncSession, before: datetime) -> None:
    """Forget visits that ended before, and their logins that led to no case."""
    await session.execute(delete(Door).where(col(Door.until) < before))
    await session.execute(
        delete(EidAttempt).where(col(EidAttempt.case).is_(None), col(EidAttempt.at) < before)
    )
