"""Talking to a person: opens a conversation with support, carries what is said, and ends it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import structlog

from handlers.events import Asked, Event, Place, Pressed, Submitted
from handlers.messages import (
    Language,
    RelayNote,
    RelayOpened,
)
from handlers.people import Known, People
from handlers.ports import Clock, TryLater
from handlers.records import Relay, Side
from handlers.relay.crossing import REPLY_FORM, Crossing, card_of, first_key
from handlers.relay.facts import Facts
from handlers.relay.hours import opening
from handlers.relay.marking import FORM, Marking
from handlers.relay.replying import Replying
from handlers.relay.taking import Taking
from handlers.relay.texts import called, ready
from handlers.rollout.when import Calendar
from handlers.store import people as choices
from handlers.store import relays
from handlers.store.database import Database
from handlers.store.messages import dumped
from handlers.support import SupportChannel, SupportChannels

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
    taking: Taking
    marking: Marking
    replying: Replying
    calendar: Calendar
    clock: Clock

    @property
    def channels(self) -> SupportChannels:
        """Where support answers."""
        return self.crossing.channels

    async def handle(self, event: Event) -> bool:
        """Take the event, or leave it to the others."""
        match event:
            case Asked() if event.place.private:
                return await self._from_person(event)
            case Asked() if (channel := self.channels.at(event.place)) is not None:
                return await self._in_channel(event, channel)
            case Pressed(action="questions.person"):
                return await self._open(event)
            case Pressed(action="relay.end"):
                await self._end(event)
            case Pressed(action="relay.topic"):
                await self._ask_topic(event)
            case Pressed(action="relay.reply"):
                await self._ask_reply(event)
            case Submitted(form=form) if form == FORM:
                await self.marking.mark(event)
            case Submitted(form=form) if form == REPLY_FORM:
                await self.replying.replied(event)
            case _:
                return False
        return True

    async def tick(self) -> None:
        """Go on with what is on its way, and end what nobody writes in any more."""
        now = self.clock.now()
        platforms = {each.place.platform for each in self.channels}
        async with self.database.reading() as session:
            silent = await relays.silent(session, now - SILENCE)
            gone = await relays.elsewhere(session, platforms)
            moving = await relays.unfinished(session)
        for relay_id in gone:
            async with self.database.transaction() as session:
                await self.crossing.end(session, relay_id, "moved", "", now)
        for relay_id in silent:
            async with self.database.transaction() as session:
                await self.crossing.end(session, relay_id, "silence", "", now, now - SILENCE)
        for relay_id in dict.fromkeys((*silent, *gone, *moving)):
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
                at = await self.taking.turn(session, event.id)
                await relays.add_line(session, relay, Side.PERSON, event.id, told, at)
        await self.crossing.advance(relay.id)
        return True

    async def _begin(self, event: Pressed, known: Known) -> Relay:
        """The conversation that stands now: this one, unless another press was faster."""
        now = self.clock.now()
        lately = await self.facts.lately(known, now)
        channel = self.channels.nearest(event.person.platform)
        card = replace(await self.facts.card(known, lately), by_button=not channel.overheard)
        async with self.database.transaction() as session:
            chosen = await choices.language_of(session, event.person)
            written = Language(lately.last.language) if lately.last else known.language
            relay = await relays.open_one(
                session,
                event.person,
                event.id,
                now,
                dumped(card),
                stands_on=channel.place.platform,
                language=chosen or written,
                question=lately.last.id if lately.last else None,
            )
            if relay is not None:
                await self.crossing.post_card(session, relay, now)
                told = replace(self._opened(relay.id), asked=bool(lately.shown))
                at = await self.taking.turn(session, event.id)
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
        if not await self.taking.take(relay, event, Side.SUPPORT, said, card_of(relay).name):
            return False
        await self.crossing.advance(relay.id)
        return True

    async def _in_channel(self, event: Asked, channel: SupportChannel) -> bool:
        """What is overheard in another thread is for nobody; what is said to the bot, for whoever answers questions.

        Where nothing is overheard, whoever writes in the thread of a conversation has to name the bot to be heard.
        """
        if event.addressed and channel.overheard:
            return False
        relay = await self._of_thread(event.place)
        if relay is not None:
            await self._from_support(event, relay)
        return relay is not None or not event.addressed

    async def _from_support(self, event: Asked, relay: Relay) -> None:
        known = await self.people.known(event.person)
        if known.profile.refusal == "bot":
            return
        name = called(known.profile.name, event.person.user)
        if known.profile.refusal is not None:
            await self.taking.note(relay, event, "not-served", name)
        elif not await self.taking.take(relay, event, Side.PERSON, ready(event.text, cut=event.cut), name):
            await self.taking.note(relay, event, "over", name)
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
            at = await self.taking.turn(session, event.id)
            ended = await self.crossing.end(session, relay.id, by, name, at)
            if ended is None and by == "person":
                told = RelayNote("over")
                await relays.add_line(session, relay, Side.PERSON, f"over:{event.id}", told, at)
        await self.crossing.advance(relay.id)

    async def _ask_topic(self, event: Pressed) -> None:
        if (colleague := await self._colleague(event)) is not None:
            await self.marking.ask(event, colleague)

    async def _ask_reply(self, event: Pressed) -> None:
        if (colleague := await self._colleague(event)) is not None:
            await self.replying.ask(event, colleague)

    async def _colleague(self, event: Pressed) -> Known | None:
        """Who pressed in a support channel, if it is one of ours; others are told nothing."""
        if self.channels.at(event.place) is None:
            log.warning("relay-press-elsewhere", action=event.action)
            return None
        known = await self.people.known(event.person)
        return known if known.profile.refusal is None else None

    def _opened(self, relay_id: str) -> RelayOpened:
        when = opening(self.calendar, self.clock.now())
        return RelayOpened(relay_id, when.opens, when.at)
