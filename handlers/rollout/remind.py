"""Puts into the outbox what is due of the plan: one tick in every replica, and each reminder once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from graph.errors import GraphError, NotFound, Throttled
from handlers.accounts import Directory
from handlers.events import Person
from handlers.language import of_locale
from handlers.messages import Language, Reminder
from handlers.ports import ChatError, Chats
from handlers.readiness import Missing, missing
from handlers.records import Due, PlanEntry
from handlers.rollout.keys import Outcome, reminder_key
from handlers.rollout.when import Calendar, Slot, activation_days, slots
from handlers.store import outbox, people
from handlers.store.database import Database
from handlers.store.inserting import insert_into

log = structlog.get_logger(__name__)

_BATCH: Final = 200
_AT_ONCE: Final = 5
_LOOK_BACK: Final = timedelta(days=7)
"""How far back a reminder that never went is put on record."""


@dataclass(frozen=True)
class Recipient:
    """Whom a reminder goes to, and in which language."""

    person: Person
    language: Language


@dataclass(frozen=True)
class Remind:
    """Looks at each account right before it is reminded; what cannot be read is left for the next tick."""

    database: Database
    directory: Directory
    chats: Chats
    calendar: Calendar
    offsets: tuple[int, ...]
    own_telecom: bool
    language: Language
    """Of people whose language nobody knows."""

    async def tick(self, now: datetime) -> None:
        """Plan what is due now. Outside working hours and on quiet days nothing is."""
        today = self.calendar.today(now)
        if now not in self.calendar.window(today):
            return
        async for batch in self._batches(today):
            await self._drop_stale(batch, now, today)
            due = [(entry, slot) for entry in batch for slot in self._slots(entry) if slot.day == today]
            due = await self._not_done(due)
            for start in range(0, len(due), _AT_ONCE):
                part = due[start : start + _AT_ONCE]
                try:
                    await asyncio.gather(*(self._remind(entry, slot, now) for entry, slot in part))
                except Throttled:
                    log.info("reminders-paused", why="throttled")
                    return

    async def _batches(self, today: date) -> AsyncIterator[Sequence[PlanEntry]]:
        """The accounts that a reminder of today can belong to, a few at a time."""
        first, last = activation_days(today, self.offsets, self.calendar)
        after = ""
        while True:
            async with self.database.reading() as session:
                found = await session.scalars(
                    select(PlanEntry)
                    .where(
                        col(PlanEntry.activation_day).between(first - _LOOK_BACK, last),
                        col(PlanEntry.account) > after,
                    )
                    .order_by(col(PlanEntry.account))
                    .limit(_BATCH)
                )
                batch = found.all()
            if not batch:
                return
            after = batch[-1].account
            yield batch

    def _slots(self, entry: PlanEntry) -> tuple[Slot, ...]:
        return slots(entry.activation_day, self.offsets, self.calendar)

    async def _not_done(self, due: list[tuple[PlanEntry, Slot]]) -> list[tuple[PlanEntry, Slot]]:
        accounts = [entry.account for entry, _ in due]
        async with self.database.reading() as session:
            rows = await session.scalars(select(Due).where(col(Due.account).in_(accounts)))
            done = {(row.account, row.activation_day, row.offset) for row in rows}
        return [(e, slot) for e, slot in due if (e.account, e.activation_day, slot.offset) not in done]

    async def _remind(self, entry: PlanEntry, slot: Slot, now: datetime) -> None:
        try:
            outcome, lacking = await self._look(entry)
            recipient = await self._recipient(entry, now) if outcome is Outcome.QUEUED else None
        except Throttled:
            raise
        except (GraphError, ChatError) as error:
            log.warning("reminder-put-off", account=entry.account, error=type(error).__name__)
            return
        if outcome is Outcome.QUEUED and recipient is None:
            outcome = Outcome.UNREACHABLE
        async with self.database.transaction() as session:
            if not await _record(session, entry, slot.offset, outcome, now):
                return
            for offset in slot.merged:
                await _record(session, entry, offset, Outcome.MERGED, now)
            if outcome is Outcome.READY:
                await _ready(session, entry, now)
            if outcome is Outcome.QUEUED and recipient is not None:
                await outbox.add(session, _post(entry, slot, recipient, lacking, now))

    async def _look(self, entry: PlanEntry) -> tuple[Outcome, Missing]:
        """What the directory says now. ``QUEUED``: there is somebody to be reminded."""
        try:
            user = await self.directory.users.get(entry.account)
        except NotFound:
            return Outcome.GONE, Missing.NOTHING
        if not user.account_enabled:
            return Outcome.DISABLED, Missing.NOTHING
        if user.is_external_guest:
            return Outcome.GUEST, Missing.NOTHING
        methods = await self.directory.methods.list(entry.account)
        lacking = missing(methods, entry.activation_day, own_telecom=self.own_telecom)
        return (Outcome.READY if lacking is Missing.NOTHING else Outcome.QUEUED), lacking

    async def _recipient(self, entry: PlanEntry, now: datetime) -> Recipient | None:
        """The person in chat: as linked, else by the account's mail address, which is enough to remind."""
        async with self.database.reading() as session:
            known = await people.people_of(session, entry.account)
        person = known[0] if known else await self._found(entry, now)
        if person is None:
            return None
        async with self.database.reading() as session:
            chosen = await people.language_of(session, person)
        if entry.language or chosen:
            return Recipient(person, Language(entry.language) if entry.language else chosen or self.language)
        profile = await self.chats.of(person.platform).profile(person)
        return Recipient(person, of_locale(profile.locale) or self.language)

    async def _found(self, entry: PlanEntry, now: datetime) -> Person | None:
        for address in dict.fromkeys(filter(None, (entry.mail, entry.upn))):
            for chat in self.chats.chats:
                person = await chat.find(address)
                if person is not None:
                    async with self.database.transaction() as session:
                        await people.pin(session, person, entry.account, address, now)
                    return person
        return None

    async def _drop_stale(self, batch: Sequence[PlanEntry], now: datetime, today: date) -> None:
        """Put on record what should have gone on an earlier day and never did."""
        missed = [
            (entry, slot)
            for entry in batch
            for slot in self._slots(entry)
            if today - _LOOK_BACK <= slot.day < today
            and entry.changed_at < self.calendar.window(slot.day).closes
        ]
        missed = await self._not_done(missed)
        if not missed:
            return
        async with self.database.transaction() as session:
            for entry, slot in missed:
                await _record(session, entry, slot.offset, Outcome.STALE, now)


async def _record(
    session: AsyncSession, entry: PlanEntry, offset: int, outcome: Outcome, now: datetime
) -> bool:
    """Write down what became of a reminder; False when another replica already has."""
    new = await session.execute(
        insert_into(session, Due)
        .values(
            account=entry.account,
            activation_day=entry.activation_day,
            offset=offset,
            outcome=outcome,
            at=now,
        )
        .on_conflict_do_nothing(index_elements=["account", "activation_day", "offset"])
        .returning(col(Due.account))
    )
    return new.first() is not None


async def _ready(session: AsyncSession, entry: PlanEntry, now: datetime) -> None:
    await session.execute(
        update(PlanEntry)
        .where(col(PlanEntry.account) == entry.account, col(PlanEntry.ready_at).is_(None))
        .values(ready_at=now)
    )


def _post(entry: PlanEntry, slot: Slot, recipient: Recipient, lacking: Missing, now: datetime) -> outbox.Post:
    return outbox.Post(
        key=reminder_key(entry.account, entry.activation_day, slot.offset),
        target=recipient.person,
        data=Reminder(entry.activation_day, (slot.day - entry.activation_day).days, lacking),
        language=recipient.language,
        due_at=now,
        priority=9,
    )
