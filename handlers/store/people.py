"""Who is who: the pinned tie between a person in chat and an account, and what a person has chosen."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.events import Person
from handlers.messages import Language
from handlers.records import Link, Preference, Question
from handlers.store.inserting import insert_into


async def link(session: AsyncSession, person: Person) -> Link | None:
    """The link of this person, also a flagged one: whoever relies on it looks at ``flagged``."""
    found = await session.scalar(select(Link).where(*_of(Link, person)))
    if found is not None:
        session.expunge(found)
    return found


async def pin(session: AsyncSession, person: Person, account: str, email: str, now: datetime) -> Link:
    """Tie this person to an account, once. A link that stands already is returned as it is, never changed."""
    await session.execute(
        insert_into(session, Link)
        .values(
            platform=person.platform,
            tenant=person.tenant,
            user=person.user,
            account=account,
            email=email,
            first_seen=now,
        )
        .on_conflict_do_nothing(index_elements=["platform", "tenant", "user"])
    )
    pinned = (await session.scalars(select(Link).where(*_of(Link, person)))).one()
    session.expunge(pinned)
    return pinned


async def flag(session: AsyncSession, person: Person, reason: str) -> bool:
    """This link may not be relied on any more; the first reason stays. False when there was none to flag."""
    flagged = await session.execute(
        update(Link)
        .where(*_of(Link, person), col(Link.flagged).is_(None))
        .values(flagged=reason)
        .returning(col(Link.user))
    )
    return flagged.first() is not None


async def forget(session: AsyncSession, person: Person) -> bool:
    """Remove the link and the choices of a person, who may then be tied anew. False when there was no link."""
    gone = await session.execute(delete(Link).where(*_of(Link, person)).returning(col(Link.user)))
    await session.execute(delete(Preference).where(*_of(Preference, person)))
    return gone.first() is not None


async def people_of(session: AsyncSession, account: str) -> list[Person]:
    """The people tied to an account, without the flagged ones, in order of first being seen."""
    rows = await session.execute(
        select(col(Link.platform), col(Link.tenant), col(Link.user))
        .where(col(Link.account) == account, col(Link.flagged).is_(None))
        .order_by(col(Link.first_seen), col(Link.platform), col(Link.user))
    )
    return [Person(*row) for row in rows]


async def language_of(session: AsyncSession, person: Person) -> Language | None:
    """The language this person has chosen, if any."""
    chosen = await session.scalar(select(col(Preference.language)).where(*_of(Preference, person)))
    return Language(chosen) if chosen else None


async def choose_language(session: AsyncSession, person: Person, language: Language) -> None:
    """From now on this person is written to in this language."""
    await session.execute(
        insert_into(session, Preference)
        .values(platform=person.platform, tenant=person.tenant, user=person.user, language=language)
        .on_conflict_do_update(index_elements=["platform", "tenant", "user"], set_={"language": language})
    )


async def last_language(session: AsyncSession, person: Person) -> Language | None:
    """The language in which this person was answered last, if that is still known."""
    last = await session.scalar(
        select(col(Question.language))
        .where(*_of(Question, person))
        .order_by(col(Question.asked_at).desc(), col(Question.id).desc())
        .limit(1)
    )
    return Language(last) if last else None


def _of(model: type[Link | Preference | Question], person: Person) -> tuple[ColumnElement[bool], ...]:
    return (
        col(model.platform) == person.platform,
        col(model.tenant) == person.tenant,
        col(model.user) == person.user,
    )
