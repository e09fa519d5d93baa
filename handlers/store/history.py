"""What the records say of an account and of the day: read for the signs that raise the bar."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.records import Case, Invitation, Link
from handlers.states import ENDS, CaseState


@dataclass(frozen=True)
class History:
    """The cases of an account, and the chat accounts of its owner."""

    earlier_cases: int
    """Cases that ended, opened since a moment."""
    in_chat: bool
    """Whether the case that stands was begun in chat."""
    links: tuple[Link, ...]
    """Everything tied to the account, the flagged too."""


async def of_account(session: AsyncSession, account: str, since: datetime) -> History:
    """The history of an account. ``earlier_cases`` counts those opened after ``since``."""
    earlier = await session.scalar(
        select(func.count())
        .select_from(Case)
        .where(
            col(Case.target) == account,
            col(Case.opened_at) > since,
            col(Case.state).in_(sorted(ENDS)),
        )
    )
    invited = await session.scalar(
        select(func.count())
        .select_from(Invitation)
        .join(Case, col(Case.id) == col(Invitation.case))
        .where(col(Case.target) == account, col(Case.state).not_in(sorted(ENDS)))
    )
    links = (await session.scalars(select(Link).where(col(Link.account) == account))).all()
    for link in links:
        session.expunge(link)
    return History(earlier or 0, bool(invited), tuple(links))


async def issued_since(session: AsyncSession, moment: datetime) -> int:
    """How many cases got a pass from then on."""
    found = await session.scalar(
        select(func.count()).select_from(Case).where(col(Case.issued_at) >= moment.astimezone(UTC))
    )
    return found or 0


async def refused_since(session: AsyncSession, starter: str, moment: datetime) -> bool:
    """Whether a case that this colleague opened for somebody was denied or stopped since then."""
    found = await session.scalar(
        select(func.count())
        .select_from(Case)
        .where(
            col(Case.starter) == starter,
            col(Case.opened_by) == "colleague",
            col(Case.state).in_([CaseState.DENIED, CaseState.STOPPED]),
            col(Case.state_at) > moment,
        )
    )
    return bool(found)
