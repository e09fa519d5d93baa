"""Notices outside chat: one row per event and channel, written with the event; claimed with a lease, sent, marked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Case, Notice, OutboxState
from handlers.states import ENDS, CaseState
from handlers.store.bells import Queue, written
from handlers.store.inserting import insert_into
from handlers.store.leases import run_out

KEEP: Final = timedelta(days=90)
"""How long it is known that something was told."""


class Channel(StrEnum):
    """By what a notice goes, or what else has to be done until it is done."""

    WORK_MAIL = "work-mail"
    PRIVATE_MAIL = "private-mail"
    PHONE = "phone"
    SECURITY_MAIL = "security-mail"
    SECURITY_HOOK = "security-hook"
    SESSIONS = "sessions"
    """The account is signed out everywhere."""
    PASSES = "passes"
    """The pass of a case is taken back."""
    TICKETS = "tickets"
    """The organisation's ticket system follows every case."""


SECURITY: Final = frozenset({Channel.SECURITY_MAIL, Channel.SECURITY_HOOK})
OWNER: Final = frozenset({Channel.WORK_MAIL, Channel.PRIVATE_MAIL, Channel.PHONE})
"""What reaches the owner of the account outside chat."""
_NOT_ME: Final = "not-me"
_OWNER_CAME: Final = "owner-came"
_TOLD: Final = ENDS | {CaseState.VERIFIED, CaseState.ISSUED}
"""What is told by every channel."""


def told_by(case: Case) -> frozenset[Channel]:
    """By what the owner hears of the state that this case has come to.

    That somebody else asks, that somebody has proved to be them, that a pass waits for its time, that it was
    shown, and every outcome: by everything. That it was used: by work mail.
    """
    state = CaseState(case.state)
    by_another = state is CaseState.OPEN and case.opened_by != "owner"
    waits = state is CaseState.APPROVED and case.not_before is not None
    if state in _TOLD or by_another or waits:
        return OWNER
    return frozenset({Channel.WORK_MAIL}) if state is CaseState.USED else frozenset()


@dataclass(frozen=True)
class Fan:
    """The channels there are. Everything is written in the transaction that it tells of."""

    channels: frozenset[Channel] = frozenset()

    async def of_case(self, session: AsyncSession, case: Case, now: datetime, reason: str = "") -> None:
        """A case has come to a state. That its owner has come in person is no news to the owner."""
        if reason == _OWNER_CAME:
            return
        stem = f"{case.id}:{case.state}:{case.state_at:%Y%m%d%H%M%S%f}"
        wanted = told_by(case) & self.channels
        await add(session, stem, case.state, wanted, now, case=case.id)

    async def moved(
        self, session: AsyncSession, case: Case, now: datetime, number: int, before: str | None
    ) -> None:
        """A case has moved, as row ``number`` of the audit says: the ticket system follows every move."""
        facts: dict[str, str | int] = {"number": number} | ({"before": before} if before else {})
        wanted = self.channels & {Channel.TICKETS}
        await add(session, f"move:{number}", case.state, wanted, now, case=case.id, facts=facts)

    async def disowned(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """It wasn't them: what came of this case is undone, once."""
        wanted = self.channels & {Channel.SESSIONS}
        if case.pass_id is not None:
            wanted |= self.channels & {Channel.PASSES}
        await add(session, f"{case.id}:{_NOT_ME}", _NOT_ME, wanted, now, case=case.id)


NOWHERE: Final = Fan()
"""Nobody is told outside chat."""


async def add(
    session: AsyncSession,
    stem: str,
    kind: str,
    channels: Iterable[Channel],
    now: datetime,
    *,
    case: str | None = None,
    facts: Mapping[str, str | int] | None = None,
) -> None:
    """Write one row per channel, once: what has this stem already is not told again."""
    rows = [
        {
            "key": f"{stem}:{channel}",
            "case": case,
            "kind": kind,
            "channel": channel,
            "facts": dict(facts) if facts else None,
            "at": now,
            "due_at": now,
            "state": OutboxState.PENDING,
            "attempts": 0,
            "lost": 0,
        }
        for channel in sorted(channels)
    ]
    if rows:
        written(session, Queue.NOTICES)
        await session.execute(
            insert_into(session, Notice).on_conflict_do_nothing(index_elements=["key"]), rows
        )


async def is_waiting(session: AsyncSession, channel: Channel, now: datetime, lease: timedelta) -> bool:
    """Whether there is anything to claim."""
    found = await session.scalar(select(col(Notice.id)).where(_due(channel, now, lease)).limit(1))
    return found is not None


async def claim(
    session: AsyncSession, channel: Channel, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Notice]:
    """Take what is due. Of one whose lease ran out nobody knows what became: it is counted in ``lost``."""
    found = await session.scalars(
        select(Notice)
        .where(_due(channel, now, lease))
        .order_by(col(Notice.due_at), col(Notice.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = list(found)
    for row in rows:
        row.lost += row.state == OutboxState.SENDING
        row.state, row.lease_owner, row.lease_until = OutboxState.SENDING, owner, now + lease
        row.attempts += 1
    await session.flush()
    for row in rows:
        session.expunge(row)
    return rows


async def settle(session: AsyncSession, notice: Notice, owner: str, **values: object) -> bool:
    """Mark one that was claimed. False when the lease had run out and somebody else has it."""
    settled = await session.execute(
        update(Notice)
        .where(
            col(Notice.id) == notice.id,
            col(Notice.state) == OutboxState.SENDING,
            col(Notice.lease_owner) == owner,
        )
        .values(lease_owner=None, lease_until=None, **values)
        .returning(col(Notice.id))
    )
    return settled.first() is not None


async def purge(session: AsyncSession, now: datetime) -> None:
    """Forget what was told long ago."""
    over = col(Notice.state).in_((OutboxState.SENT, OutboxState.FAILED, OutboxState.DROPPED))
    await session.execute(delete(Notice).where(over, col(Notice.at) < now - KEEP))


def _due(channel: Channel, now: datetime, lease: timedelta) -> ColumnElement[bool]:
    ran_out = and_(col(Notice.state) == OutboxState.SENDING, run_out(col(Notice.lease_until), now, lease))
    due = and_(col(Notice.state) == OutboxState.PENDING, col(Notice.due_at) <= now)
    return and_(col(Notice.channel) == channel, or_(ran_out, due))
