"""Support answers by a button, where nobody hears what is written in the thread."""

from dataclasses import dataclass

import structlog

from handlers.events import Person, Pressed, Submitted
from handlers.messages import Data, NotAllowed, RelayReplied, RelayReplyForm
from handlers.people import Known, People
from handlers.ports import ChatError, Chats, FormExpired
from handlers.records import Relay, Side
from handlers.relay.crossing import REPLY_FORM, Crossing, card_of
from handlers.relay.taking import Taking
from handlers.relay.texts import called, ready
from handlers.store import people as store
from handlers.store import relays
from handlers.store.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Replying:
    """A form, opened from the card or from a line in the support channel. Its text goes the way of all others."""

    database: Database
    people: People
    chats: Chats
    crossing: Crossing
    taking: Taking

    async def ask(self, event: Pressed, colleague: Known) -> None:
        """Open the form; or say that the conversation is over."""
        async with self.database.reading() as session:
            relay = await relays.get(session, event.record)
        if relay is None:
            return
        name = card_of(relay).name
        form = RelayReplied(name, "over") if relay.ended_at else RelayReplyForm(relay.id, name)
        if not await self._show(event.person, event.opener, form, relay):
            await self._whisper(event, colleague)

    async def replied(self, event: Submitted) -> None:
        """The form came back. It may be sent in from anywhere, so whoever does must be served, and not the person."""
        async with self.database.reading() as session:
            relay = await relays.get(session, event.record)
        if relay is None:
            log.warning("relay-reply-to-nothing")
            return
        known = await self.people.known(event.person)
        name = called(known.profile.name, event.person.user)
        outcome = await self._outcome(event, relay, known, name)
        shown = await self._show(
            event.person, event.opener, RelayReplied(card_of(relay).name, outcome), relay
        )
        if not shown and outcome in ("over", "not-served"):
            await self.taking.note(relay, event, outcome, name)
        await self.crossing.advance(relay.id)

    async def _outcome(self, event: Submitted, relay: Relay, known: Known, name: str) -> str:
        """One of ``REPLIES``."""
        if known.profile.refusal is not None:
            return "not-served"
        if await self._is_own(relay, known):
            log.warning("relay-reply-to-oneself", relay=relay.id)
            return "own"
        said = ready(event.values.get("text", ""), cut=event.cut)
        if not said.lines:
            return "only-text"
        return "sent" if await self.taking.take(relay, event, Side.PERSON, said, name) else "over"

    async def _is_own(self, relay: Relay, known: Known) -> bool:
        """The name of the conversation is known to its person too, whose words are not to pass for support's."""
        person = relays.person_of(relay)
        async with self.database.reading() as session:
            link = await store.link(session, person)
        return known.person == person or (link is not None and link.account == known.account)

    async def _show(self, person: Person, opener: str | None, form: Data, relay: Relay) -> bool:
        """The form, or what came of it in its place. False when it is too late."""
        try:
            if opener is None:
                raise FormExpired(REPLY_FORM)
            language = self.crossing.channel(relay).language
            await self.chats.of(person.platform).open_form(opener, form, language)
        except FormExpired:
            log.info("form-closed", form=REPLY_FORM)
            return False
        return True

    async def _whisper(self, event: Pressed, known: Known) -> None:
        """A private word; when it cannot be delivered nothing else depends on it."""
        try:
            chat = self.chats.of(event.person.platform)
            await chat.whisper(event.place, event.person, NotAllowed("expired-press"), known.language)
        except ChatError as error:
            log.info("whisper-lost", error=type(error).__name__)
