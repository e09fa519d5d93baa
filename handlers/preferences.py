"""What people choose for themselves: the language they are written to in."""

from dataclasses import dataclass, replace
from typing import Final

from handlers.events import Asked, Pressed
from handlers.home import Homes
from handlers.language import Wish, wished
from handlers.messages import Language, Languages
from handlers.people import Known, People
from handlers.ports import Clock
from handlers.store import outbox
from handlers.store import people as store
from handlers.store.database import Database

_LANGUAGES: Final = frozenset(map(str, Language))


@dataclass(frozen=True)
class Preferences:
    """A word or a button chooses; the reply is in the language chosen, and offers the way back."""

    database: Database
    people: People
    homes: Homes
    clock: Clock

    async def asked(self, event: Asked) -> bool:
        """Take a message that is nothing but a wish for a language, and leave all others."""
        wish = wished(event.text) if event.addressed else None
        if wish is None:
            return False
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            return False
        if wish is Wish.ASK:
            await self._reply(event, known, chosen=False)
            return True
        language = known.form if wish is Wish.NORWEGIAN else Language(wish)
        await self._reply(event, replace(known, language=language), chosen=True)
        self.homes.forget(event.person)
        return True

    async def choose(self, event: Pressed) -> None:
        """Take the language that a button names. On the bot's own page, the page is the reply."""
        known = await self.people.known(event.person)
        if known.profile.refusal is not None or event.record not in _LANGUAGES:
            return
        spoken = replace(known, language=Language(event.record))
        if event.place.private and event.message is None:
            async with self.database.transaction() as session:
                await store.choose_language(session, event.person, spoken.language)
            await self.homes.spoken(spoken)
            return
        await self._reply(event, spoken, chosen=True)
        self.homes.forget(event.person)

    async def _reply(self, event: Asked | Pressed, known: Known, *, chosen: bool) -> None:
        """Keep the choice and say so, both or neither."""
        async with self.database.transaction() as session:
            if chosen:
                await store.choose_language(session, event.person, known.language)
            await outbox.add(
                session,
                outbox.Post(
                    key=f"reply:{event.id}:0",
                    target=event.person if event.place.private else event.place,
                    data=Languages(known.language, chosen=chosen),
                    language=known.language,
                    due_at=self.clock.now(),
                    priority=1,
                ),
                tenant=event.person.tenant,
            )
