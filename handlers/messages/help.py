"""The pages for everybody: the front door outside chat. They hold nothing about anybody."""

from dataclasses import dataclass
from typing import Self

from handlers.messages.base import Action, Data, Field, FieldKind, Look
from handlers.messages.eid import Provider


@dataclass(frozen=True)
class HelpPage(Data):
    """``/help``: set two-factor up, a lost phone, how to reach a person, and the way in for who needs a pass."""

    problem: str | None = None
    """``empty`` or ``too-many``: nothing that depends on whose address was typed."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The address at work."""
        return (Field("address", FieldKind.EMAIL, problem=self.problem),)

    @property
    def actions(self) -> tuple[Action, ...]:
        """Go on."""
        return (Action("visit", "", Look.PRIMARY),)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Fresh, and with something wrong."""
        return (cls(), cls("empty"), cls("too-many"))


@dataclass(frozen=True)
class DoorPage(Data):
    """``/help/door``: what follows whatever address was typed: prove who one is, or ask somebody."""

    providers: tuple[Provider, ...]
    """Every eID there is: whom each is for shows when somebody comes back from it."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """One button per eID."""
        return tuple(Action("login", provider.name, Look.PRIMARY) for provider in self.providers)

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """With one eID, with two, and with none."""
        one, two = Provider("idporten", "ID-porten"), Provider("bankid", "BankID")
        return (cls((one,)), cls((one, two)), cls(()))


@dataclass(frozen=True)
class AnswersPage(Data):
    """``/help/answers``: the list of all answers."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one."""
        return (cls(),)


@dataclass(frozen=True)
class AppPage(Data):
    """``/help/app``: a code to scan with the phone, which opens the app in the right store."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one."""
        return (cls(),)
