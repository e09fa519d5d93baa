"""The plan: which account is activated on which day. Imported whole or not at all, with who and why on record."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.records import PlanEntry
from handlers.rollout import writing
from handlers.rollout.batches import batches
from handlers.rollout.changes import Kind, Target, changes, targets
from handlers.rollout.difference import Difference, OffDay, Tally
from handlers.rollout.plan_file import LineProblem, Parsed, parse
from handlers.rollout.progress import Progress, untold
from handlers.rollout.resolver import Resolver
from handlers.rollout.when import Calendar
from handlers.store.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would have done. With any problem, it did nothing."""

    added: int = 0
    moved: int = 0
    removed: int = 0
    updated: int = 0
    """Accounts that got another wave, language or address on the same day."""
    unchanged: int = 0
    problems: tuple[LineProblem, ...] = ()
    """Every line that cannot be followed, in order."""
    differences: tuple[Difference, ...] = ()
    """The same in more words: which days, which waves, and some of the accounts."""
    off_days: tuple[OffDay, ...] = ()
    """Activation days on which nobody is at work: accepted, and worth a second look."""

    @property
    def is_accepted(self) -> bool:
        """Whether the file can be followed."""
        return not self.problems

    @classmethod
    def of(cls, tally: Tally, calendar: Calendar) -> "ImportReport":
        """What was counted."""
        return cls(
            added=tally.kinds[Kind.ADDED],
            moved=tally.kinds[Kind.MOVED],
            removed=tally.kinds[Kind.REMOVED],
            updated=tally.kinds[Kind.UPDATED],
            unchanged=tally.kinds[Kind.UNCHANGED],
            differences=tally.differences(),
            off_days=tally.off_days(calendar),
        )


@dataclass(frozen=True)
class Author:
    """Who changes the plan, when, and why."""

    by: str
    reason: str
    now: datetime


class _Refused(Exception):
    """Ends the transaction of an import that cannot be followed."""


async def import_plan(
    database: Database,
    resolver: Resolver,
    data: bytes,
    *,
    author: Author,
    calendar: Calendar,
    dry_run: bool = False,
    told: Progress = untold,
) -> ImportReport:
    """Follow a plan file: all of its lines, or none. Accounts that it does not name stay as they are.

    Raises ``GraphError`` when the directory cannot tell who is meant, and ``StoreError``; either way nothing
    was imported. Reminders of the old day that have not gone out are withdrawn.
    """
    parsed = parse(data)
    resolved = await resolver.resolve([row.account for row in parsed.rows], told)
    leaving = [
        row.account.casefold()
        for row in parsed.rows
        if row.activation_day is None and resolved.get(row.account) is None
    ]
    tally, problems = Tally(), list(parsed.problems)
    with suppress(_Refused):
        async with database.reading() if dry_run else database.transaction() as session:
            if not dry_run:
                await writing.lock(session)
            wanted, strangers = targets(parsed.rows, resolved, await writing.named(session, leaving))
            problems += strangers
            del resolved
            wanted.sort(key=attrgetter("user.account"))
            for batch in batches(wanted):
                problems += await _follow(session, parsed, batch, tally, author, calendar, dry_run=dry_run)
                told("lines followed", tally.kinds.total(), len(wanted))
            if problems:
                raise _Refused
    if problems:
        return ImportReport(problems=tuple(sorted(problems, key=attrgetter("line"))))
    report = ImportReport.of(tally, calendar)
    if not dry_run:
        log.info("plan-imported", added=report.added, moved=report.moved, removed=report.removed)
    return report


async def _follow(
    session: AsyncSession,
    parsed: Parsed,
    wanted: Sequence[Target],
    tally: Tally,
    author: Author,
    calendar: Calendar,
    *,
    dry_run: bool,
) -> list[LineProblem]:
    """Do what some of the lines say, and tell which of them cannot be followed."""
    held = await writing.held_by(session, [it.user.account for it in wanted], lock=not dry_run)
    made, problems = changes(parsed, wanted, held, calendar.today(author.now))
    tally.add(made)
    if not dry_run and not problems:
        await writing.write(session, made, author.now, author.by, author.reason)
    return problems


async def entry(session: AsyncSession, account: str) -> PlanEntry | None:
    """What the plan holds of an account."""
    return await session.get(PlanEntry, account)
