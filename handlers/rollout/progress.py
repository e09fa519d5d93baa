"""How far something that takes long has come, told to whoever waits for it."""

from typing import Protocol


class Progress(Protocol):
    """Hears how much of what is done, out of how much where that is known."""

    def __call__(self, what: str, done: int, total: int | None = None) -> None: ...


def untold(what: str, done: int, total: int | None = None) -> None:
    """Nobody waits."""
