"""What support is told when the settings ask for less proof than they are meant to."""

from dataclasses import dataclass
from typing import Self

from handlers.messages.base import Data


@dataclass(frozen=True)
class PolicyWeakened(Data):
    """The bot was started with settings that are weaker than advised. Names keys, never values."""

    settings: tuple[str, ...]

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """One setting, and several."""
        return (
            cls(("approval.step_up",)),
            cls(("approval.step_up", "verification.policy.link_days", "passes.daily_cap")),
        )
