"""A mail that only shows that mail works."""

from dataclasses import dataclass
from typing import Self

from handlers.messages.base import Data


@dataclass(frozen=True)
class TrialMail(Data):
    """Sent from the bot's mailbox to itself, when an administrator asks for it."""

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """There is only one kind."""
        return (cls(),)
