"""Somebody asks and presses, and what they and the database see of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from handlers.events import Asked, Person, Place, Pressed
from handlers.messages import Data
from handlers.ports import Reader
from handlers.questions.feature import Questions
from handlers.questions.matching import Kind, Match, Matcher
from handlers.questions.topics import Topic
from handlers.records import Question
from handlers.store.database import Database
from tests.handlers.rig import NORA, Rig
from tests.matchers import lexicon, model

THREAD: Final = Place("slack", "C0SUPPORT", "1.2")
_NUMBERS: Final = count(1)


class Scripted(Matcher):
    """Knows what each text means, and notes the topic that it was asked in."""

    def __init__(self, **meant: Match) -> None:
        super().__init__((), lexicon(), model())
        self.meant = meant
        self.lasts: list[Topic | None] = []

    def match(self, text: str, last: Topic | None = None) -> Match:
        self.lasts.append(last)
        return self.meant.get(text, Match(Kind.HANDOVER))


@dataclass
class Canned:
    """A reader that picks what it is told to, and notes what it was shown."""

    picks: str | None
    shown: list[str] = field(default_factory=list)
    topics: Sequence[str] = ()

    async def pick(self, text: str, topics: Sequence[str]) -> str | None:
        self.shown.append(text)
        self.topics = topics
        return self.picks


@dataclass
class Asking:
    """The feature and those who use it."""

    rig: Rig
    matcher: Scripted
    reader: Reader | None = None

    @property
    def feature(self) -> Questions:
        rig = self.rig
        return Questions(rig.database, rig.people, self.matcher, rig.clock, rig.cases.audit, self.reader)

    def private(self, name: str = NORA) -> Place:
        return Place("slack", f"private:{self.rig.person(name).user}", private=True)

    async def ask(
        self, text: str, name: str = NORA, *, place: Place | None = None, addressed: bool = True, id: str = ""
    ) -> Sequence[Data]:
        """Say something; everything that this person was told in private so far."""
        event = Asked(
            id or f"q{next(_NUMBERS)}", self.rig.person(name), place or self.private(name), text, addressed
        )
        await self.feature.asked(event)
        return await self.seen(name)

    async def press(
        self, action: str, record: str, name: str = NORA, *, place: Place | None = None, id: str = ""
    ) -> Sequence[Data]:
        """Press a button; everything that this person was told in private so far."""
        event = Pressed(
            id or f"p{next(_NUMBERS)}",
            self.rig.person(name),
            place or self.private(name),
            f"questions.{action}",
            record,
        )
        feature = self.feature
        by_name = {"topic": feature.topic, "unhelpful": feature.unhelpful, "person": feature.person}
        await by_name[action](event)
        return await self.seen(name)

    async def seen(self, name: str = NORA) -> Sequence[Data]:
        await self.rig.delivered()
        return self.rig.chat.seen_by(self.rig.person(name))

    def standing(self, place: Place = THREAD) -> Sequence[Data]:
        """What everybody sees there."""
        return [shown.data for shown in self.rig.chat.standing(place) if shown.reference.place == place]

    async def rows(self) -> list[Question]:
        return await rows_of(self.rig.database)

    def person(self, name: str = NORA) -> Person:
        return self.rig.person(name)


async def rows_of(database: Database) -> list[Question]:
    """All kept questions, oldest first."""
    async with database.transaction() as session:
        found = list(await session.scalars(select(Question).order_by(col(Question.id))))
        for row in found:
            session.expunge(row)
    return found
