"""Wakes security: an alarm is written in the transaction of what it tells of, and sent until it is taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.alarms import Alarm
from handlers.store import notices
from handlers.store.notices import Channel

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Alarms:
    """By mail, by webhook, by both, or by nothing where neither is set: the log has it in any case."""

    channels: frozenset[Channel] = frozenset()

    @property
    def wakes(self) -> bool:
        """Whether anybody hears of it."""
        return bool(self.channels & notices.SECURITY)

    async def raise_(
        self,
        session: AsyncSession,
        kind: Alarm,
        *,
        now: datetime,
        case: str | None = None,
        facts: Mapping[str, str | int] | None = None,
        once: str | None = None,
    ) -> None:
        """Wake security for this kind, once for ``once``: the case, where nothing else is named.

        ``facts`` are ids and counts. Of a case, its account is told when the alarm goes out.
        """
        log.critical(str(kind), case=case, **(facts or {}))
        await self.keep(session, kind, now=now, case=case, facts=facts, once=once)

    async def keep(
        self,
        session: AsyncSession,
        kind: Alarm,
        *,
        now: datetime,
        case: str | None = None,
        facts: Mapping[str, str | int] | None = None,
        once: str | None = None,
    ) -> None:
        """The same, of what security has to know and nobody has to be woken for."""
        about = once or case
        if about is None:
            raise ValueError("an alarm is about something, so that it is raised once")
        wanted = self.channels & notices.SECURITY
        await notices.add(session, f"{kind}:{about}", kind, wanted, now, case=case, facts=facts)


SILENT: Final = Alarms()
"""Nobody is woken."""
