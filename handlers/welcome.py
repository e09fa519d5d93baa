"""What greets whoever calls the bot and says nothing: the command without words, its bare name, a call for help."""

from dataclasses import dataclass
from typing import Final

from handlers.events import Asked
from handlers.messages import Welcome
from handlers.people import People
from handlers.ports import Clock
from handlers.store import outbox
from handlers.store.database import Database

_WORDS: Final = frozenset({"", "help", "hjelp", "2fa"})


@dataclass(frozen=True)
class Welcomes:
    """Says what one can ask."""

    database: Database
    people: People
    clock: Clock

    async def asked(self, event: Asked) -> bool:
        """Take what has no question in it, and leave all else."""
        if not event.addressed or event.text.strip(" ?!.,").casefold() not in _WORDS:
            return False
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            return False
        async with self.database.transaction() as session:
            await outbox.add(
                session,
                outbox.Post(
                    key=f"reply:{event.id}:0",
                    target=event.person if event.place.private else event.place,
                    data=Welcome(known.language),
                    language=known.language,
                    due_at=self.clock.now(),
                    priority=1,
                ),
                tenant=event.person.tenant,
            )
        return True
