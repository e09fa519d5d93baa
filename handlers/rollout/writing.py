"""Writes changes into the plan: a few hundred at a time, all of them in the transaction of whoever decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import LeftOut, PlanChange, PlanEntry
from handlers.rollout import moves
from handlers.rollout.batches import batches
from handlers.rollout.changes import Change, Held, Kind
from handlers.store.cleaning import clean
from handlers.store.inserting import insert_into

_LONGEST_REASON: Final = 400
_LONGEST_NAME: Final = 128
_IMPORT_LOCK: Final = 771_002
"""Names the advisory lock of imports."""
_HELD = (
    col(PlanEntry.account),
    col(PlanEntry.upn),
    col(PlanEntry.mail),
    col(PlanEntry.activation_day),
    col(PlanEntry.wave),
    col(PlanEntry.language),
    col(PlanEntry.source),
    col(PlanEntry.excluded),
)


@dataclass(frozen=True)
class Author:
    """Who changes the plan, when, and why."""

    by: str
    reason: str
    now: datetime

    @classmethod
    def named(cls, by: str, reason: str, now: datetime) -> "Author":
        """As people write it: what must not be kept is cut out."""
        return cls(by[:_LONGEST_NAME], clean(reason)[:_LONGEST_REASON], now)

    def because(self, more: str) -> str:
        """Their reason, and what is to be added to it."""
        return "; ".join(filter(None, (self.reason, more)))[:_LONGEST_REASON]


async def lock(session: AsyncSession) -> None:
    """One change of the plan at a time; everybody else goes on. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _IMPORT_LOCK})


async def held_by(session: AsyncSession, accounts: Sequence[str], *, lock: bool) -> dict[str, Held]:
    """Entries by account, locked in order of account: the ticks do so too, so nobody waits in a circle.

    Who asks in batches does so in that order as well.
    """
    account = col(PlanEntry.account)
    wanted = select(*_HELD).where(account.in_(accounts)).order_by(account)
    rows = await session.execute(wanted.with_for_update() if lock else wanted)
    return {row.account: Held(*row) for row in rows}


async def named(session: AsyncSession, names: Sequence[str]) -> dict[str, Held]:
    """Entries by what the plan knows of them, in small letters, where a name is that of one entry only."""
    found: dict[str, set[Held]] = {}
    for batch in batches(names):
        upn, mail = func.lower(col(PlanEntry.upn)), func.lower(col(PlanEntry.mail))
        wanted = or_(col(PlanEntry.account).in_(batch), upn.in_(batch), mail.in_(batch))
        for row in await session.execute(select(*_HELD).where(wanted)):
            held = Held(*row)
            for name in {held.account, held.upn.casefold(), (held.mail or "").casefold()}:
                found.setdefault(name, set()).add(held)
    return {name: next(iter(entries)) for name, entries in found.items() if len(entries) == 1}


async def write(
    session: AsyncSession,
    changes: Sequence[Change],
    author: Author,
    why: Callable[[Change], str] | None = None,
) -> None:
    """Make the plan what these changes say, with who and why on record. A few hundred at a time."""
    now = author.now
    changed = [change for change in changes if change.kind is not Kind.UNCHANGED]
    if there := [change for change in changed if change.after is not None]:
        await _put(session, there, now)
    if gone := [change.account for change in changed if change.after is None]:
        await session.execute(delete(PlanEntry).where(col(PlanEntry.account).in_(gone)))
    if other_day := [change for change in changed if change.kind in (Kind.MOVED, Kind.REMOVED)]:
        await moves.note(session, other_day, now)
    if changed:
        await session.execute(
            insert(PlanChange),
            [
                {
                    "account": change.account,
                    "at": now,
                    "by": author.by,
                    "reason": author.because(why(change) if why else ""),
                    "before": change.day_before,
                    "after": change.day_after,
                }
                for change in changed
            ],
        )


async def leave_out(session: AsyncSession, accounts: Sequence[str], author: Author) -> None:
    """Keep these out of the plan, whatever group they are in."""
    if not accounts:
        return
    rows = [{"account": account, "at": author.now, "by": author.by} for account in accounts]
    await session.execute(
        insert_into(session, LeftOut).on_conflict_do_nothing(index_elements=["account"]), rows
    )


async def let_in(session: AsyncSession, accounts: Sequence[str]) -> None:
    """Nothing keeps these out of the plan any more."""
    await session.execute(delete(LeftOut).where(col(LeftOut.account).in_(accounts)))


async def _put(session: AsyncSession, batch: Sequence[Change], now: datetime) -> None:
    """Write entries. Who is ready stays so, unless the new day asks for more."""
    rows = [
        {
            "account": held.account,
            "upn": held.upn,
            "mail": held.mail,
            "activation_day": held.activation_day,
            "wave": held.wave,
            "language": held.language,
            "source": held.source,
            "excluded": held.excluded,
            "changed_at": now,
        }
        for change in batch
        if (held := change.after) is not None
    ]
    statement = insert_into(session, PlanEntry)
    renewed = {name: statement.excluded[name] for name in rows[0] if name != "account"}
    await session.execute(statement.on_conflict_do_update(index_elements=["account"], set_=renewed), rows)
    if asking := [change.account for change in batch if not change.keeps_readiness]:
        await session.execute(
            update(PlanEntry).where(col(PlanEntry.account).in_(asking)).values(ready_at=None)
        )
