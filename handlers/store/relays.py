"""Conversations with support: who has one, what is on its way to which side, and in what order."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypedDict, Unpack

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.events import Asked, Person, Place, Submitted
from handlers.messages import Data, Language, name_of
from handlers.ports import Reference
from handlers.records import (
    InboxState,
    Incoming,
    LineState,
    OutboxState,
    Outgoing,
    Relay,
    RelayLine,
    Side,
)
from handlers.store.inserting import insert_into
from handlers.store.messages import dumped, loaded

_HEARD: Final[Mapping[str, TypeAdapter[Asked] | TypeAdapter[Submitted]]] = {
    Asked.__name__: TypeAdapter(Asked),
    Submitted.__name__: TypeAdapter(Submitted),
}


class Start(TypedDict):
    """What a conversation begins with."""

    stands_on: str
    language: Language
    question: int | None


@dataclass(frozen=True)
class Fate:
    """What became of a post."""

    settled: bool
    arrived: bool
    sure: bool = True
    """False when it was sent twice without an answer: it may have arrived all the same."""


def card_key(relay: Relay) -> str:
    """The key of the card's post."""
    return f"relay:{relay.id}"


def line_key(relay: Relay, line: RelayLine) -> str:
    """The key of a line's post."""
    return f"relay:{relay.id}:{line.id}"


async def open_one(
    session: AsyncSession,
    person: Person,
    event: str,
    now: datetime,
    card: Mapping[str, object],
    **start: Unpack[Start],
) -> Relay | None:
    """Begin a conversation. None when this person has one, or this event began one before.

    ``card`` is complete but for the id.
    """
    id = secrets.token_hex(8)
    begun = await session.scalars(
        insert_into(session, Relay)
        .values(
            id=id,
            event=event,
            platform=person.platform,
            tenant=person.tenant,
            user=person.user,
            card={**card, "relay": id},
            opened_at=now,
            last_at=now,
            ended_name="",
            **start,
        )
        .on_conflict_do_nothing()
        .returning(Relay)
    )
    return _detached(session, begun.one_or_none())


async def get(session: AsyncSession, id: str) -> Relay | None:
    """The conversation of this id."""
    return await _one(session, col(Relay.id) == id)


async def locked(session: AsyncSession, id: str) -> Relay | None:
    """The same, held for us until the transaction ends."""
    return _detached(
        session, await session.scalar(select(Relay).where(col(Relay.id) == id).with_for_update())
    )


async def of_event(session: AsyncSession, event: str) -> Relay | None:
    """The conversation that this event began."""
    return await _one(session, col(Relay.event) == event)


async def open_of(session: AsyncSession, person: Person) -> Relay | None:
    """The conversation this person has now."""
    return await _one(
        session,
        col(Relay.platform) == person.platform,
        col(Relay.tenant) == person.tenant,
        col(Relay.user) == person.user,
        col(Relay.ended_at).is_(None),
    )


async def of_thread(session: AsyncSession, place: Place) -> Relay | None:
    """The conversation whose card is the root of this thread, also an ended one."""
    return await _one(
        session,
        col(Relay.stands_on) == place.platform,
        col(Relay.conversation) == place.conversation,
        col(Relay.thread) == place.thread,
    )


async def unplaced(session: AsyncSession) -> list[str]:
    """Conversations whose card is being posted: it may stand already, without our knowing where."""
    underway = or_(
        col(Outgoing.state).in_((OutboxState.SENDING, OutboxState.SENT)),
        and_(col(Outgoing.state) == OutboxState.PENDING, col(Outgoing.repeated).is_(True)),
    )
    found = await session.scalars(
        select(col(Relay.id))
        .join(Outgoing, col(Outgoing.key) == "relay:" + col(Relay.id))
        .where(col(Relay.thread).is_(None), underway)
    )
    return list(found)


async def stood(session: AsyncSession, id: str, reference: Reference) -> None:
    """The card stands here."""
    await session.execute(
        update(Relay)
        .where(col(Relay.id) == id)
        .values(conversation=reference.place.conversation, thread=reference.message)
    )


async def spoken(session: AsyncSession, id: str, now: datetime) -> Relay | None:
    """Somebody writes. None when the conversation is over."""
    return await _change(session, id, col(Relay.ended_at).is_(None), last_at=now)


async def end(
    session: AsyncSession,
    id: str,
    now: datetime,
    by: str,
    name: str = "",
    silent_since: datetime | None = None,
) -> Relay | None:
    """End it. None when it was over already, or when somebody has written since then."""
    where: list[ColumnElement[bool]] = [col(Relay.ended_at).is_(None)]
    if silent_since is not None:
        where.append(col(Relay.last_at) < silent_since)
    return await _change(session, id, *where, ended_at=now, ended_by=by, ended_name=name)


async def fail(session: AsyncSession, id: str, now: datetime) -> Relay | None:
    """Support cannot be reached: that is how it ends, whatever else was to end it."""
    return await _change(
        session,
        id,
        ended_at=func.coalesce(col(Relay.ended_at), now),
        ended_by="trouble",
        ended_name="",
    )


async def marked(session: AsyncSession, id: str, topic: str) -> Relay | None:
    """Support says what it was about. None when there is no such conversation."""
    return await _change(session, id, marked=topic)


async def silent(session: AsyncSession, since: datetime) -> list[str]:
    """Open conversations in which nobody has written since then."""
    found = await session.scalars(
        select(col(Relay.id)).where(col(Relay.ended_at).is_(None), col(Relay.last_at) < since)
    )
    return list(found)


async def elsewhere(session: AsyncSession, platforms: Collection[str]) -> list[str]:
    """Open conversations that stand on none of these platforms."""
    found = await session.scalars(
        select(col(Relay.id)).where(col(Relay.ended_at).is_(None), col(Relay.stands_on).not_in(platforms))
    )
    return list(found)


async def unfinished(session: AsyncSession) -> list[str]:
    """Conversations with something on its way, or whose card does not stand yet."""
    moving = select(col(RelayLine.relay)).where(col(RelayLine.state).in_((LineState.WAITING, LineState.OUT)))
    unplaced = and_(col(Relay.thread).is_(None), col(Relay.ended_at).is_(None))
    found = await session.scalars(
        select(col(Relay.id)).where(or_(col(Relay.id).in_(moving), unplaced)).order_by(col(Relay.opened_at))
    )
    return list(found)


async def add_line(
    session: AsyncSession, relay: Relay, side: Side, key: str, data: Data, said_at: datetime
) -> bool:
    """Put something on its way to a side, once per key. False when it is there already."""
    added = await session.execute(
        insert_into(session, RelayLine)
        .values(
            relay=relay.id,
            key=key,
            side=side,
            said_at=said_at,
            name=name_of(type(data)),
            data=dumped(data),
            state=LineState.WAITING,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(col(RelayLine.id))
    )
    return added.first() is not None


async def line(session: AsyncSession, key: str) -> RelayLine | None:
    """The line of this key."""
    found = await session.scalar(select(RelayLine).where(col(RelayLine.key) == key))
    if found is not None:
        session.expunge(found)
    return found


async def lines(session: AsyncSession, relay: Relay, side: Side, state: LineState) -> list[RelayLine]:
    """The lines to a side in this state, in the order they were said."""
    found = await session.scalars(
        select(RelayLine)
        .where(col(RelayLine.relay) == relay.id, col(RelayLine.side) == side, col(RelayLine.state) == state)
        .order_by(col(RelayLine.said_at), col(RelayLine.id))
    )
    rows = list(found)
    for row in rows:
        session.expunge(row)
    return rows


def said(line: RelayLine) -> Data | None:
    """The message of a line; nothing once it has arrived, or when this program cannot read it."""
    return loaded(line.name, line.data)


async def set_line(session: AsyncSession, line: RelayLine, state: LineState) -> None:
    """The line moves on; at its end its words go."""
    words = {} if state is LineState.OUT else {"data": None}
    await session.execute(update(RelayLine).where(col(RelayLine.id) == line.id).values(state=state, **words))


async def fate(session: AsyncSession, key: str) -> Fate:
    """What became of the post of this key."""
    row = (
        await session.execute(
            select(col(Outgoing.state), col(Outgoing.repeated), col(Outgoing.failure)).where(
                col(Outgoing.key) == key
            )
        )
    ).first()
    if row is None or row.state in (OutboxState.PENDING, OutboxState.SENDING):
        return Fate(settled=False, arrived=False)
    if row.state == OutboxState.SENT:
        return Fate(settled=True, arrived=True)
    return Fate(settled=True, arrived=False, sure=not row.repeated)


async def unheard(session: AsyncSession, before: datetime) -> Sequence[Asked | Submitted]:
    """What came in earlier and is still being worked on: it may be for one of our conversations."""
    rows = await session.execute(
        select(col(Incoming.kind), col(Incoming.fields)).where(
            col(Incoming.state).in_((InboxState.WAITING, InboxState.WORKING)),
            col(Incoming.kind).in_(_HEARD),
            col(Incoming.received_at) < before,
        )
    )
    return [event for kind, fields in rows if (event := _heard(kind, fields)) is not None]


async def purge(session: AsyncSession, now: datetime, keep: timedelta) -> int:
    """Forget conversations begun longer ago that are over or asleep, with all that was said; how many there were."""
    until = now - keep
    gone = await session.execute(
        delete(Relay)
        .where(
            col(Relay.opened_at) < until, or_(col(Relay.ended_at).is_not(None), col(Relay.last_at) < until)
        )
        .returning(col(Relay.id))
    )
    return len(gone.all())


def person_of(relay: Relay) -> Person:
    """Who it is with."""
    return Person(relay.platform, relay.tenant, relay.user)


def _heard(kind: str, fields: Mapping[str, object] | None) -> Asked | Submitted | None:
    try:
        return _HEARD[kind].validate_python(fields)
    except ValidationError:
        return None


async def _change(
    session: AsyncSession, id: str, *where: ColumnElement[bool], **values: object
) -> Relay | None:
    changed = await session.scalars(
        update(Relay)
        .where(col(Relay.id) == id, *where)
        .values(**values)
        .returning(Relay)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return _detached(session, changed.one_or_none())


async def _one(session: AsyncSession, *where: ColumnElement[bool]) -> Relay | None:
    return _detached(session, await session.scalar(select(Relay).where(*where)))


def _detached(session: AsyncSession, relay: Relay | None) -> Relay | None:
    if relay is not None:
        session.expunge(relay)
    return relay
