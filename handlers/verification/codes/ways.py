"""A browser on its way: it has used the one-time link from the chat with the code from the chat, and may now prove.

That is no proof of anybody. It lets the browser ask for codes and type them, for the case the link was for.
"""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.records import Case
from handlers.store import codes as store
from handlers.store.cases import Cases
from handlers.store.keys import hashed

WAY_LIFE: Final = timedelta(hours=24)
"""As long as a code by mail may take."""


async def begin(session: AsyncSession, case: Case, now: datetime) -> str:
    """This browser is on its way to prove ``case``: the secret that it is to keep."""
    secret = secrets.token_urlsafe(32)
    await store.open_way(session, _hash(secret), case.target, now, now + WAY_LIFE)
    return secret


async def case_of(session: AsyncSession, cases: Cases, secret: str, now: datetime) -> Case | None:
    """The live case that this browser is on its way to; none that was opened after it set out."""
    way = await store.way(session, _hash(secret), now)
    if way is None or way.account is None:
        return None
    case = await cases.live_of(session, way.account)
    return case if case is not None and case.opened_at <= way.at else None


def _hash(secret: str) -> str:
    """Unlike that of a visit to the front door, where anybody may type anybody's address."""
    return hashed(f"way:{secret}")
