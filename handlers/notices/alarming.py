"""Alarms, on their way to security."""

from dataclasses import dataclass

from handlers.alarms import Alarm, Alarmed
from handlers.ports import Security
from handlers.records import Notice
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.notices import Channel


@dataclass(frozen=True)
class Alarming:
    """What is known of the case is read when it is sent."""

    database: Database
    cases: Cases
    security: Security

    async def send(self, notice: Notice) -> None:
        """Wake security. Raises ``NotSent``."""
        alarmed = await self._alarmed(notice)
        if notice.channel == Channel.SECURITY_MAIL:
            await self.security.mail(alarmed)
        else:
            await self.security.post(alarmed)

    async def _alarmed(self, notice: Notice) -> Alarmed:
        case = None
        if notice.case is not None:
            async with self.database.reading() as session:
                case = await self.cases.get(session, notice.case)
        return Alarmed(
            notice.key.removesuffix(f":{notice.channel}"),
            Alarm(notice.kind),
            notice.at,
            notice.case,
            case.target if case else None,
            case.target_upn if case else None,
            {name: each for name, each in (notice.facts or {}).items() if isinstance(each, str | int)},
        )
