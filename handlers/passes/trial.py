"""``passes.evaluation``: everything runs, and all that is left out is the create."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.cards import Cards
from handlers.records import Case
from handlers.states import CaseState
from handlers.store.cases import Cases


async def end(session: AsyncSession, cases: Cases, cards: Cards, case: Case, now: datetime) -> bool:
    """End an approved case where its pass would be made. False when it stands elsewhere."""
    if case.state != CaseState.APPROVED:
        return False
    ended = await cases.move(
        session,
        case.id,
        CaseState.APPROVED,
        CaseState.CANCELLED,
        now=now,
        actor=case.target,
        reason="evaluation",
        expected={"browser_hash": case.browser_hash},
    )
    if ended is None:
        return False
    await cards.tell(session, ended, now)
    return True
