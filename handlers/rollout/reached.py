"""How many accounts of the plan can be written to, in which chat, and why the others cannot. Counts in the database."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, case, exists, false, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from handlers.records import CANNOT, ConversationReference, Link, PlanEntry, Reached, ReachState
from handlers.store.references import PLATFORM as TEAMS


class Way(StrEnum):
    """By what somebody can be written to."""

    TALKED = "talked"
    """They have talked with the bot."""
    FOUND = "found"
    """The bot has found them, or given them its app."""


_UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class PlatformReach:
    """The accounts of the plan, in one chat."""

    reachable: Mapping[str, int]
    """By way."""
    unreachable: Mapping[str, int]
    """By reason."""
    unknown: int
    """Nobody has looked yet."""


@dataclass(frozen=True)
class PlanReach:
    """The accounts of the plan, in all chats that are switched on."""

    platforms: Mapping[str, PlatformReach]
    reachable: int
    """In at least one."""
    unreachable: int
    """In none, and that is known of every one."""
    unknown: int


async def reach(session: AsyncSession, platforms: Collection[str]) -> PlanReach:
    """Count, by what is on record. Nobody is asked."""
    names = sorted(platforms)
    columns = [_standing(name).label(name) for name in names]
    combined = select(*columns, func.count().label("accounts")).select_from(PlanEntry)
    rows = [tuple(row) for row in await session.execute(combined.group_by(*columns))]
    counted = {name: _platform([(row[at], row[-1]) for row in rows]) for at, name in enumerate(names)}
    can = sum(row[-1] for row in rows if any(it in tuple(Way) for it in row[:-1]))
    cannot = sum(row[-1] for row in rows if all(it in CANNOT for it in row[:-1]))
    return PlanReach(counted, can, cannot, sum(row[-1] for row in rows) - can - cannot)


def is_unreachable(platforms: Collection[str]) -> ColumnElement[bool]:
    """Whether it is known that an account of the plan can be written to in none of these chats."""
    return and_(false() if not platforms else true(), *(_standing(name).in_(CANNOT) for name in platforms))


def _platform(counts: Collection[tuple[str, int]]) -> PlatformReach:
    total: dict[str, int] = {}
    for standing, accounts in counts:
        total[standing] = total.get(standing, 0) + accounts
    return PlatformReach(
        reachable={way: total.get(way, 0) for way in Way},
        unreachable={state: total[state] for state in CANNOT if state in total},
        unknown=total.get(_UNKNOWN, 0) + total.get(ReachState.INSTALLING, 0),
    )


def _standing(platform: str) -> ColumnElement[str]:
    """How it stands with the account of a row of the plan: a way, a state in the way, or unknown."""
    seen = aliased(Reached)
    state = (
        select(col(seen.state))
        .where(col(seen.platform) == literal(platform), col(seen.account) == PlanEntry.account)
        .scalar_subquery()
    )
    return case(
        (state.in_(CANNOT), state),
        (_has_talked(platform), literal(str(Way.TALKED))),
        (state == ReachState.REACHABLE, literal(str(Way.FOUND))),
        else_=literal(_UNKNOWN),
    )


def _has_talked(platform: str) -> ColumnElement[bool]:
    """In Teams it takes the conversation itself: who has removed the app has talked with us, too."""
    if platform == TEAMS:
        return exists().where(col(ConversationReference.user) == PlanEntry.account)
    return exists().where(
        and_(
            col(Link.platform) == platform,
            col(Link.account) == PlanEntry.account,
            col(Link.flagged).is_(None),
        )
    )
