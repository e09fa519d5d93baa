"""The card of a case as it is now, for a client that asks for it by itself."""

from dataclasses import dataclass

from handlers.cards import Cards
from handlers.events import Pressed
from handlers.messages import Data, Language
from handlers.ports import Clock
from handlers.store.cases import Cases
from handlers.store.database import Database

_ON_CARDS = "approvals."


@dataclass(frozen=True)
class Showing:
    """Draws it from the rows, where it stands for everybody to see. Nothing is written, and nobody is asked."""

    database: Database
    cases: Cases
    cards: Cards
    clock: Clock

    async def __call__(self, pressed: Pressed) -> tuple[Data, Language] | None:
        """The card that this button stands in, and its language; nothing for any other button, and elsewhere."""
        channel = self.cards.channels.at(pressed.place)
        if channel is None or not pressed.action.startswith(_ON_CARDS):
            return None
        async with self.database.reading() as session:
            case = await self.cases.get(session, pressed.record)
            card = await self.cards.draw(session, case, self.clock.now()) if case is not None else None
        return None if card is None else (card, channel.language)
