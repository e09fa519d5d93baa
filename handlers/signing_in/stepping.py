"""When a press in chat is enough to decide, and when a fresh sign-in is wanted. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, assert_never

_SKEW: Final = timedelta(seconds=10)
"""That Entra's clock may be ahead of ours."""


class StepUp(StrEnum):
    """``approval.step_up``."""

    ALWAYS = "always"
    WINDOW = "window"
    OFF_WEAKENS_APPROVAL = "off_weakens_approval"


@dataclass(frozen=True)
class Stepping:
    """What approving asks of a sign-in."""

    step_up: StepUp
    window: timedelta
    """``approval.step_up_minutes``."""

    def one_click(self, stepped_up_at: datetime | None, now: datetime) -> bool:
        """Whether a press of somebody who is linked decides by itself."""
        match self.step_up:
            case StepUp.ALWAYS:
                return False
            case StepUp.WINDOW:
                return self.fresh(stepped_up_at, now)
            case StepUp.OFF_WEAKENS_APPROVAL:
                return True
            case _ as never:
                assert_never(never)

    def enough(self, stepped_up_at: datetime | None, now: datetime) -> bool:
        """Whether the sign-in that somebody has just come back from carries a decision."""
        return self.step_up is StepUp.OFF_WEAKENS_APPROVAL or self.fresh(stepped_up_at, now)

    def fresh(self, stepped_up_at: datetime | None, now: datetime) -> bool:
        """Whether a stepped-up sign-in lies in the window; one from the future is none."""
        return stepped_up_at is not None and -_SKEW <= now - stepped_up_at <= self.window
