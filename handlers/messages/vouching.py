"""A manager is asked whether they know the requester: in chat that there is a question, and on the page what it is."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from handlers.messages.agents import Waiting
from handlers.messages.base import Action, Data, Field, FieldKind, Look

HOWS: Final = ("in-person", "video", "voice")
"""How a manager can have recognised somebody. What was written in chat is none of them."""


@dataclass(frozen=True)
class VouchAsked(Data):
    """Tells a manager in private that support asks about somebody. No link: whoever gets it has asked for none."""

    case: str
    name: str

    @property
    def actions(self) -> tuple[Action, ...]:
        """Asks for the link."""
        return (Action("vouching.open", self.case, Look.PRIMARY),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls("K7QF-2M", "Solveig Bråten"),)


@dataclass(frozen=True)
class VouchLink(Data):
    """The address of the page, for a manager who pressed. It holds no secret: the page wants a sign-in."""

    url: str

    @property
    def actions(self) -> tuple[Action, ...]:
        """To the page."""
        return (Action("links.case", "", Look.PRIMARY, self.url),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls("https://hjelp.fjordheim.example/case/manager"),)


@dataclass(frozen=True)
class ManagerPage(Data):
    """``/case/manager``: who of one's own people support asks about."""

    waiting: tuple[Waiting, ...] = ()

    @property
    def actions(self) -> tuple[Action, ...]:
        """One button per question."""
        return tuple(Action("look", each.case) for each in self.waiting)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With a question, and with none."""
        at = datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
        return (cls((Waiting("K7QF-2M", "Solveig Bråten", at),)), cls())


@dataclass(frozen=True)
class VouchPage(Data):
    """One question: is it really them, and how do you know?"""

    case: str
    name: str
    upn: str
    has_photo: bool
    hows: tuple[str, ...]
    problem: str | None = None
    """``unchecked`` when nothing was chosen."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """How they were recognised."""
        return (Field("how", FieldKind.CHOICE, self.hows, problem=self.problem),)

    @property
    def actions(self) -> tuple[Action, ...]:
        """Yes, or no."""
        return (Action("confirm", "", Look.PRIMARY), Action("decline", "", Look.DANGER))

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With and without a photo, and with nothing chosen."""
        facts = ("K7QF-2M", "Solveig Bråten", "solveig.braten@fjordheim.example")
        return (cls(*facts, True, HOWS), cls(*facts, False, HOWS), cls(*facts, True, HOWS, "unchecked"))


@dataclass(frozen=True)
class VouchEnd(Data):
    """The manager said no, and what follows."""

    name: str

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls("Solveig Bråten"),)
