"""Talking to a person: opens a conversation with support, carries what is said, and ends it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.cards import SupportChannel
from handlers.events import Asked, Event, Place, Pressed, Submitted
from handlers.messages import (
    Language,
    RelayFromPerson,
    RelayFromSupport,
    RelayNote,
    RelayOpened,
)
from handlers.people import Known, People
from handlers.ports import Clock, TryLater
from handlers.records import Relay, Side
from handlers.relay.crossing import Crossing, card_of, first_key
from handlers.relay.facts import Facts
from handlers.relay.hours import opening
from handlers.relay.marking import FORM, Marking
from handlers.relay.texts import Ready, called, ready
from handlers.rollout.when import Calendar
from handlers.store import people as choices
from handlers.store import relays
from handlers.store.database import Database
from handlers.store.messages import dumped

log = structlog.get_logger(__name__)

SILENCE: Final = timedelta(days=7)
"""A conversation in which nobody writes for so long is over."""
_JUST_NOW: Final = timedelta(seconds=10)
"""A second press within this time is the same one: a double click."""
_MOMENT: Final = 2.0
"""Seconds until the place of a card that is being posted is known."""


@dataclass(frozen=True)
class Relays:
    """While a conversation is open, what its person writes in private goes to support, and nothing else answers it.

    Whoever is in the support channel may write, end it and say what it was about: none of this proves who anybody
    is, or changes an account.
    """

    database: Database
    people: People
    facts: Facts
    crossing: Crossing
    marking: Marking
    channel: SupportChannel
    calendar: Calendar
    clock: Clock

    async def handle(self, event: Event) -> bool:
        """Take the event, or leave it to the others."""
        match event:
            case Asked() if event.place.private:
                return await self._from_person(event)
            case Asked(addressed=False) if self._is_channel(event.place):
                await self._from_support(event)
            case Pressed(action="questions.person"):
                return await self._open(event)
            case Pressed(action="relay.end"):
                await self._end(event)
            case Pressed(action="relay.topic"):
                await self._ask_topic(event)
            case Submitted(form=form) if form == FORM:
                await self.marking.mark(event)
            case _:
                return False
        return True

    async def tick(self) -> None:
        """Go on with what is on its way, and end what nobody writes in any more."""
        now = self.clock.now()
        async with self.database.reading() as session:
            silent = await relays.silent(session, now - SILENCE)
            moving = await relays.unfinished(session)
        for relay_id in silent:
            async with self.database.transaction() as session:
                await self.crossing.end(session, relay_id, "silence", "", now, now - SILENCE)
        for relay_id in dict.fromkeys((*silent, *moving)):
            await self.crossing.advance(relay_id)

    async def _open(self, event: Pressed) -> bool:
        """False for who is not served: they are told so as for any other button."""
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            return False
        async with self.database.transaction() as session:
            relay = await relays.of_event(session, event.id) or await relays.open_of(session, event.person)
        if relay is None:
            relay = await self._begin(event, known)
        if relay.event != event.id and self.clock.now() - relay.opened_at > _JUST_NOW:
            async with self.database.transaction() as session:
                told = replace(self._opened(relay.id), again=True)
                at = await self._turn(session, event.id)
                await relays.add_line(session, relay, Side.PERSON, event.id, told, at)
        await self.crossing.advance(relay.id)
        return True

    async def _begin(self, event: Pressed, known: Known) -> Relay:
        """The conversation that stands now: this one, unless another press was faster."""
        now = self.clock.now()
        lately = await self.facts.lately(known, now)
        card = await self.facts.card(known, lately)
        async with self.database.transaction() as session:
            chosen = await choices.language_of(session, event.person)
            written = Language(lately.last.language) if lately.last else known.language
            relay = await relays.open_one(
                session,
                event.person,
                event.id,
                now,
                dumped(card),
                language=chosen or written,
                question=lately.last.id if lately.last else None,
            )
            if relay is not None:
                await self.crossing.post_card(session, relay, now)
                told = replace(self._opened(relay.id), asked=bool(lately.shown))
                at = await self._turn(session, event.id)
                await relays.add_line(session, relay, Side.PERSON, first_key(relay), told, at)
                log.info("relay-opened", relay=relay.id)
                return relay
            relay = await relays.of_event(session, event.id) or await relays.open_of(session, event.person)
        if relay is None:
            raise TryLater(_MOMENT)
        return relay

    async def _from_person(self, event: Asked) -> bool:
        """False when there is no conversation: then it is a question like any other."""
        async with self.database.reading() as session:
            before = await relays.line(session, event.id)
            relay = await relays.open_of(session, event.person)
        if before is not None:
            await self.crossing.advance(before.relay)
            return True
        if relay is None:
            return False
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            return False
        said = ready(event.text, cut=event.cut)
        if not await self._take(relay, event, Side.SUPPORT, said, card_of(relay).name):
            return False
        await self.crossing.advance(relay.id)
        return True

    async def _from_support(self, event: Asked) -> None:
        """What is written in another thread of the channel is for nobody."""
        relay = await self._of_thread(event.place)
        if relay is None:
            return
        known = await self.people.known(event.person)
        if known.profile.refusal == "bot":
            return
        name = called(known.profile.name, event.person.user)
        if known.profile.refusal is not None:
            await self._note(relay, event, "not-served", name)
        elif not await self._take(relay, event, Side.PERSON, ready(event.text, cut=event.cut), name):
            await self._note(relay, event, "over", name)
        await self.crossing.advance(relay.id)

    async def _of_thread(self, place: Place) -> Relay | None:
        """A card may stand in the channel a moment before we know where: then the event comes again."""
        async with self.database.reading() as session:
            relay = await relays.of_thread(session, place)
            unplaced = await relays.unplaced(session) if relay is None else []
        for relay_id in unplaced:
            await self.crossing.advance(relay_id)
        if not unplaced:
            return relay
        async with self.database.reading() as session:
            relay = await relays.of_thread(session, place)
            if relay is None and await relays.unplaced(session):
                raise TryLater(_MOMENT)
        return relay

    async def _take(self, relay: Relay, event: Asked, to: Side, said: Ready, name: str) -> bool:
        """Put what was written on its way, and tell the writer what did not go along. False when it is over."""
        message = RelayFromPerson if to is Side.SUPPORT else RelayFromSupport
        back = Side.PERSON if to is Side.SUPPORT else Side.SUPPORT
        async with self.database.transaction() as session:
            if await relays.line(session, event.id) is not None:
                return True
            current = await relays.spoken(session, relay.id, self.clock.now())
            if current is None:
                return False
            at = await self._turn(session, event.id)
            if said.lines:
                await relays.add_line(session, current, to, event.id, message(name, said.lines), at)
            for note in said.notes:
                # Once in a conversation it is enough to say that codes are left out.
                once = f"cut:{relay.id}:{event.person.user}" if note == "cut" else f"{note}:{event.id}"
                told = RelayNote(note, name if back is Side.SUPPORT else "")
                await relays.add_line(session, current, back, once, told, at)
        return True

    async def _note(self, relay: Relay, event: Asked, reason: str, name: str) -> None:
        """Say in the thread why something went no further."""
        async with self.database.transaction() as session:
            at = await self._turn(session, event.id)
            told = RelayNote(reason, name)
            await relays.add_line(session, relay, Side.SUPPORT, f"{reason}:{event.id}", told, at)

    async def _end(self, event: Pressed) -> None:
        """The person, or anybody at support. A second press changes nothing."""
        async with self.database.reading() as session:
            relay = await relays.get(session, event.record)
        if relay is None:
            return
        if event.person == relays.person_of(relay) and event.place.private:
            by, name = "person", card_of(relay).name
        elif (colleague := await self._colleague(event)) is not None:
            by, name = "support", called(colleague.profile.name, event.person.user)
        else:
            return
        async with self.database.transaction() as session:
            at = await self._turn(session, event.id)
            ended = await self.crossing.end(session, relay.id, by, name, at)
            if ended is None and by == "person":
                told = RelayNote("over")
                await relays.add_line(session, relay, Side.PERSON, f"over:{event.id}", told, at)
        await self.crossing.advance(relay.id)

    async def _ask_topic(self, event: Pressed) -> None:
        if (colleague := await self._colleague(event)) is not None:
            await self.marking.ask(event, colleague)

    async def _colleague(self, event: Pressed) -> Known | None:
        """Who pressed in the support channel, if it is one of ours; others are told nothing."""
        if not self._is_channel(event.place):
            log.warning("relay-press-elsewhere", action=event.action)
            return None
        known = await self.people.known(event.person)
        return known if known.profile.refusal is None else None

    async def _turn(self, session: AsyncSession, event: str) -> datetime:
        """When an event came in: what came in earlier goes first, whoever worked on it."""
        return await relays.received_at(session, event) or self.clock.now()

    def _opened(self, relay_id: str) -> RelayOpened:
        when = opening(self.calendar, self.clock.now())
        return RelayOpened(relay_id, when.opens, when.at)

    def _is_channel(self, place: Place) -> bool:
        channel = self.channel.place
        return (place.platform, place.conversation) == (channel.platform, channel.conversation)
