"""Tells support when the clock of this machine is wrong: no pass is made then."""

from dataclasses import dataclass
from datetime import datetime

from handlers.accounts import Directory
from handlers.cards import SupportChannel
from handlers.messages import PassesNotice
from handlers.store import outbox
from handlers.store.database import Database


@dataclass(frozen=True)
class Clocks:
    """Told once a day at most, by whichever replica sees it first."""

    database: Database
    directory: Directory
    channel: SupportChannel

    async def tick(self, now: datetime) -> None:
        """Tell it, if it is so."""
        if not self.directory.clock_is_off:
            return
        post = outbox.Post(
            key=f"clock:{now.date().isoformat()}",
            target=self.channel.place,
            data=PassesNotice("clock"),
            language=self.channel.language,
            due_at=now,
            priority=1,
        )
        async with self.database.transaction() as session:
            await outbox.add(session, post, tenant=self.channel.tenant)
