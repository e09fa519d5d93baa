"""What the start says of a policy that asks for less than it was written to ask for."""

import structlog

from bot.settings import Settings
from bot.settings.policy import weakened

log = structlog.get_logger(__name__)


def warn(settings: Settings) -> None:
    """One line for each key. What would open a hole was refused before."""
    for key in weakened(settings.verification, settings.passes.daily_cap):
        log.warning("policy-weakened", key=key)
