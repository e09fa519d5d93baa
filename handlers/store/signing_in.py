"""Sign-ins at Entra: under way, done, what they prove of a chat account, and links to decide. Each used once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.events import Person
from handlers.ports import AskedLogin
from handlers.records import DecisionLink, SignInAttempt, StaffSession, SupportLink
from handlers.store import logins
from handlers.store.inserting import insert_into


@dataclass(frozen=True)
class Begun:
    """A sign-in under way: what it is for, and what was asked."""

    purpose: str
    record: str
    stepping_up: bool
    asked: AskedLogin


async def begin(session: AsyncSession, cookie_hash: str, begun: Begun) -> None:
    """Keep what was asked for, under the browser that asked."""
    session.add(
        SignInAttempt(
            cookie_hash=cookie_hash,
            purpose=begun.purpose,
            record=begun.record,
            stepping_up=begun.stepping_up,
            state=begun.asked.state,
            nonce=begun.asked.nonce,
            verifier=begun.asked.verifier,
            redirect_uri=begun.asked.redirect_uri,
            at=begun.asked.at,
        )
    )
    await session.flush()


async def take(session: AsyncSession, cookie_hash: str, since: datetime, now: datetime) -> Begun | None:
    """A sign-in begun after ``since`` in this browser: once, and emptied. None for anything else."""
    row = await logins.take(session, SignInAttempt, cookie_hash, now)
    if row is None or row.at <= since:
        return None
    return Begun(row.purpose, row.record, row.stepping_up, logins.asked_of(row))


async def open_session(session: AsyncSession, opened: StaffSession) -> None:
    """Somebody is signed in now."""
    session.add(opened)
    await session.flush()


async def session_of(session: AsyncSession, cookie_hash: str, now: datetime) -> StaffSession | None:
    """The session of this browser, if it lasts still."""
    found = await session.scalar(
        select(StaffSession).where(
            col(StaffSession.cookie_hash) == cookie_hash, col(StaffSession.until) > now
        )
    )
    if found is not None:
        session.expunge(found)
    return found


async def latest(session: AsyncSession) -> StaffSession | None:
    """The latest sign-in of all whose session is still kept."""
    found = await session.scalar(select(StaffSession).order_by(col(StaffSession.auth_time).desc()).limit(1))
    if found is not None:
        session.expunge(found)
    return found


async def end_session(session: AsyncSession, cookie_hash: str) -> None:
    """Nobody is signed in there any more."""
    await session.execute(delete(StaffSession).where(col(StaffSession.cookie_hash) == cookie_hash))


async def link(session: AsyncSession, person: Person) -> SupportLink | None:
    """What this person in chat has proved by a sign-in, if anything."""
    found = await session.scalar(select(SupportLink).where(*_of(person)))
    if found is not None:
        session.expunge(found)
    return found


async def people_of(session: AsyncSession, account: str) -> Sequence[Person]:
    """Everybody in chat who has proved to hold this account."""
    rows = await session.execute(
        select(col(SupportLink.platform), col(SupportLink.tenant), col(SupportLink.user)).where(
            col(SupportLink.account) == account
        )
    )
    return [Person(*row) for row in rows]


async def tie(session: AsyncSession, tied: SupportLink) -> None:
    """A sign-in proved who this person in chat is: it takes the place of what was known before."""
    values = tied.model_dump()
    kept = {"platform", "tenant", "user"}
    await session.execute(
        insert_into(session, SupportLink)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["platform", "tenant", "user"],
            set_={name: value for name, value in values.items() if name not in kept},
        )
    )


async def offer(session: AsyncSession, offered: DecisionLink) -> None:
    """Write a link to decide down. Older ones of the same person and case stop working."""
    await session.execute(
        delete(DecisionLink).where(
            col(DecisionLink.case) == offered.case,
            col(DecisionLink.platform) == offered.platform,
            col(DecisionLink.tenant) == offered.tenant,
            col(DecisionLink.user) == offered.user,
            col(DecisionLink.used_at).is_(None),
        )
    )
    session.add(offered)
    await session.flush()


async def offered(session: AsyncSession, token_hash: str, now: datetime) -> DecisionLink | None:
    """The link of that hash, if it can still be used."""
    found = await session.scalar(
        select(DecisionLink).where(
            col(DecisionLink.token_hash) == token_hash,
            col(DecisionLink.used_at).is_(None),
            col(DecisionLink.until) > now,
        )
    )
    if found is not None:
        session.expunge(found)
    return found


async def use(session: AsyncSession, token_hash: str, now: datetime) -> bool:
    """Use a link up; nobody else can any more. False when it was used or is over."""
    taken = await session.execute(
        update(DecisionLink)
        .where(
            col(DecisionLink.token_hash) == token_hash,
            col(DecisionLink.used_at).is_(None),
            col(DecisionLink.until) > now,
        )
        .values(used_at=now)
        .returning(col(DecisionLink.token_hash))
    )
    return taken.first() is not None


async def used(session: AsyncSession, token_hash: str) -> DecisionLink | None:
    """The link of that hash, once it is used up."""
    found = await session.scalar(
        select(DecisionLink).where(
            col(DecisionLink.token_hash) == token_hash, col(DecisionLink.used_at).is_not(None)
        )
    )
    if found is not None:
        session.expunge(found)
    return found


async def purge(session: AsyncSession, now: datetime, since: datetime) -> None:
    """Forget sessions that are over, and sign-ins and links from before ``since``."""
    await session.execute(delete(StaffSession).where(col(StaffSession.until) <= now))
    await session.execute(delete(SignInAttempt).where(col(SignInAttempt.at) < since))
    await session.execute(delete(DecisionLink).where(col(DecisionLink.until) < since))


def _of(person: Person) -> tuple[ColumnElement[bool], ...]:
    return (
        col(SupportLink.platform) == person.platform,
        col(SupportLink.tenant) == person.tenant,
        col(SupportLink.user) == person.user,
    )
