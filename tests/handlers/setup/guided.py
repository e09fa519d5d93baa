"""Somebody in a guide: presses what their card offers, and sees what it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final

from graph.methods import Kind
from handlers.events import Place, Pressed
from handlers.messages import Action, Data, SetupEnd, SetupLook, SetupPause, SetupStep, SetupStuck
from handlers.setup.feature import Setup
from handlers.setup.looks import Looks
from handlers.setup.steps import Guide, Press
from tests.handlers.rig import NORA, Rig
from tests.memory_chat import Shown

CARDS: Final = (SetupStep, SetupStuck, SetupLook, SetupEnd, SetupPause)
ON: Final = (Press.IPHONE, *[Press.NEXT] * 5)
"""The straight way through a set-up, up to the look."""
_NUMBERS: Final = count(1)


@dataclass
class Guided:
    """One person, with the rig around them."""

    rig: Rig
    name: str = NORA
    own_telecom: bool = False

    @property
    def setup(self) -> Setup:
        """The feature."""
        looks = Looks(self.rig.database, self.rig.directory, self.rig.clock, self.own_telecom)
        return Setup(self.rig.database, self.rig.people, looks, self.rig.clock)

    @property
    def private(self) -> Place:
        """The chat with the bot."""
        return Place("slack", f"private:{self.rig.person(self.name).user}", private=True)

    @property
    def cards(self) -> Sequence[Shown]:
        """The messages of guides that stand in the chat, oldest first."""
        return [it for it in self.rig.chat.standing(self.private) if isinstance(it.data, CARDS)]

    @property
    def card(self) -> Data:
        """The newest one."""
        return self.cards[-1].data

    def button(self, name: str, card: Data | None = None) -> Action:
        """A button of a card."""
        offered = (card or self.card).actions
        found = [action for action in offered if action.name == f"setup.{name}"]
        assert found, (name, offered)
        return found[0]

    def event(self, action: Action, id: str | None = None, name: str | None = None) -> Pressed:
        """A press of this button."""
        person = self.rig.person(name or self.name)
        return Pressed(id or f"press-{next(_NUMBERS)}", person, self.private, action.name, action.record)

    async def take(self, event: Pressed) -> None:
        """Handle the event, and let out what it brought."""
        handle = self.setup.start if event.action == "setup.start" else self.setup.press
        await handle(event)
        await self.rig.delivered()

    async def start(self, guide: Guide = Guide.SETUP, id: str | None = None) -> Data:
        """Press "Set it up now"; the card then."""
        await self.take(self.event(Action("setup.start", guide), id))
        return self.card

    async def press(self, *names: str) -> Data:
        """Press these buttons one after the other, each on the card as it then stands; the card at the end."""
        for name in names:
            await self.take(self.event(self.button(name)))
        return self.card

    def register(self, device: str = "Pixel 9") -> str:
        """Register the app of a phone."""
        return self.rig.entra.devices.register_authenticator(self.rig.id(self.name), device)

    def phones(self) -> list[str]:
        """Ids of the apps that are registered."""
        account = self.rig.entra.tenant.account(self.rig.id(self.name))
        return [method.id for method in account.methods if method.kind is Kind.AUTHENTICATOR]

    def remove(self, method: str) -> None:
        """Remove a method on the page of one's own security details."""
        self.rig.entra.devices.remove_method(self.rig.id(self.name), method)
