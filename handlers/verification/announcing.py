"""What the rules were at each start: in the audit, so that nobody weakens them unseen, and told where support works."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.messages import PolicyWeakened
from handlers.ports import Clock
from handlers.store.audit import SYSTEM, Audit
from handlers.store.database import Database
from handlers.support import SupportChannels

_ACTION = "settings.in-force"


@dataclass(frozen=True)
class Announcing:
    """Compares with the start before: the same rules again are no news."""

    database: Database
    audit: Audit
    channels: SupportChannels
    clock: Clock

    async def started(self, fingerprint: str, weaker: Sequence[str]) -> None:
        """The bot starts with settings of this fingerprint; ``weaker`` are the keys that ask for less than advised."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            before = await self.audit.latest(session, _ACTION)
            if before is not None and before.get("fingerprint") == fingerprint:
                return
            data: dict[str, str | int] = {"fingerprint": fingerprint, "weaker": ", ".join(weaker)}
            seq = await self.audit.append(session, at=now, actor=SYSTEM, action=_ACTION, data=data)
            if weaker:
                told = PolicyWeakened(tuple(weaker))
                await self.channels.tell(session, f"policy:{seq}", told, now, priority=1)
