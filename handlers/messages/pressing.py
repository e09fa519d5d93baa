"""Short words in answer to a press, for a chat in which every press has to be answered."""

from dataclasses import dataclass
from typing import Self

from handlers.messages.base import Data


@dataclass(frozen=True)
class Noted(Data):
    """The press was taken; what comes of it is seen elsewhere."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        return (cls(),)


@dataclass(frozen=True)
class OneMoment(Data):
    """It takes longer than the platform waits."""

    before_others: bool = False
    """Whether it was pressed where others see the card."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """In private, and in a channel."""
        return (cls(), cls(before_others=True))


@dataclass(frozen=True)
class ToldInPrivate(Data):
    """The answer stands in the private chat with the bot."""

    reached: bool = True
    """False when there is no such chat yet."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        return (cls(), cls(reached=False))
