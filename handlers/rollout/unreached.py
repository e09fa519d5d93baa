"""Whom nobody can remind: to look through a page at a time, and to search. Reads only."""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.messages.seeing import ALL, REASONS, ChatState
from handlers.records import PlanEntry, Reached
from handlers.rollout.keys import Outcome
from handlers.rollout.standing import CANNOT, standing

ON_A_PAGE: Final = 25
_LONGEST: Final = 80
_MOST_WORDS: Final = 5
_LETTERS: Final = (str.maketrans({"ø": "o", "æ": "ae", "å": "a"}), str.maketrans({"ø": "oe", "å": "aa"}))
"""How letters that no address has are written in one."""


@dataclass(frozen=True)
class Wanted:
    """What support looks for."""

    who: str = ""
    """Parts of an address."""
    reason: str = ALL
    page: int = 1

    @classmethod
    def of(cls, who: str, reason: str, page: str) -> "Wanted":
        """As far as what was sent makes sense; the rest is left out."""
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < len("1000000") else 1
        return cls(who[:_LONGEST].strip(), reason if reason in REASONS else ALL, max(number, 1))


@dataclass(frozen=True)
class Unreached:
    """Somebody whom nobody can remind."""

    account: str
    upn: str
    wave: str | None
    activation_day: date
    reason: str
    chats: tuple[ChatState, ...] = ()


@dataclass(frozen=True)
class Found:
    """A page of them."""

    total: int
    page: int
    pages: int
    people: tuple[Unreached, ...]


async def unreached(session: AsyncSession, platforms: Collection[str], wanted: Wanted) -> Found:
    """Those who fit, the nearest activation day first. A page that there is not is the last one."""
    stands = standing(platforms)
    fit = [stands.in_(CANNOT) if wanted.reason == ALL else stands == wanted.reason]
    fit += [_has(word) for word in wanted.who.split()[:_MOST_WORDS]]
    total = await session.scalar(select(func.count()).select_from(PlanEntry).where(*fit)) or 0
    pages = max(-(-total // ON_A_PAGE), 1)
    page = min(wanted.page, pages)
    rows = await session.execute(
        select(
            col(PlanEntry.account),
            col(PlanEntry.upn),
            col(PlanEntry.wave),
            col(PlanEntry.activation_day),
            stands,
        )
        .where(*fit)
        .order_by(col(PlanEntry.activation_day), col(PlanEntry.upn), col(PlanEntry.account))
        .limit(ON_A_PAGE)
        .offset((page - 1) * ON_A_PAGE)
    )
    people = [Unreached(*row) for row in rows]
    return Found(total, page, pages, tuple(await _with_chats(session, people, platforms)))


def _has(word: str) -> ColumnElement[bool]:
    """Whether an address holds a word, in one of the ways in which it may be written there."""
    return or_(
        *(
            column.icontains(written, autoescape=True)
            for written in spellings(word)
            for column in (col(PlanEntry.upn), col(PlanEntry.mail))
        )
    )


def spellings(word: str) -> set[str]:
    """A word as it is, and as it may stand in an address: Bjørn is bjorn there, or bjoern."""
    small = unicodedata.normalize("NFC", word.casefold())
    return {small, *(_bare(small.translate(letters)) for letters in _LETTERS)}


def _bare(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)) or word


async def _with_chats(
    session: AsyncSession, people: Sequence[Unreached], platforms: Collection[str]
) -> Iterator[Unreached]:
    """With what is known of the chats, for those whom none reaches."""
    wanted = [it.account for it in people if it.reason == Outcome.UNREACHABLE]
    found = await session.scalars(
        select(Reached)
        .where(col(Reached.account).in_(wanted), col(Reached.platform).in_(platforms))
        .order_by(col(Reached.platform))
    )
    known: dict[str, list[ChatState]] = {}
    for row in found:
        known.setdefault(row.account, []).append(ChatState(row.platform, row.state))
    return (
        Unreached(it.account, it.upn, it.wave, it.activation_day, it.reason, tuple(known.get(it.account, ())))
        for it in people
    )
