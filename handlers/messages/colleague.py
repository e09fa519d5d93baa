"""Asking for somebody else, who cannot write here: what the one who asks is told, whoever it is for."""

from dataclasses import dataclass
from typing import Self

from handlers.messages.base import Action, Data, Field, FieldKind, Look

_ADDRESS = "solveig.braten@fjordheim.example"


@dataclass(frozen=True)
class ColleagueForm(Data):
    """Asks whom it is for."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The address at work."""
        return (Field("address", FieldKind.EMAIL),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one."""
        return (cls(),)


@dataclass(frozen=True)
class ColleagueStart(Data):
    """Leads to the form, for whoever has typed that they want it: only a press opens one."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The form."""
        return (Action("colleague.open", "", Look.PRIMARY, opens_form=True),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one."""
        return (cls(),)


@dataclass(frozen=True)
class ColleagueThanks(Data):
    """The one reply there is, whether or not anybody has the address."""

    address: str

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls(_ADDRESS),)


@dataclass(frozen=True)
class ColleagueAgain(Data):
    """It was not taken, for a reason that has nothing to do with whom it is for."""

    reason: str
    """``too-many``, ``no-address`` or ``too-late``."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """The form once more, where that helps."""
        return (
            ()
            if self.reason == "too-many"
            else (Action("colleague.open", "", Look.PRIMARY, opens_form=True),)
        )

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One per reason."""
        return tuple(cls(reason) for reason in ("too-many", "no-address", "too-late"))
