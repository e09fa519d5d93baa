"""The browser that gave the proof: the only one that may show the pass."""

from dataclasses import dataclass, field

from handlers.records import Case
from handlers.store.keys import hashed


@dataclass(frozen=True)
class Claimed:
    """A proof was given: the case it stands for, and the secret that the browser is to keep."""

    case: Case
    browser: str = field(repr=False)


def browser_hash(secret: str) -> str:
    """What is kept of a browser's secret."""
    return hashed(secret)
