"""Where people are in a guide. Every move names the count it was made at, so of two at once one is made."""

from datetime import datetime, timedelta
from typing import Final, TypedDict, Unpack

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.events import Person
from handlers.records import GuideRun
from handlers.store.inserting import insert_into

KEEP: Final = timedelta(days=60)
"""How long a guide waits for its person."""


class Start(TypedDict):
    """What a guide begins with."""

    guide: str
    step: str
    view: str
    card: str


class Changes(TypedDict, total=False):
    """What a move may change."""

    guide: str
    device: str | None
    step: str
    view: str
    card: str
    done_at: datetime


async def of_person(session: AsyncSession, person: Person) -> GuideRun | None:
    """The guide this person is in, or was in last."""
    found = await session.scalar(select(GuideRun).where(*_of(person)))
    if found is not None:
        session.expunge(found)
    return found


async def begin(
    session: AsyncSession, person: Person, instead_of: GuideRun | None, now: datetime, **start: Unpack[Start]
) -> GuideRun | None:
    """Put somebody at the start of a guide, ``instead_of`` the one they are in. None when another was faster."""
    fresh = {**start, "device": None, "methods_before": None, "started_at": now, "done_at": None}
    if instead_of is not None:
        return await _change(session, instead_of, {**fresh, "moved_at": now})
    added = await session.execute(
        insert_into(session, GuideRun)
        .values(
            platform=person.platform,
            tenant=person.tenant,
            user=person.user,
            moves=0,
            moved_at=now,
            **fresh,
        )
        .on_conflict_do_nothing(index_elements=["platform", "tenant", "user"])
        .returning(col(GuideRun.user))
    )
    return await of_person(session, person) if added.first() is not None else None


async def move(
    session: AsyncSession, run: GuideRun, now: datetime, **changes: Unpack[Changes]
) -> GuideRun | None:
    """Change a run as it was read. None when it has moved since."""
    return await _change(session, run, {**changes, "moved_at": now})


async def note_before(session: AsyncSession, run: GuideRun, methods: str) -> None:
    """Keep which sign-in methods were there at the start, once for each start. It is no move."""
    await session.execute(
        update(GuideRun)
        .where(
            *_of(Person(run.platform, run.tenant, run.user)),
            col(GuideRun.started_at) == run.started_at,
            col(GuideRun.methods_before).is_(None),
        )
        .values(methods_before=methods)
    )


async def purge(session: AsyncSession, now: datetime) -> None:
    """Forget guides that nobody has touched for long."""
    await session.execute(delete(GuideRun).where(col(GuideRun.moved_at) < now - KEEP))


async def _change(session: AsyncSession, run: GuideRun, values: dict[str, object]) -> GuideRun | None:
    person = Person(run.platform, run.tenant, run.user)
    changed = await session.execute(
        update(GuideRun)
        .where(*_of(person), col(GuideRun.moves) == run.moves)
        .values(**values, moves=run.moves + 1)
        .returning(col(GuideRun.user))
    )
    return await of_person(session, person) if changed.first() is not None else None


def _of(person: Person) -> tuple[ColumnElement[bool], ...]:
    return (
        col(GuideRun.platform) == person.platform,
        col(GuideRun.tenant) == person.tenant,
        col(GuideRun.user) == person.user,
    )
