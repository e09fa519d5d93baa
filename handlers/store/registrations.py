"""What is known of who has set up what: one row for an account, and nothing older ever takes its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from graph.methods import Kind
from handlers.records import LearnedBy, PlanEntry, Registration, Strength
from handlers.store.inserting import insert_into

FRESH: Final = timedelta(hours=6)
"""What is younger need not be looked up again before somebody is reminded."""
_KINDS: Final = frozenset(Kind)


@dataclass(frozen=True)
class Facts:
    """What an account had set up, and when that was so."""

    account: str
    kinds: frozenset[Kind] | None
    """Nothing: it was looked for, and Microsoft Graph did not tell."""
    as_of: datetime
    learned_by: LearnedBy


def strength_of(kinds: Iterable[Kind] | None) -> Strength:
    """The kinds in one word."""
    if kinds is None:
        return Strength.UNKNOWN
    there = set(kinds)
    strong = {kind for kind in there if kind.is_strong}
    if strong - {Kind.PHONE}:
        return Strength.STRONG
    if strong:
        return Strength.TELECOM
    return Strength.EMAIL if Kind.EMAIL in there else Strength.NOTHING


async def put(session: AsyncSession, learned: Sequence[Facts]) -> set[str]:
    """Keep what was learned, a few hundred at a time; whose it is news of. What is known from later on stays."""
    if not learned:
        return set()
    rows = [
        {
            "account": it.account,
            "strength": strength_of(it.kinds),
            "kinds": ",".join(sorted(it.kinds or ())),
            "as_of": it.as_of,
            "learned_by": it.learned_by,
        }
        for it in learned
    ]
    insert = insert_into(session, Registration)
    renewed = {name: insert.excluded[name] for name in rows[0] if name != "account"}
    kept = await session.execute(
        insert.on_conflict_do_update(
            index_elements=["account"], set_=renewed, where=col(Registration.as_of) <= insert.excluded.as_of
        ).returning(col(Registration.account)),
        rows,
    )
    return set(kept.scalars())


async def of(session: AsyncSession, account: str) -> Facts | None:
    """What is known of an account."""
    found = await session.scalar(select(Registration).where(col(Registration.account) == account))
    if found is None:
        return None
    told = frozenset(Kind(name) for name in found.kinds.split(",") if name in _KINDS)
    known = found.strength != Strength.UNKNOWN
    return Facts(account, told if known else None, found.as_of, LearnedBy(found.learned_by))


async def purge(session: AsyncSession) -> None:
    """Forget whoever is not in the plan any more."""
    planned = exists().where(col(PlanEntry.account) == col(Registration.account))
    await session.execute(delete(Registration).where(~planned))
