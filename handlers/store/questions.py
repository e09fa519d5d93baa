"""Questions and what became of them: one row per event, gone after a time."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.events import Asked, Person, Place
from handlers.messages import Language
from handlers.questions.matching import Kind, Match
from handlers.records import Question
from handlers.store.cleaning import clean
from handlers.store.inserting import insert_into

FOLLOW_UP: Final = timedelta(minutes=30)
"""How long what was said before is still what one speaks of."""
RECENT: Final = timedelta(days=7)
_LONGEST: Final = 3000
_BATCH: Final = 500


async def add(
    session: AsyncSession, asked: Asked, match: Match, language: Language, now: datetime
) -> int | None:
    """Keep a question and its outcome, once per event; its id, or nothing when it stands there already."""
    added = await session.execute(
        insert_into(session, Question)
        .values(
            event=asked.id,
            platform=asked.person.platform,
            tenant=asked.person.tenant,
            user=asked.person.user,
            conversation=asked.place.conversation,
            thread=asked.place.thread,
            private=asked.place.private,
            asked_at=now,
            language=language,
            text=clean(asked.text)[:_LONGEST],
            kind=match.kind,
            topic=match.topic,
            second=match.second,
            alternatives=",".join(match.alternatives[:5]),
        )
        .on_conflict_do_nothing(index_elements=["event"])
        .returning(col(Question.id))
    )
    return added.scalar()


async def take_back(session: AsyncSession, question_id: int) -> None:
    """It was not answered after all, and nobody had asked us."""
    await session.execute(delete(Question).where(col(Question.id) == question_id))


async def get(session: AsyncSession, question_id: int) -> Question | None:
    """The question as it stands."""
    found = await session.scalar(select(Question).where(col(Question.id) == question_id))
    if found is not None:
        session.expunge(found)
    return found


async def last(session: AsyncSession, person: Person, place: Place, now: datetime) -> Question | None:
    """What this person asked just before, in private or in this thread. A greeting or thanks is no question."""
    found = await session.scalars(
        _newest(
            *_of(person),
            *_within(place),
            col(Question.asked_at) > now - FOLLOW_UP,
            col(Question.kind) != Kind.SMALLTALK,
        ).limit(1)
    )
    return next(iter(_detached(session, list(found))), None)


async def recent(session: AsyncSession, person: Person, now: datetime, limit: int) -> list[Question]:
    """The last questions of this person within a week, newest first, wherever they were asked."""
    found = await session.scalars(_newest(*_of(person), col(Question.asked_at) > now - RECENT).limit(limit))
    return _detached(session, list(found))


async def answered_in(session: AsyncSession, place: Place) -> list[Question]:
    """What was answered in this thread, newest first, whoever asked."""
    answered = or_(col(Question.kind) == Kind.ANSWER, col(Question.chosen).is_not(None))
    found = await session.scalars(_newest(*_within(place), answered).limit(_BATCH))
    return _detached(session, list(found))


async def choose(session: AsyncSession, question_id: int, person: Person, topic: str) -> bool:
    """The asker has picked a topic. False when the question is somebody else's, or gone."""
    return await _change(session, question_id, *_of(person), chosen=topic)


async def not_helpful(session: AsyncSession, question_id: int, person: Person) -> bool:
    """The asker says that the answer was no help. False when the question is somebody else's, or gone."""
    return await _change(session, question_id, *_of(person), helpful=False)


async def mark(session: AsyncSession, question_id: int, topic: str) -> bool:
    """Support says which topic it was about; the last word holds. False when the question is gone."""
    return await _change(session, question_id, marked=topic)


async def to_learn_from(session: AsyncSession, since: datetime, until: datetime) -> AsyncIterator[Question]:
    """What was not answered, only answered by a choice, or no help, newest first; memory stays flat."""
    wanted = or_(
        col(Question.kind).in_((Kind.HANDOVER, Kind.CHOOSE)),
        col(Question.helpful).is_(False),
    )
    rows = await session.stream_scalars(
        _newest(wanted, col(Question.asked_at) >= since, col(Question.asked_at) < until).execution_options(
            yield_per=_BATCH
        )
    )
    async for row in rows:
        session.expunge(row)
        yield row


async def count(session: AsyncSession, since: datetime, until: datetime) -> int:
    """How many questions there were; a greeting or thanks is none."""
    wanted = (
        col(Question.asked_at) >= since,
        col(Question.asked_at) < until,
        col(Question.kind) != Kind.SMALLTALK,
    )
    return await session.scalar(select(func.count()).select_from(Question).where(*wanted)) or 0


async def purge(session: AsyncSession, now: datetime, keep: timedelta) -> int:
    """Forget questions asked longer ago, with text and person; how many there were."""
    gone = await session.execute(
        delete(Question).where(col(Question.asked_at) < now - keep).returning(col(Question.id))
    )
    return len(gone.all())


async def _change(
    session: AsyncSession, question_id: int, *where: ColumnElement[bool], **values: object
) -> bool:
    changed = await session.execute(
        update(Question)
        .where(col(Question.id) == question_id, *where)
        .values(**values)
        .returning(col(Question.id))
    )
    return changed.first() is not None


def _newest(*where: ColumnElement[bool]) -> Select[Question]:
    return select(Question).where(*where).order_by(col(Question.asked_at).desc(), col(Question.id).desc())


def _of(person: Person) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Question.platform) == person.platform,
        col(Question.tenant) == person.tenant,
        col(Question.user) == person.user,
    )


def _within(place: Place) -> tuple[ColumnElement[bool], ...]:
    """A private conversation has several names; whoever is in it is known by the person."""
    if place.private:
        return (col(Question.platform) == place.platform, col(Question.private).is_(True))
    return (
        col(Question.platform) == place.platform,
        col(Question.conversation) == place.conversation,
        col(Question.thread) == place.thread,
        col(Question.private).is_(False),
    )


def _detached(session: AsyncSession, found: list[Question]) -> list[Question]:
    for each in found:
        session.expunge(each)
    return found
