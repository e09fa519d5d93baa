"""Puts into the outbox what is due of the plan: a tick in every replica, and each reminder once."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func, select
from sqlmodel import col

from graph.together import together
from handlers.accounts import Directory
from handlers.messages import Language, ReadyNote, Reminder
from handlers.ports import Chats
from handlers.readiness import Missing
from handlers.records import OutboxState, Outgoing, PlanEntry
from handlers.rollout.budget import Budget
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
    untold_ready,
)
from handlers.rollout.keys import PRIORITY, Outcome, reminder_key
from handlers.rollout.late import drop_late, last_closing, record_stale
from handlers.rollout.looking import GRAPH, Finding, Looking, note
from handlers.rollout.lookups import Lookups, can_be_told, is_late
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

_SEEN: Final = (Outcome.READY, Outcome.TOLD_READY, Outcome.QUEUED, Outcome.UNREACHABLE)
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
    budget: Budget | None = None
    """What may be asked of the slow part of Microsoft Graph; nothing: as much as need be."""
    ready_note: bool = False
    """Whether who is ready is told so, once."""
    _rests: Rests = field(default_factory=Rests, init=False)
    _quotas: Quotas = field(default_factory=dict, init=False)
    _counted: datetime | None = field(default=None, init=False)
    _swept: datetime | None = field(default=None, init=False)

    @property
    def _lookups(self) -> Lookups:
        return Lookups(
            self.database,
            self.directory.methods,
            self.calendar,
            self.offsets,
            self.own_telecom,
            self.budget,
            self._rests,
        )

    def _looking(self, now: datetime, *, ready_note: bool = False) -> Looking:
        return Looking(
            self.database,
            self.directory,
            self.chats,
            self._lookups,
            self.language,
            self._rests,
            now,
            ready_note,
        )

    async def tick(self, now: datetime) -> None:
        """Drop what is too late, then plan what is due. Outside working hours and on quiet days nothing is."""
        self._rests.begin(now)
        await self.drop_stale(now)
        await self._lookups.tick(now)
        today = self.calendar.today(now)
        if self.calendar.is_quiet(today) or now not in self.calendar.window(today):
            return
        room = min(_A_TICK, _WAITING - await self._waiting(now))
        room -= await tell_moved(self._looking(now), self.calendar, now, room)
        async for due in self._due(today, now):
            if room <= 0 or GRAPH in self._rests:
                return
            room -= await self._plan(due, now)

    async def _due(self, today: date, now: datetime) -> AsyncIterator[DueEntries]:
        """What begins today since its own day has too many; then what is due today."""
        given = (self.database, today, self.offsets, self.calendar)
        told = can_be_told(self.calendar, now)
        if self.pace is not None:
            if self._counted is None or now - self._counted >= _COUNT_EVERY:
                self._quotas, self._counted = await quotas(*given, self.pace), now
            async for due in early_entries(*given, self.pace, self._quotas, _AT_ONCE, told):
                yield due
        async for due in due_entries(*given, _AT_ONCE, told):
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
        findings = await self._look(due, entries, now)
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
                    if finding.outcome in _SEEN and finding.lacking is not Missing.UNKNOWN:
                        is_ready = finding.lacking is Missing.NOTHING
                        await mark_ready(session, entry.account, is_ready=is_ready, now=now)
                    if finding.recipient is not None:
                        await outbox.add(session, self._post(entry, due.due, finding, finding.recipient, now))
        return len(entries)

    async def _look(
        self, due: DueEntries, entries: Sequence[PlanEntry], now: datetime
    ) -> Sequence[Finding | None]:
        """Side by side, so that what they ask of Microsoft Graph leaves together."""
        untold: set[str] = set()
        if self.ready_note and due.due.slot.offset <= 0:
            untold = await untold_ready(self.database, due)
        may_guess = is_late(self.calendar, now)
        async with together() as group:
            tasks = [
                group.create_task(
                    self._looking(now, ready_note=entry.account in untold).look(entry, may_guess=may_guess)
                )
                for entry in entries
            ]
        return [task.result() for task in tasks]

    def _post(
        self, entry: PlanEntry, due: DueSlot, finding: Finding, recipient: Recipient, now: datetime
    ) -> outbox.Post:
        data: Reminder | ReadyNote = ReadyNote(due.activation_day, spare=finding.has_spare)
        if finding.outcome is not Outcome.TOLD_READY:
            as_sent = (due.slot.day - due.activation_day).days
            data = Reminder(due.activation_day, as_sent, finding.lacking, finding.as_of)
        return outbox.Post(
            key=reminder_key(entry.account, due.activation_day, due.slot.offset),
            target=recipient.person,
            data=data,
            language=recipient.language,
            due_at=recipient.earliest(self.calendar, now),
            priority=PRIORITY,
        )
