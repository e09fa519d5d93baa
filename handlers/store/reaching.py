"""What is known of who can be written to: one row for an account and a chat, each move a conditional update."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Reached, ReachState
from handlers.store.inserting import insert_into

_KEY = ["platform", "account"]


async def of(session: AsyncSession, platform: str, account: str) -> Reached | None:
    """How it stands, if anybody has looked."""
    found = await session.scalar(select(Reached).where(*_of(platform, account)))
    if found is not None:
        session.expunge(found)
    return found


async def claim(
    session: AsyncSession, platform: str, account: str, seen: Reached | None, now: datetime
) -> bool:
    """From now on we are the one who gives this account the app. False when it does not stand as we saw it."""
    insert = insert_into(session, Reached).values(
        platform=platform, account=account, state=ReachState.INSTALLING, at=now
    )
    if seen is None:
        made = insert.on_conflict_do_nothing(index_elements=_KEY)
    else:
        unchanged = and_(col(Reached.state) == seen.state, col(Reached.at) == seen.at)
        made = insert.on_conflict_do_update(
            index_elements=_KEY, set_={"state": ReachState.INSTALLING, "at": now}, where=unchanged
        )
    return (await session.execute(made.returning(col(Reached.account)))).first() is not None


async def settle(
    session: AsyncSession, platform: str, account: str, state: ReachState, now: datetime
) -> None:
    """What came of it, unless it was told by somebody else meanwhile: they have written to us, or have left."""
    installing = col(Reached.state) == ReachState.INSTALLING
    await session.execute(
        update(Reached).where(*_of(platform, account), installing).values(state=state, at=now)
    )


async def release(session: AsyncSession, platform: str, account: str) -> None:
    """Nothing came of it, and anybody may try again."""
    installing = col(Reached.state) == ReachState.INSTALLING
    await session.execute(delete(Reached).where(*_of(platform, account), installing))


async def put(session: AsyncSession, platform: str, states: Mapping[str, ReachState], now: datetime) -> None:
    """It stands so with these accounts, whatever was known before."""
    if not states:
        return
    rows = [
        {"platform": platform, "account": account, "state": state, "at": now}
        for account, state in states.items()
    ]
    insert = insert_into(session, Reached)
    await session.execute(
        insert.on_conflict_do_update(
            index_elements=_KEY, set_={"state": insert.excluded.state, "at": insert.excluded.at}
        ),
        rows,
    )


async def renewed(session: AsyncSession, platform: str, account: str, now: datetime) -> None:
    """They have written to us: whatever stood in the way is over."""
    over: Collection[ReachState] = [state for state in ReachState if state is not ReachState.REACHABLE]
    await session.execute(
        update(Reached)
        .where(*_of(platform, account), col(Reached.state).in_(over))
        .values(state=ReachState.REACHABLE, at=now)
    )


def _of(platform: str, account: str) -> tuple[ColumnElement[bool], ...]:
    return col(Reached.platform) == platform, col(Reached.account) == account
