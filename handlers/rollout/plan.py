"""The plan: which account is activated on which day. Imported whole or not at all, with who and why on record."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
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
from handlers.rollout.writing import Author
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


class _Refused(Exception):
    """Ends the transaction of an import that cannot be followed."""


async def import_plan(
    database: Database,
    resolver: Resolver,
    data: bytes,
    *,
    author: Author,
    calendar: Calendar,
    has_waves: bool = False,
    dry_run: bool = False,
    told: Progress = untold,
) -> ImportReport:
    """Follow a plan file: all of its lines, or none. Accounts that it does not name stay as they are.

    With groups as waves, whom the file takes out stays out whatever group they are in.

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
    following = _Following(parsed, tally, author, calendar.today(author.now), has_waves, dry_run)
    with suppress(_Refused):
        async with database.reading() if dry_run else database.transaction() as session:
            if not dry_run:
                await writing.lock(session)
            wanted, strangers = targets(parsed.rows, resolved, await writing.named(session, leaving))
            problems += strangers
            del resolved
            wanted.sort(key=attrgetter("user.account"))
            for batch in batches(wanted):
                problems += await following.follow(session, batch)
                told("lines followed", tally.kinds.total(), len(wanted))
            if problems:
                raise _Refused
    if problems:
        return ImportReport(problems=tuple(sorted(problems, key=attrgetter("line"))))
    report = ImportReport.of(tally, calendar)
    if not dry_run:
        log.info("plan-imported", added=report.added, moved=report.moved, removed=report.removed)
    return report


@dataclass(frozen=True)
class _Following:
    parsed: Parsed
    tally: Tally
    author: Author
    today: date
    has_waves: bool
    dry_run: bool

    async def follow(self, session: AsyncSession, wanted: Sequence[Target]) -> list[LineProblem]:
        """Do what some of the lines say, and tell which of them cannot be followed."""
        accounts = [target.user.account for target in wanted]
        held = await writing.held_by(session, accounts, lock=not self.dry_run)
        made, problems = changes(self.parsed, wanted, held, self.today)
        self.tally.add(made)
        if self.dry_run or problems:
            return problems
        await writing.write(session, made, self.author)
        await writing.let_in(session, accounts)
        if self.has_waves:
            out = [target.user.account for target in wanted if target.row.activation_day is None]
            await writing.leave_out(session, out, self.author)
        return problems


async def entry(session: AsyncSession, account: str) -> PlanEntry | None:
    """What the plan holds of an account."""
    return await session.get(PlanEntry, account)
