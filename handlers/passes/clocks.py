"""Tells support when the clock of this machine is wrong: no pass is made then."""

from dataclasses import dataclass
from datetime import datetime

from handlers.accounts import Directory
from handlers.messages import PassesNotice
from handlers.store.database import Database
from handlers.support import SupportChannels


@dataclass(frozen=True)
class Clocks:
    """Told once a day at most, by whichever replica sees it first."""

    database: Database
    directory: Directory
    channels: SupportChannels

    async def tick(self, now: datetime) -> None:
        """Tell it, if it is so."""
        if not self.directory.clock_is_off:
            return
        key = f"clock:{now.date().isoformat()}"
        async with self.database.transaction() as session:
            await self.channels.tell(session, key, PassesNotice("clock"), now, priority=1)
