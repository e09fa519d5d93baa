"""The pages for everybody: the front door outside chat. They hold nothing about anybody."""

from dataclasses import dataclass
from typing import Self

from handlers.messages.base import Data


@dataclass(frozen=True)
class HelpPage(Data):
    """``/help``: set two-factor up, a lost phone, and how to reach a person."""

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
