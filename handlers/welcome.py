"""What greets whoever calls the bot and says nothing: the command without words, its bare name, a call for help.

And whoever has just added the app; what was known of where to reach them goes when it is taken away.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Asked, Installed, Person, Place, Removed
from handlers.messages import ChannelWelcome, Data, Welcome
from handlers.people import Known, People
from handlers.ports import Clock
from handlers.records import ReachState
from handlers.store import inbox, limits, outbox, reaching, references
from handlers.store.database import Database

log = structlog.get_logger(__name__)

_WORDS: Final = frozenset({"", "help", "hjelp", "2fa"})
_DAY: Final = timedelta(days=1)
"""Who takes the app away and back within it is not greeted again; nor is anybody twice by two tellings of one."""


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
            await self._post(session, event, known, Welcome(known.language))
        return True

    async def installed(self, event: Installed) -> None:
        """Greet whoever the app is new to: a person in private, or once for all in a channel."""
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            return
        private = event.place.private
        data = Welcome(known.language, is_first=True) if private else ChannelWelcome()
        async with self.database.transaction() as session:
            if await limits.hit(session, _greeted(event), self.clock.now(), _DAY, 1):
                await self._post(session, event, known, data)

    async def removed(self, event: Removed) -> None:
        """Write to them no more, unless something has come from their chat since."""
        async with self.database.transaction() as session:
            known = await references.of_person(session, event.person)
            told_at = await inbox.received_at(session, event.id)
            if known is not None and told_at is not None and known.seen_at > told_at:
                return
            await references.forget(session, event.person)
            left = {event.person.user: ReachState.LEFT}
            await reaching.put(session, event.person.platform, left, self.clock.now())
        log.info("app-taken-away", platform=event.person.platform)

    async def _post(self, session: AsyncSession, event: Asked | Installed, known: Known, data: Data) -> None:
        target: Person | Place = event.person if event.place.private else event.place
        await outbox.add(
            session,
            outbox.Post(
                key=f"reply:{event.id}:0",
                target=target,
                data=data,
                language=known.language,
                due_at=self.clock.now(),
                priority=1,
            ),
            tenant=event.person.tenant,
        )


def _greeted(event: Installed) -> str:
    """What is counted: a person's greetings, or a channel's."""
    person, place = event.person, event.place
    whom = person.user if place.private else sha256(place.conversation.encode()).hexdigest()[:40]
    return f"greeted:{person.platform}:{person.tenant}:{whom}"
