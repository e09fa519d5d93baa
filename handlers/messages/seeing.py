"""How far the rollout has come, as support sees it."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from handlers.messages.base import Data

_DAY = date(2027, 1, 18)


@dataclass(frozen=True)
class RolloutChart(Data):
    """The heading of the chart: everybody together, on a day."""

    on: date
    accounts: int
    ready: int

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """Under way, just one account, and no plan."""
        return (cls(_DAY, 900, 312), cls(_DAY, 1, 1), cls(_DAY, 0, 0))


@dataclass(frozen=True)
class RolloutWave(Data):
    """A wave on a day: its row in the table, and what its part of the chart says to whoever does not see it."""

    wave: str | None
    activation_day: date
    """Of most of its accounts."""
    on: date
    accounts: int
    ready: int
    percent: int
    elsewhen: int = 0
    """How many of its accounts have another day."""
    is_paused: bool = False

    @classmethod
    def examples(cls) -> tuple[Self, ...]:
        """To come, past, today; with and without a name; paused."""
        before, after = date(2027, 1, 11), date(2027, 1, 25)
        return (
            cls("First", _DAY, before, 900, 312, 34, 12),
            cls("First", _DAY, after, 900, 873, 97, 1, is_paused=True),
            cls(None, _DAY, _DAY, 1, 0, 0),
        )
