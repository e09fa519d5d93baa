"""What came in: written before it is acknowledged, worked on afterwards, forgotten once it is done."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, get_args

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.events import Asked, Event, Submitted
from handlers.records import InboxState, Incoming
from handlers.store.cleaning import clean
from handlers.store.inserting import insert_into
from handlers.store.leases import run_out

__all__ = [
    "attempts",
    "claim",
    "clean",
    "cleaned",
    "done",
    "failed",
    "purge",
    "receive",
    "received_at",
    "waiting",
]

KEEP: Final = timedelta(days=7)
"""How long the id of a handled event is kept: longer than any platform redelivers."""
MOST_ATTEMPTS: Final = 5
"""An event that ended the process this often is given up, so that it cannot do so for ever."""
_LONGEST_PAUSE: Final = timedelta(hours=2)
"""No event is put off longer: one that is was put off by a clock that has been set back since."""
_ADAPTERS: Final[Mapping[str, TypeAdapter[Event]]] = {
    kind.__name__: TypeAdapter(kind) for kind in get_args(Event)
}
_UNCLEANED: Final = frozenset({"account", "colleague"})
"""Fields of forms that name an account or a person by an id, which may look like a code."""


async def receive(
    session: AsyncSession,
    event: Event,
    now: datetime,
    *,
    owner: str | None = None,
    lease: timedelta | None = None,
) -> bool:
    """Write an event down, cleaned. False when it was seen before: then there is nothing to do.

    With an owner and a lease it is claimed already.
    """
    kind = type(event).__name__
    fields = _ADAPTERS[kind].dump_python(cleaned(event), mode="json")
    row: dict[str, object] = {"id": event.id, "kind": kind, "fields": fields, "received_at": now}
    if owner is not None and lease is not None:
        row |= {
            "state": InboxState.WORKING,
            "lease_owner": owner,
            "lease_until": now + lease,
            "attempts": 1,
        }
    new = await session.execute(
        insert_into(session, Incoming)
        .values(row)
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(col(Incoming.id))
    )
    return new.first() is not None


async def claim(
    session: AsyncSession, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Event]:
    """Take events to work on, oldest first, also those whose worker died. Nobody else gets them meanwhile."""
    ran_out = and_(col(Incoming.state) == InboxState.WORKING, run_out(col(Incoming.lease_until), now, lease))
    await _finish(session, InboxState.FAILED, now, ran_out, col(Incoming.attempts) >= MOST_ATTEMPTS)
    due = or_(
        ran_out,
        and_(
            col(Incoming.state) == InboxState.WAITING,
            or_(
                col(Incoming.lease_until).is_(None),
                col(Incoming.lease_until) <= now,
                col(Incoming.lease_until) > now + _LONGEST_PAUSE,
            ),
        ),
    )
    rows = (
        await session.execute(
            select(col(Incoming.id), col(Incoming.kind), col(Incoming.fields))
            .where(due)
            .order_by(col(Incoming.received_at), col(Incoming.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    ).all()
    await session.execute(
        update(Incoming)
        .where(col(Incoming.id).in_([row.id for row in rows]))
        .values(
            state=InboxState.WORKING,
            lease_owner=owner,
            lease_until=now + lease,
            attempts=col(Incoming.attempts) + 1,
        )
    )
    events = []
    for id, kind, fields in rows:
        event = _rebuilt(kind, fields)
        if event is None:
            await _finish(session, InboxState.FAILED, now, col(Incoming.id) == id)
        else:
            events.append(event)
    return events


async def attempts(session: AsyncSession, id: str) -> int:
    """How often this event has been worked on."""
    return await session.scalar(select(col(Incoming.attempts)).where(col(Incoming.id) == id)) or 0


async def received_at(session: AsyncSession, event: str) -> datetime | None:
    """When an event came in."""
    return await session.scalar(select(col(Incoming.received_at)).where(col(Incoming.id) == event))


async def done(session: AsyncSession, id: str, now: datetime) -> None:
    """The event is handled: only its id stays."""
    await _finish(session, InboxState.DONE, now, col(Incoming.id) == id)


async def failed(session: AsyncSession, id: str, now: datetime, retry_at: datetime | None) -> bool:
    """The event could not be handled; True when it will be tried again at ``retry_at``."""
    if retry_at is not None:
        again = await session.execute(
            update(Incoming)
            .where(
                col(Incoming.id) == id,
                col(Incoming.state) == InboxState.WORKING,
                col(Incoming.attempts) < MOST_ATTEMPTS,
            )
            .values(state=InboxState.WAITING, lease_owner=None, lease_until=retry_at)
            .returning(col(Incoming.id))
        )
        if again.first() is not None:
            return True
    await _finish(session, InboxState.FAILED, now, col(Incoming.id) == id)
    return False


async def waiting(session: AsyncSession) -> int:
    """How many events are not handled yet."""
    open_ones = col(Incoming.state).in_((InboxState.WAITING, InboxState.WORKING))
    return await session.scalar(select(func.count()).select_from(Incoming).where(open_ones)) or 0


async def purge(session: AsyncSession, now: datetime) -> int:
    """Forget the ids of events handled more than seven days ago; how many there were."""
    gone = await session.execute(
        delete(Incoming).where(col(Incoming.handled_at) < now - KEEP).returning(col(Incoming.id))
    )
    return len(gone.all())


async def _finish(
    session: AsyncSession, state: InboxState, now: datetime, *where: ColumnElement[bool]
) -> None:
    await session.execute(
        update(Incoming)
        .where(col(Incoming.handled_at).is_(None), *where)
        .values(state=state, fields=None, lease_owner=None, lease_until=None, handled_at=now)
    )


def cleaned(event: Event) -> Event:
    """The event as it is written down: without codes, tokens and person numbers."""
    match event:
        case Asked():
            text = clean(event.text)
            return replace(event, text=text, cut=event.cut or text != event.text)
        case Submitted():
            values = {name: _cleaned_value(name, value) for name, value in event.values.items()}
            return replace(event, values=values, cut=event.cut or values != event.values)
        case _:
            return event


def _cleaned_value(name: str, value: str) -> str:
    return value if name in _UNCLEANED else clean(value)


def _rebuilt(kind: str, fields: Mapping[str, object] | None) -> Event | None:
    """The event of a row; nothing when another version of this program wrote it in a way we cannot read."""
    try:
        return _ADAPTERS[kind].validate_python(fields)
    except (KeyError, ValidationError):
        return None
