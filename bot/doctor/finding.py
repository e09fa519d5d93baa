"""What was found of one thing, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One line. Holds no secret; the remedy is empty when all is well."""

    name: str
    state: State
    found: str
    remedy: str = ""


def fine(name: str, found: str) -> Finding:
    """All is well."""
    return Finding(name, State.OK, found)


def doubtful(name: str, found: str, remedy: str) -> Finding:
    """The bot works, and somebody should look at it all the same."""
    return Finding(name, State.WARN, found, remedy)


def wrong(name: str, found: str, remedy: str) -> Finding:
    """Something does not work."""
    return Finding(name, State.FAIL, found, remedy)
