"""Support says which topic a question was about: that is what better answers are made from."""

from dataclasses import dataclass
from typing import Final

import structlog

from handlers.events import Person, Pressed, Submitted
from handlers.messages import Language, NotAllowed, RelayTopicForm, RelayTopicSet, name_of
from handlers.messages.relay import TOPICS
from handlers.people import Known, People
from handlers.ports import ChatError, Chats, Clock, FormExpired
from handlers.relay.crossing import Crossing
from handlers.store import questions, relays
from handlers.store.database import Database

log = structlog.get_logger(__name__)

FORM: Final = name_of(RelayTopicForm)


@dataclass(frozen=True)
class Marking:
    """A form, opened from the card in the support channel."""

    database: Database
    people: People
    chats: Chats
    crossing: Crossing
    clock: Clock

    async def ask(self, event: Pressed, colleague: Known) -> None:
        """Open the form that asks what the last question was about."""
        async with self.database.reading() as session:
            relay = await relays.get(session, event.record)
        if relay is None or relay.question is None:
            return
        async with self.database.reading() as session:
            question = await questions.get(session, relay.question)
        form = RelayTopicForm(relay.id, question.text if question else "")
        try:
            if event.opener is None:
                raise FormExpired(FORM)
            chat, language = self.chats.of(event.person.platform), self.crossing.channel(relay).language
            await chat.open_form(event.opener, form, language)
        except FormExpired:
            await self._whisper(event, colleague, "expired-press")

    async def mark(self, event: Submitted) -> None:
        """Keep what support says it was about, and show it on the card.

        The form is opened in the channel alone; whoever sends it in must still be somebody we serve.
        """
        known = await self.people.known(event.person)
        topic = event.values.get("topic", "")
        if known.profile.refusal is not None or topic not in TOPICS:
            return
        now = self.clock.now()
        async with self.database.transaction() as session:
            relay = await relays.get(session, event.record)
            kept = (
                relay is not None
                and relay.question is not None
                and await questions.mark(session, relay.question, topic)
            )
            changed = await relays.marked(session, event.record, topic) if kept else None
            if changed is not None:
                await self.crossing.renew_card(session, changed, f"topic:{event.id}", now)
        if event.opener is not None:
            language = self.crossing.channels.nearest(event.person.platform).language
            outcome = RelayTopicSet(topic if kept else None)
            await self._replace_form(event.person, event.opener, outcome, language)

    async def _replace_form(
        self, person: Person, opener: str, outcome: RelayTopicSet, language: Language
    ) -> None:
        """The outcome in the place of the form, if that is still open."""
        try:
            await self.chats.of(person.platform).open_form(opener, outcome, language)
        except FormExpired:
            log.info("form-closed", form=FORM)

    async def _whisper(self, event: Pressed, known: Known, reason: str) -> None:
        """A private word; when it cannot be delivered nothing else depends on it."""
        try:
            await self.chats.of(event.person.platform).whisper(
                event.place, event.person, NotAllowed(reason), known.language
            )
        except ChatError as error:
            log.info("whisper-lost", error=type(error).__name__)
