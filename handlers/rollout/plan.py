"""The plan: which account is activated on which day. Imported whole or not at all, with who and why on record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Due, OutboxState, Outgoing, PlanChange, PlanEntry
from handlers.rollout.changes import Change, Changes, Held, changes, targets
from handlers.rollout.keys import Outcome, reminder_key
from handlers.rollout.plan_file import LineProblem, PlanRow, parse
from handlers.rollout.resolver import Resolver
from handlers.store.database import Database
from handlers.store.inserting import insert_into

log = structlog.get_logger(__name__)

_BATCH: Final = 500
_IMPORT_LOCK: Final = 771_002
"""Names the advisory lock of imports."""
_T = TypeVar("_T")


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would have done. With any problem, it did nothing."""

    added: int = 0
    moved: int = 0
    removed: int = 0
    updated: int = 0
    """Accounts that got another wave or language on the same day."""
    unchanged: int = 0
    problems: tuple[LineProblem, ...] = ()
    """Every line that cannot be followed, in order."""

    @property
    def is_accepted(self) -> bool:
        """Whether the file can be followed."""
        return not self.problems


async def import_plan(
    database: Database,
    resolver: Resolver,
    data: bytes,
    *,
    now: datetime,
    by: str,
    reason: str,
    zone: ZoneInfo,
    dry_run: bool = False,
) -> ImportReport:
    """Follow a plan file: all of its lines, or none. Accounts that it does not name stay as they are.

    Raises ``GraphError`` when the directory cannot tell who is meant, and ``StoreError``; either way nothing
    was imported. Reminders of the old day that have not gone out are withdrawn.
    """
    parsed = parse(data)
    resolved = await resolver.resolve([row.account for row in parsed.rows])
    unknown = [row for row in parsed.rows if resolved.get(row.account) is None]
    today = now.astimezone(zone).date()
    async with database.reading() if dry_run else database.transaction() as session:
        if not dry_run:
            await _lock(session)
        leaving = await _by_name(session, unknown)
        wanted, strangers = targets(parsed.rows, resolved, leaving)
        plan = await _held(session, [target.user.account for target in wanted], lock=not dry_run)
        made, late = changes(parsed, wanted, plan, today)
        problems = sorted((*parsed.problems, *strangers, *late), key=attrgetter("line"))
        if problems:
            return ImportReport(problems=tuple(problems))
        if not dry_run:
            await _apply(session, made, now, by, reason)
            log.info("plan-imported", added=len(made.added), moved=len(made.moved), removed=len(made.removed))
    return _report(made)


async def entry(session: AsyncSession, account: str) -> PlanEntry | None:
    """What the plan holds of an account."""
    return await session.get(PlanEntry, account)


def _report(made: Changes) -> ImportReport:
    return ImportReport(
        added=len(made.added),
        moved=len(made.moved),
        removed=len(made.removed),
        updated=len(made.updated),
        unchanged=made.unchanged,
    )


async def _lock(session: AsyncSession) -> None:
    """One import at a time; everybody else goes on. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _IMPORT_LOCK})


_HELD = (
    col(PlanEntry.account),
    col(PlanEntry.upn),
    col(PlanEntry.mail),
    col(PlanEntry.activation_day),
    col(PlanEntry.wave),
    col(PlanEntry.language),
)


async def _held(session: AsyncSession, accounts: Sequence[str], *, lock: bool) -> dict[str, Held]:
    """Entries by account, locked in order of account: the ticks do so too, so nobody waits in a circle."""
    held: dict[str, Held] = {}
    for batch in _batches(sorted(accounts)):
        account = col(PlanEntry.account)
        wanted = select(*_HELD).where(account.in_(batch)).order_by(account)
        rows = await session.execute(wanted.with_for_update() if lock else wanted)
        held.update((row.account, Held(*row)) for row in rows)
    return held


async def _by_name(session: AsyncSession, rows: Sequence[PlanRow]) -> Mapping[str, Held]:
    """Entries that removing lines name by what the plan knows of them, where it is one entry only."""
    names = [row.account.casefold() for row in rows if row.activation_day is None]
    found: dict[str, set[Held]] = {}
    for batch in _batches(names):
        upn, mail = func.lower(col(PlanEntry.upn)), func.lower(col(PlanEntry.mail))
        named = or_(col(PlanEntry.account).in_(batch), upn.in_(batch), mail.in_(batch))
        for row in await session.execute(select(*_HELD).where(named)):
            held = Held(*row)
            for name in {held.account, held.upn.casefold(), (held.mail or "").casefold()}:
                found.setdefault(name, set()).add(held)
    return {name: next(iter(entries)) for name, entries in found.items() if len(entries) == 1}


async def _apply(session: AsyncSession, made: Changes, now: datetime, by: str, reason: str) -> None:
    for batch in _batches([*made.added, *made.moved, *made.updated]):
        await _put(session, batch, now)
    for batch in _batches(made.removed):
        gone = [change.account for change in batch]
        await session.execute(delete(PlanEntry).where(col(PlanEntry.account).in_(gone)))
    for batch in _batches([*made.moved, *made.removed]):
        await _withdraw(session, batch)
    for batch in _batches(list(made)):
        await session.execute(
            insert(PlanChange),
            [
                {
                    "account": change.account,
                    "at": now,
                    "by": by,
                    "reason": reason,
                    "before": change.day_before,
                    "after": change.day_after,
                }
                for change in batch
            ],
        )


async def _put(session: AsyncSession, batch: Sequence[Change], now: datetime) -> None:
    """Write entries. Who is ready stays so, unless the new day asks for more."""
    keeping = [change.account for change in batch if change.keeps_readiness]
    rows = [
        {
            "account": held.account,
            "upn": held.upn,
            "mail": held.mail,
            "activation_day": held.activation_day,
            "wave": held.wave,
            "language": held.language,
            "changed_at": now,
        }
        for change in batch
        if (held := change.after) is not None
    ]
    statement = insert_into(session, PlanEntry)
    renewed = {name: statement.excluded[name] for name in rows[0] if name != "account"}
    await session.execute(statement.on_conflict_do_update(index_elements=["account"], set_=renewed), rows)
    asking = [change.account for change in batch if change.account not in set(keeping)]
    await session.execute(update(PlanEntry).where(col(PlanEntry.account).in_(asking)).values(ready_at=None))


async def _withdraw(session: AsyncSession, batch: Sequence[Change]) -> None:
    """What was to be said of the old day need not be said any more, unless it is under way."""
    days = {change.account: change.day_before for change in batch}
    queued = select(col(Due.account), col(Due.activation_day), col(Due.offset)).where(
        col(Due.account).in_(days), col(Due.outcome) == Outcome.QUEUED
    )
    keys = [
        reminder_key(account, day, offset)
        for account, day, offset in await session.execute(queued)
        if days[account] == day
    ]
    for some in _batches(keys):
        await session.execute(
            update(Outgoing)
            .where(col(Outgoing.key).in_(some), col(Outgoing.state) == OutboxState.PENDING)
            .values(state=OutboxState.DROPPED, data=None)
        )


def _batches(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(items), _BATCH):
        yield items[start : start + _BATCH]
