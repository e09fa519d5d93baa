"""Brings what was said across: to each side in the order it was said, one line at a time, and tells what was lost.

Nothing is kept in memory: a line waits in the database until the one before it has arrived or is known to be lost.
Whoever comes along next goes on with it: the next event of the conversation, or the tick.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Asked, Person, Place, Submitted
from handlers.messages import (
    Data,
    Language,
    RelayCard,
    RelayEnded,
    RelayFromPerson,
    RelayFromSupport,
    RelayLost,
    RelayOpened,
    RelayReplyForm,
    name_of,
)
from handlers.ports import Clock
from handlers.records import LineState, Relay, RelayLine, Side
from handlers.relay.texts import excerpt
from handlers.store import outbox, relays
from handlers.store.database import Database
from handlers.store.messages import loaded
from handlers.support import SupportChannel, SupportChannels

log = structlog.get_logger(__name__)

REPLY_FORM: Final = name_of(RelayReplyForm)
_OTHER: Final = {Side.PERSON: Side.SUPPORT, Side.SUPPORT: Side.PERSON}


@dataclass(frozen=True)
class Crossing:
    """Moves the lines of a conversation on. Doing so twice changes nothing more."""

    database: Database
    channels: SupportChannels
    clock: Clock

    def channel(self, relay: Relay) -> SupportChannel:
        """The support channel that it stands in; another one only once that is gone."""
        return self.channels.nearest(relay.stands_on)

    async def advance(self, relay_id: str) -> None:
        """Note what has arrived and what is lost, and send what comes next."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            relay = await relays.locked(session, relay_id)
            if relay is None or (relay := await self._placed(session, relay, now)) is None:
                return
            for side in Side:
                await self._settle(session, relay, side, now)
            for side in Side:
                await self._release(session, relay, side, now)

    async def post_card(self, session: AsyncSession, relay: Relay, now: datetime) -> None:
        """Post the card, which is the root of the thread."""
        channel = self.channel(relay)
        post = self._post(relays.card_key(relay), channel.place, card_of(relay), channel.language, now)
        await outbox.add(session, post, channel.tenant)

    async def renew_card(self, session: AsyncSession, relay: Relay, change: str, now: datetime) -> None:
        """Bring the card up to date. ``change`` names what has happened, once each."""
        key, channel = relays.card_key(relay), self.channels.on(relay.stands_on)
        if channel is not None:
            post = self._post(f"{key}:{change}", channel.place, card_of(relay), channel.language, now)
            await outbox.add(session, replace(post, replaces=key), channel.tenant)

    async def end(
        self,
        session: AsyncSession,
        relay_id: str,
        by: str,
        name: str,
        said_at: datetime,
        silent_since: datetime | None = None,
    ) -> Relay | None:
        """End a conversation and tell both sides, after all that was said before. None: it is not to end, or has."""
        now = self.clock.now()
        ended = await relays.end(session, relay_id, now, by, name, silent_since)
        if ended is None:
            return None
        log.info("relay-ended", relay=ended.id, by=by)
        await self.renew_card(session, ended, "ended", now)
        await self._close_first(session, ended, now)
        for side in Side:
            data = RelayEnded(side, by, name)
            await relays.add_line(session, ended, side, f"ended:{ended.id}:{side}", data, said_at)
        return ended

    async def _placed(self, session: AsyncSession, relay: Relay, now: datetime) -> Relay | None:
        """The conversation once its card stands; with no way to post it, it ends, and the person is told."""
        if relay.thread is not None or relay.ended_by in ("trouble", "moved"):
            return relay
        fate = await relays.fate(session, relays.card_key(relay))
        if not fate.settled:
            return None
        reference = await outbox.reference(session, relays.card_key(relay))
        if fate.arrived and reference is not None:
            await relays.stood(session, relay.id, reference)
            return await relays.locked(session, relay.id)
        log.error("relay-card-failed", relay=relay.id)
        for side in Side:
            for line in await relays.lines(session, relay, side, LineState.WAITING):
                await relays.set_line(session, line, LineState.LOST)
        ended = await relays.fail(session, relay.id, now)
        if ended is not None:
            told = RelayEnded(Side.PERSON, "trouble")
            await relays.add_line(session, ended, Side.PERSON, f"failed:{ended.id}", told, now)
        return ended

    async def _settle(self, session: AsyncSession, relay: Relay, side: Side, now: datetime) -> None:
        for line in await relays.lines(session, relay, side, LineState.OUT):
            fate = await relays.fate(session, relays.line_key(relay, line))
            if not fate.settled:
                continue
            if not fate.arrived:
                log.warning("relay-line-lost", relay=relay.id, line=line.id, side=side)
                await self._tell_lost(session, relay, side, line, now, sure=fate.sure)
            await relays.set_line(session, line, LineState.DONE if fate.arrived else LineState.LOST)

    async def _tell_lost(
        self, session: AsyncSession, relay: Relay, side: Side, line: RelayLine, now: datetime, *, sure: bool
    ) -> None:
        """Tell the side that wrote it; of what we ourselves wrote, only that the person knows of nothing."""
        match relays.said(line):
            case RelayFromPerson(lines=lines) | RelayFromSupport(lines=lines):
                text = excerpt(lines)
            case RelayOpened(again=False):
                text = ""
            case _:
                return
        told = RelayLost(_OTHER[side], card_of(relay).name, text, sure)
        await relays.add_line(session, relay, _OTHER[side], f"lost:{line.key}", told, now)

    async def _release(self, session: AsyncSession, relay: Relay, side: Side, now: datetime) -> None:
        if await relays.lines(session, relay, side, LineState.OUT):
            return
        waiting = await relays.lines(session, relay, side, LineState.WAITING)
        target = self._target(relay, side)
        for line in waiting:
            if target is None:
                await relays.set_line(session, line, LineState.LOST)
                continue
            if await self._is_preceded(session, relay, side, line):
                return
            data = relays.said(line)
            if data is None:
                log.error("relay-line-unreadable", relay=relay.id, line=line.id)
                await relays.set_line(session, line, LineState.LOST)
                continue
            channel = self.channel(relay)
            language = Language(relay.language) if side is Side.PERSON else channel.language
            post = self._post(relays.line_key(relay, line), target, data, language, now)
            await outbox.add(session, post, channel.tenant)
            await relays.set_line(session, line, LineState.OUT)
            return

    async def _is_preceded(self, session: AsyncSession, relay: Relay, side: Side, line: RelayLine) -> bool:
        """Whether something for this side came in earlier and is not among the lines yet."""
        return any(
            self._is_for(relay, side, event)
            for event in await relays.unheard(session, line.said_at)
            if event.id != line.key
        )

    def _is_for(self, relay: Relay, side: Side, event: Asked | Submitted) -> bool:
        if isinstance(event, Submitted):
            # It is shown in the thread too.
            return event.form == REPLY_FORM and event.record == relay.id
        if side is Side.SUPPORT:
            return event.person == relays.person_of(relay) and event.place.private
        return event.place.conversation == relay.conversation and event.place.thread == relay.thread

    def _target(self, relay: Relay, side: Side) -> Person | Place | None:
        """Nowhere, where support no longer is."""
        if side is Side.PERSON:
            return relays.person_of(relay)
        if self.channels.on(relay.stands_on) is None:
            return None
        return Place(relay.stands_on, relay.conversation or "", relay.thread)

    async def _close_first(self, session: AsyncSession, relay: Relay, now: datetime) -> None:
        """Take the button away from the first message to the person, if that has gone out."""
        first = await relays.line(session, first_key(relay))
        if first is None or first.state not in (LineState.OUT, LineState.DONE):
            return
        key = relays.line_key(relay, first)
        over = RelayOpened(relay.id, "now", over=True)
        language = Language(relay.language)
        post = self._post(f"{key}:over", relays.person_of(relay), over, language, now)
        await outbox.add(session, replace(post, replaces=key))

    def _post(
        self, key: str, target: Person | Place, data: Data, language: Language, now: datetime
    ) -> outbox.Post:
        return outbox.Post(key, target, data, language, now, priority=1)


def first_key(relay: Relay) -> str:
    """The key of the first line to the person."""
    return f"opened:{relay.id}"


def card_of(relay: Relay) -> RelayCard:
    """The card as it has to be now."""
    card = loaded("relay_card", relay.card)
    if not isinstance(card, RelayCard):
        card = RelayCard(relay.id, relay.user)
    return replace(
        card,
        marked=relay.marked,
        ended_by=relay.ended_by,
        ended_name=relay.ended_name,
        ended_at=relay.ended_at,
    )
