"""Puts into the outbox what is due of the plan: a tick in every replica, and each reminder once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlmodel import col

from handlers.accounts import Directory
from handlers.messages import Language, Reminder
from handlers.ports import Chats
from handlers.records import OutboxState, Outgoing, PlanEntry
from handlers.rollout.demand import Pace
from handlers.rollout.due import (
    DueEntries,
    DueSlot,
    Quotas,
    due_entries,
    early_entries,
    mark_ready,
    quotas,
    record,
    still_planned,
)
from handlers.rollout.keys import PRIORITY, Outcome, reminder_key
from handlers.rollout.late import drop_late, last_closing, record_stale
from handlers.rollout.looking import GRAPH, Finding, Looking, note
from handlers.rollout.moves import tell_moved
from handlers.rollout.queued import is_ours
from handlers.rollout.reach import Recipient
from handlers.rollout.rests import Rests
from handlers.rollout.when import Calendar
from handlers.store import outbox
from handlers.store.database import Database

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 10
_A_TICK: Final = 100
"""Accounts looked up in one tick, so that it stays short."""
_WAITING: Final = 200
"""Reminders that may wait in the outbox: with few, each account was looked up shortly before its message goes."""

_COUNT_EVERY: Final = timedelta(minutes=1)


@dataclass
class Remind:
    """Looks at each account right before it is reminded; what cannot be read now is left for a later tick.

    Any number of replicas may tick at once: the record of a reminder is written once, and only who writes it
    puts the message into the outbox, in the same transaction.
    """

    database: Database
    directory: Directory
    chats: Chats
    calendar: Calendar
    offsets: tuple[int, ...]
    own_telecom: bool
    language: Language = Language.NB
    """Of people whose language nobody knows."""
    pace: Pace | None = None
    """How fast the chats are; nothing: as fast as need be."""
    _rests: Rests = field(default_factory=Rests, init=False)
    _quotas: Quotas = field(default_factory=dict, init=False)
    _counted: datetime | None = field(default=None, init=False)
    _swept: datetime | None = field(default=None, init=False)

    @property
    def _looking(self) -> Looking:
        return Looking(
            self.database, self.directory, self.chats, self.own_telecom, self.language, self._rests
        )

    async def tick(self, now: datetime) -> None:
        """Drop what is too late, then plan what is due. Outside working hours and on quiet days nothing is."""
        self._rests.begin(now)
        await self.drop_stale(now)
        today = self.calendar.today(now)
        if self.calendar.is_quiet(today) or now not in self.calendar.window(today):
            return
        room = min(_A_TICK, _WAITING - await self._waiting(now))
        room -= await tell_moved(self._looking, self.calendar, now, room)
        async for due in self._due(today, now):
            if room <= 0 or GRAPH in self._rests:
                return
            room -= await self._plan(due, now)

    async def _due(self, today: date, now: datetime) -> AsyncIterator[DueEntries]:
        """What begins today since its own day has too many; then what is due today."""
        given = (self.database, today, self.offsets, self.calendar)
        if self.pace is not None:
            if self._counted is None or now - self._counted >= _COUNT_EVERY:
                self._quotas, self._counted = await quotas(*given, self.pace), now
            async for due in early_entries(*given, self.pace, self._quotas, _AT_ONCE):
                yield due
        async for due in due_entries(*given, _AT_ONCE):
            yield due

    async def drop_stale(self, now: datetime) -> None:
        """Drop what waits though its hours are over. Also to be called before anything is sent after a rest."""
        dropped = await drop_late(self.database, self.calendar, now)
        closing = last_closing(self.calendar, now)
        missed = 0
        if self._swept != closing:
            missed = await record_stale(self.database, self.offsets, self.calendar, now)
            self._swept = closing
        if dropped or missed:
            log.warning("reminders-stale", dropped=dropped, missed=missed)

    async def _waiting(self, now: datetime) -> int:
        async with self.database.reading() as session:
            waiting = await session.scalar(
                select(func.count())
                .select_from(Outgoing)
                .where(
                    col(Outgoing.state) == OutboxState.PENDING,
                    col(Outgoing.priority) == PRIORITY,
                    col(Outgoing.due_at) <= now,
                    is_ours(),
                )
            )
        return waiting or 0

    async def _plan(self, due: DueEntries, now: datetime) -> int:
        """Look at some accounts and write down what becomes of them; how many were looked at."""
        entries = [entry for entry in due.entries if entry.account not in self._rests]
        findings = await asyncio.gather(*(self._looking.look(entry) for entry in entries))
        settled = [(e, it) for e, it in zip(entries, findings, strict=True) if it is not None]
        if settled:
            async with self.database.transaction() as session:
                planned = await still_planned(session, due)
                await note(session, settled, now)
                for entry, finding in settled:
                    if entry.account not in planned:
                        continue
                    if not await record(session, entry.account, due.due, finding.outcome, now):
                        continue
                    if finding.outcome in (Outcome.READY, Outcome.QUEUED, Outcome.UNREACHABLE):
                        is_ready = finding.outcome is Outcome.READY
                        await mark_ready(session, entry.account, is_ready=is_ready, now=now)
                    if finding.recipient is not None:
                        await outbox.add(session, self._post(entry, due.due, finding, finding.recipient, now))
        return len(entries)

    def _post(
        self, entry: PlanEntry, due: DueSlot, finding: Finding, recipient: Recipient, now: datetime
    ) -> outbox.Post:
        return outbox.Post(
            key=reminder_key(entry.account, due.activation_day, due.slot.offset),
            target=recipient.person,
            data=Reminder(due.activation_day, (due.slot.day - due.activation_day).days, finding.lacking),
            language=recipient.language,
            due_at=recipient.earliest(self.calendar, now),
            priority=PRIORITY,
        )
