"""Presses that Teams waits for: whoever works on one may answer it with a form or a short word, for a few seconds.

Nothing here decides or is needed: what is not answered in time reaches the person another way, or they press again.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from handlers.events import Person, Place

OPENER: Final = "invoke:"
"""Begins ``Pressed.opener`` and ``Submitted.opener`` of those that can be answered with a form."""


@dataclass(frozen=True)
class Form:
    """The ``value`` of a task that goes on: https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards."""

    task: dict[str, object]


@dataclass(frozen=True)
class Word:
    """A short text that only who pressed sees."""

    text: str


Answer: TypeAlias = Form | Word


@dataclass(eq=False)
class Pressing:
    """One press whose answer is waited for."""

    opener: str
    person: Person
    place: Place | None
    said: asyncio.Future[Answer | None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    """The answer; nothing once it is certain that there is none."""

    def ended(self) -> None:
        """Whoever worked on it is done."""
        if not self.said.done():
            self.said.set_result(None)

    async def answer(self, within: float) -> Answer | None:
        """The answer, if one comes within so many seconds."""
        try:
            async with asyncio.timeout(within):
                return await asyncio.shield(self.said)
        except TimeoutError:
            return None


class Answers:
    """The presses that are waited for in this process."""

    def __init__(self) -> None:
        self._open: list[Pressing] = []

    @contextmanager
    def waiting(self, id: str, person: Person, place: Place | None) -> Iterator[Pressing]:
        """While this lasts, the press with this event id can be answered."""
        pressing = Pressing(f"{OPENER}{id}", person, place)
        self._open.append(pressing)
        try:
            yield pressing
        finally:
            self._open.remove(pressing)

    def form(self, opener: str, task: dict[str, object]) -> bool:
        """Answer with a form. False when nobody waits for it, or it was answered with something else."""
        return any(_give(pressing, Form(task)) for pressing in self._open if pressing.opener == opener)

    def word(self, person: Person, place: Place, text: str) -> bool:
        """Answer whatever this person pressed there and waits for. False when they wait for nothing."""
        return any(
            _give(pressing, Word(text))
            for pressing in self._open
            if pressing.person == person and pressing.place == place
        )


def _give(pressing: Pressing, answer: Answer) -> bool:
    if pressing.said.done():
        return pressing.said.result() == answer
    pressing.said.set_result(answer)
    return True
