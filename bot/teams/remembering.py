"""Keeps where people and channels are reached, by what every activity says about its conversation."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.shapes import text
from bot.teams import activities
from bot.teams.activities import Activity
from handlers.ports import Clock
from handlers.records import ConversationReference
from handlers.store import references
from handlers.store.database import Database

_FRESH: Final = timedelta(hours=1)
_MOST: Final = 10_000


@dataclass
class Remembering:
    """Writes a reference when it is new or has changed, and else once an hour."""

    database: Database
    clock: Clock
    _lately: dict[str, tuple[str, datetime]] = field(default_factory=dict)

    async def renew(self, activity: Activity, *, anew: bool = False) -> None:
        """Remember the conversation of an activity that was proved, of one of our own people. Raises ``StoreError``.

        ``anew`` writes in any case: what is remembered here may have been forgotten in the database since.
        """
        now = self.clock.now()
        reference = reference_of(activity, now)
        said = repr(reference.model_dump(exclude={"seen_at"}))
        before = self._lately.get(reference.conversation)
        if not anew and before is not None and before[0] == said and timedelta(0) <= now - before[1] < _FRESH:
            async with self.database.reading() as session:
                # Another replica may have forgotten it: who has blocked the bot comes back by writing.
                if await references.seen_since(session, reference.conversation, now - _FRESH):
                    return
        async with self.database.transaction() as session:
            await references.renew(session, reference)
        if len(self._lately) >= _MOST:
            self._lately.clear()
        self._lately[reference.conversation] = (said, now)


def reference_of(activity: Activity, now: datetime) -> ConversationReference:
    """A private chat belongs to its person; a channel to nobody, and speaks no language."""
    place = activities.place_of(activity)
    return ConversationReference(
        tenant=activities.tenant_of(activity),
        conversation=place.conversation,
        user=text(activity, "from", "aadObjectId").lower() if place.private else None,
        service_url=text(activity, "serviceUrl").rstrip("/"),
        locale=activities.locale_of(activity)[:40] if place.private else "",
        time_zone=activities.zone_of(activity)[:80] if place.private else "",
        seen_at=now,
    )
