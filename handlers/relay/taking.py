"""Takes what somebody has written: puts it on its way to the other side, and tells the writer what did not go along."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Asked, Submitted
from handlers.messages import RelayAnswered, RelayFromPerson, RelayFromSupport, RelayNote
from handlers.ports import Clock
from handlers.records import Relay, Side
from handlers.relay.crossing import Crossing, card_of
from handlers.relay.texts import Ready
from handlers.store import inbox, relays
from handlers.store.database import Database


@dataclass(frozen=True)
class Taking:
    """Each event is taken once."""

    database: Database
    crossing: Crossing
    clock: Clock

    async def take(self, relay: Relay, event: Asked | Submitted, to: Side, said: Ready, name: str) -> bool:
        """Take what was written in chat, or in the form. False when the conversation is over."""
        back = Side.PERSON if to is Side.SUPPORT else Side.SUPPORT
        async with self.database.transaction() as session:
            if await relays.line(session, event.id) is not None:
                return True
            current = await relays.spoken(session, relay.id, self.clock.now())
            if current is None:
                return False
            at = await self.turn(session, event.id)
            if said.lines:
                data = (
                    self._from_person(relay, name, said)
                    if to is Side.SUPPORT
                    else RelayFromSupport(name, said.lines)
                )
                await relays.add_line(session, current, to, event.id, data, at)
            if said.lines and isinstance(event, Submitted):
                told = RelayAnswered(name, card_of(relay).name, said.lines)
                await relays.add_line(session, current, back, f"shown:{event.id}", told, at)
            for note in said.notes:
                # Once in a conversation it is enough to say that codes are left out.
                once = f"cut:{relay.id}:{event.person.user}" if note == "cut" else f"{note}:{event.id}"
                noted = RelayNote(note, name if back is Side.SUPPORT else "")
                await relays.add_line(session, current, back, once, noted, at)
        return True

    async def note(self, relay: Relay, event: Asked | Submitted, reason: str, name: str) -> None:
        """Say in the thread why something went no further."""
        async with self.database.transaction() as session:
            at = await self.turn(session, event.id)
            told = RelayNote(reason, name)
            await relays.add_line(session, relay, Side.SUPPORT, f"{reason}:{event.id}", told, at)

    async def turn(self, session: AsyncSession, event: str) -> datetime:
        """When an event came in: what came in earlier goes first, whoever worked on it."""
        return await inbox.received_at(session, event) or self.clock.now()

    def _from_person(self, relay: Relay, name: str, said: Ready) -> RelayFromPerson:
        by_button = not self.crossing.channel(relay).overheard
        return RelayFromPerson(name, said.lines, relay.id if by_button else "")
