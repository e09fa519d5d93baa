"""What goes out unasked: one row per key, for ever; claimed with a lease, sent, marked.

Nothing is sent twice for one key, save one whose outcome nobody knows (the process died, no answer came): that
one is repeated once, and marked so.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from handlers.events import Place
from handlers.ports import Reference
from handlers.records import OutboxState, Outgoing
from handlers.store import pace
from handlers.store.bells import Queue, written
from handlers.store.inserting import insert_into
from handlers.store.leases import run_out
from handlers.store.pace import PLATFORMS, Bounds, bounds_of
from handlers.store.posts import BULK, Claimed, Post, claimed_of, row_of

__all__ = [
    "Claimed",
    "Post",
    "Waiting",
    "add",
    "add_many",
    "claim",
    "drop",
    "drop_elsewhere",
    "dropped",
    "failed",
    "is_superseded",
    "later",
    "reference",
    "sent",
    "unknown",
    "waiting",
]

_BATCH: Final = 500
_ENDED: Final[Mapping[str, object]] = {"data": None, "lease_owner": None, "lease_until": None}
_NOT_KNOWN: Final = "outcome unknown twice"


@dataclass(frozen=True)
class Waiting:
    """What has not gone out though it is due."""

    due: int
    oldest: timedelta | None
    """How long the first of them has waited."""


async def add(session: AsyncSession, post: Post, tenant: str = "") -> bool:
    """Put a message in, once per key. False when that key was there already."""
    return await add_many(session, [post], tenant) == 1


async def add_many(session: AsyncSession, posts: Iterable[Post], tenant: str = "") -> int:
    """Put messages in, once per key; how many were new. The tenant of a person is the person's own.

    One that replaces a message takes the turn of every earlier one that was to replace it and has not gone out.
    """
    rows = (row_of(post, tenant) for post in posts)
    written(session, Queue.OUTBOX)
    new = 0
    while batch := list(islice(rows, _BATCH)):
        added = await session.execute(
            insert_into(session, Outgoing)
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(col(Outgoing.id)),
            batch,
        )
        new += len(added.all())
        await _supersede(session, {row["replaces"] for row in batch if row["replaces"] is not None})
    return new


async def claim(
    session: AsyncSession,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    platforms: Collection[str],
    bounds: Mapping[str, Bounds] = PLATFORMS,
) -> list[Claimed]:
    """Take messages to send, the most urgent first. Nobody else gets them until the lease runs out.

    Of those that nobody waits for, only as many as the platform's pace allows.

    One whose lease ran out while it was being sent is of unknown outcome: it comes once more, ``repeated``.
    What replaces a message waits until that one and every earlier replacement are settled; if there is nothing
    to replace in the end, it comes as a message of its own.
    """
    ran_out = and_(col(Outgoing.state) == OutboxState.SENDING, run_out(col(Outgoing.lease_until), now, lease))
    await session.execute(
        update(Outgoing)
        .where(ran_out, _is_repeated())
        .values(state=OutboxState.FAILED, failure=_NOT_KNOWN, **_ENDED)
    )
    due = and_(col(Outgoing.state) == OutboxState.PENDING, col(Outgoing.due_at) <= now)
    # One question each: together they could not be answered in order from the index, but by sorting all that waits.
    rows = await _locked(session, ran_out, platforms, limit)
    rows += await _locked(session, and_(due, col(Outgoing.priority) < BULK), platforms, limit - len(rows))
    waiting = and_(due, col(Outgoing.priority) >= BULK)
    for number, platform in enumerate(sorted(platforms)):
        share = -(-(limit - len(rows)) // (len(platforms) - number))
        rows += await _paced(session, waiting, platform, share, bounds_of(platform, bounds), now)
    await session.execute(
        update(Outgoing)
        .where(col(Outgoing.id).in_([row.id for row in rows]))
        .values(
            repeated=or_(col(Outgoing.repeated), col(Outgoing.state) == OutboxState.SENDING),
            state=OutboxState.SENDING,
            lease_owner=owner,
            lease_until=now + lease,
            attempts=col(Outgoing.attempts) + 1,
        )
        .execution_options(synchronize_session=False)
    )
    standing = await _standing(session, {row.replaces for row in rows})
    claimed = []
    for row in rows:
        one = claimed_of(row, replaces=row.replaces if row.replaces in standing else None)
        if one is not None:
            claimed.append(one)
        elif row.id is not None:
            await failed(session, row.id, owner, "unreadable")
    return claimed


async def sent(session: AsyncSession, id: int, owner: str, now: datetime, reference: Reference) -> bool:
    """It stands in the chat. False when the lease had run out and somebody else has it."""
    return await _settle(
        session,
        id,
        owner,
        state=OutboxState.SENT,
        sent_at=now,
        sent_conversation=reference.place.conversation,
        sent_thread=reference.place.thread,
        sent_private=reference.place.private,
        sent_message=reference.message,
        **_ENDED,
    )


async def later(session: AsyncSession, id: int, owner: str, due_at: datetime) -> bool:
    """The platform asked for a pause and nothing was sent: this attempt does not count."""
    return await _settle(
        session,
        id,
        owner,
        state=OutboxState.PENDING,
        due_at=due_at,
        attempts=col(Outgoing.attempts) - 1,
        lease_owner=None,
        lease_until=None,
    )


async def unknown(session: AsyncSession, id: int, owner: str, now: datetime) -> bool:
    """No answer came. True when it will be repeated, which is done once, after the lease."""
    second = await _settle(
        session, id, owner, _is_repeated(), state=OutboxState.FAILED, failure=_NOT_KNOWN, **_ENDED
    )
    if second:
        return False
    return await _settle(
        session,
        id,
        owner,
        state=OutboxState.PENDING,
        repeated=True,
        due_at=case((col(Outgoing.lease_until) > now, col(Outgoing.lease_until)), else_=now),
        lease_owner=None,
        lease_until=None,
    )


async def failed(session: AsyncSession, id: int, owner: str, reason: str) -> bool:
    """It cannot be sent, and trying again will not help. ``reason`` is a word of ours, never an answer's text."""
    return await _settle(session, id, owner, state=OutboxState.FAILED, failure=reason, **_ENDED)


async def drop(session: AsyncSession, key: str) -> bool:
    """It need not be sent any more. False when it has gone out, is going out, or never was."""
    dropped = await session.execute(
        update(Outgoing)
        .where(col(Outgoing.key) == key, col(Outgoing.state) == OutboxState.PENDING)
        .values(state=OutboxState.DROPPED, **_ENDED)
        .returning(col(Outgoing.id))
    )
    return dropped.first() is not None


async def drop_elsewhere(session: AsyncSession, platforms: Collection[str]) -> int:
    """Of a platform that is off nothing waits: once it is on again, it would be stale. How many there were."""
    dropped = await session.execute(
        update(Outgoing)
        .where(col(Outgoing.state) == OutboxState.PENDING, col(Outgoing.platform).not_in(platforms))
        .values(state=OutboxState.DROPPED, **_ENDED)
        .returning(col(Outgoing.id))
    )
    return len(dropped.all())


async def waiting(session: AsyncSession, now: datetime) -> Waiting:
    """How much is due and not out, and since when."""
    open_ones = col(Outgoing.state).in_((OutboxState.PENDING, OutboxState.SENDING))
    overdue = (open_ones, col(Outgoing.due_at) <= now)
    due = await session.scalar(select(func.count()).select_from(Outgoing).where(*overdue)) or 0
    oldest = await session.scalar(select(func.min(col(Outgoing.due_at))).where(*overdue))
    return Waiting(due, None if oldest is None else now - oldest)


async def reference(session: AsyncSession, key: str) -> Reference | None:
    """Where the message of this key stands, once it is sent."""
    row = await session.scalar(
        select(Outgoing).where(col(Outgoing.key) == key, col(Outgoing.state) == OutboxState.SENT)
    )
    if row is None or row.sent_conversation is None or row.sent_message is None:
        return None
    place = Place(row.platform, row.sent_conversation, row.sent_thread, row.sent_private)
    return Reference(place, row.sent_message)


async def is_superseded(session: AsyncSession, claimed: Claimed) -> bool:
    """Whether a newer post takes the place of the same message: the older one is then not worth sending."""
    if claimed.post.replaces is None:
        return False
    newer = await session.scalar(
        select(col(Outgoing.id))
        .where(col(Outgoing.replaces) == claimed.post.replaces, col(Outgoing.id) > claimed.id)
        .limit(1)
    )
    return newer is not None


async def dropped(session: AsyncSession, claimed_id: int, owner: str) -> bool:
    """What was claimed need not be sent after all."""
    return await _settle(session, claimed_id, owner, state=OutboxState.DROPPED, **_ENDED)


async def _locked(
    session: AsyncSession, wanted: ColumnElement[bool], platforms: Collection[str], limit: int
) -> list[Outgoing]:
    found = await session.scalars(
        select(Outgoing)
        .where(wanted, col(Outgoing.platform).in_(platforms), ~_has_to_wait())
        .order_by(col(Outgoing.priority), col(Outgoing.due_at), col(Outgoing.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(found)
    for row in rows:
        session.expunge(row)
    return rows


async def _paced(
    session: AsyncSession,
    waiting: ColumnElement[bool],
    platform: str,
    limit: int,
    bounds: Bounds,
    now: datetime,
) -> list[Outgoing]:
    """As many as may go now of those that nobody waits for. While none waits, nothing is written."""
    if limit <= 0 or not await _locked(session, waiting, [platform], 1):
        return []
    allowed = await pace.allowed(session, platform, bounds, now)
    rows = await _locked(session, waiting, [platform], min(limit, allowed)) if allowed > 0 else []
    await pace.spend(session, platform, len(rows))
    return rows


async def _settle(
    session: AsyncSession, id: int, owner: str, *where: ColumnElement[bool], **values: object
) -> bool:
    settled = await session.execute(
        update(Outgoing)
        .where(
            col(Outgoing.id) == id,
            col(Outgoing.state) == OutboxState.SENDING,
            col(Outgoing.lease_owner) == owner,
            *where,
        )
        .values(**values)
        .returning(col(Outgoing.id))
    )
    return settled.first() is not None


async def _supersede(session: AsyncSession, replaced: Collection[object]) -> None:
    if not replaced:
        return
    newer = aliased(Outgoing)
    last = select(func.max(newer.id)).where(col(newer.replaces) == Outgoing.replaces).scalar_subquery()
    await session.execute(
        update(Outgoing)
        .where(
            col(Outgoing.replaces).in_(replaced),
            col(Outgoing.state) == OutboxState.PENDING,
            col(Outgoing.id) < last,
        )
        .values(state=OutboxState.DROPPED, **_ENDED)
        .execution_options(synchronize_session=False)
    )


async def _standing(session: AsyncSession, keys: Collection[str | None]) -> Collection[str]:
    """Which of these keys have a message that stands in the chat."""
    found = await session.scalars(
        select(col(Outgoing.key)).where(
            col(Outgoing.key).in_([key for key in keys if key is not None]),
            col(Outgoing.state) == OutboxState.SENT,
        )
    )
    return set(found)


def _is_repeated() -> ColumnElement[bool]:
    return col(Outgoing.repeated).is_(True)


def _has_to_wait() -> ColumnElement[bool]:
    """Two changes of one message must not overtake each other, or the older one would stand at the end."""
    other = aliased(Outgoing)
    return exists().where(
        or_(
            col(other.key) == Outgoing.replaces,
            and_(col(other.replaces) == Outgoing.replaces, col(other.id) < col(Outgoing.id)),
        ),
        col(other.state).in_((OutboxState.PENDING, OutboxState.SENDING)),
    )
