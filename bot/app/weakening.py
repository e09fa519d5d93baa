"""What the start says of settings that ask for less proof than they were written to ask for."""

import hashlib
import json
from collections.abc import Iterator

import structlog

from bot.settings import Settings
from bot.settings.policy import weakened
from handlers.signing_in.stepping import StepUp

log = structlog.get_logger(__name__)

_RULES = frozenset({"approval", "eid", "passes", "signin", "verification"})
"""The sections that say who gets a pass."""
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def weaker(settings: Settings) -> Iterator[str]:
    """The keys, also told to the log. What would open a hole was refused before."""
    if settings.approval.step_up is StepUp.OFF_WEAKENS_APPROVAL:
        yield "approval.step_up"
    yield from weakened(settings.verification, settings.passes.daily_cap)


def unwoken(settings: Settings) -> Iterator[str]:
    """The same of who is woken. Not told in chat: whoever is inside would learn that nobody is."""
    if not settings.security.woken:
        yield "security.mail or security.webhook"


def fingerprint(settings: Settings) -> str:
    """Tells whether the rules are as they were. Secrets play no part in it: they are masked."""
    rules = settings.model_dump(mode="json", include=set(_RULES))
    digest = hashlib.sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()[:16]
    # In letters alone: what is cut out of all that is written down are numbers.
    return digest.translate(_LETTERS)


def warn(keys: list[str]) -> None:
    """One line for each key."""
    for key in keys:
        log.warning("policy-weakened", setting=key)
