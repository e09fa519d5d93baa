"""What support learns from: the questions that got no simple answer, by topic, without those who asked."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Person
from handlers.messages import OpenGroup, OpenQuestions
from handlers.questions import follow_up
from handlers.questions.anonymous import anonymous
from handlers.questions.matching import Kind
from handlers.questions.topics import Topic
from handlers.records import Question
from handlers.rollout.when import Calendar
from handlers.store import people
from handlers.store import questions as store
from handlers.store.cleaning import CUT
from handlers.store.database import Database
from handlers.support import SupportChannels

log = structlog.get_logger(__name__)

WEEK: Final = timedelta(days=7)
_MOST_GROUPS: Final = 10
_SAMPLES: Final = 3
_LENGTH: Final = 120
_CANDIDATES: Final = 12
"""Texts looked at for each topic: some say too little once names and numbers are cut."""
_FEWEST_WORDS: Final = 2


@dataclass
class Sheet:
    """Counts questions of one topic, and keeps the newest texts for samples."""

    topic: Topic | None
    unanswered: int = 0
    chosen: int = 0
    unhelpful: int = 0
    texts: list[tuple[str, Person]] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many there are."""
        return self.unanswered + self.chosen + self.unhelpful

    def count(self, question: Question) -> None:
        """Take one in. It counts once: for what it was worst at."""
        if question.helpful is False:
            self.unhelpful += 1
        elif question.kind == Kind.CHOOSE:
            self.chosen += 1
        else:
            self.unanswered += 1
        if question.text and len(self.texts) < _CANDIDATES:
            person = Person(question.platform, question.tenant, question.user)
            self.texts.append((question.text, person))


@dataclass
class Tally:
    """Sorts questions by topic as they come, newest first."""

    sheets: dict[Topic | None, Sheet] = field(default_factory=dict)

    def count(self, question: Question) -> None:
        """Take one in, unless support has said that it is none of ours."""
        if question.marked in (Topic.OFF_TOPIC, Topic.ABUSE):
            return
        topic = about(question)
        self.sheets.setdefault(topic, Sheet(topic)).count(question)

    def by_size(self) -> list[Sheet]:
        """The largest first; among equals by name, and last what belongs nowhere."""
        return sorted(self.sheets.values(), key=lambda it: (-it.total, it.topic is None, it.topic or ""))


def about(question: Question) -> Topic | None:
    """What it was about, as far as anybody can tell: support, the asker, the answer, the best guess."""
    guesses = (question.marked, question.chosen, question.topic, *question.alternatives.split(","))
    return next((topic for guess in guesses if (topic := follow_up.named(guess)) in follow_up.OFFERED), None)


def samples(texts: Iterable[tuple[str, Iterable[str]]]) -> tuple[str, ...]:
    """Some of these texts, each with the names to cut out of it: short, different, and with something left to read."""
    found: dict[str, str] = {}
    for text, names in texts:
        shown = anonymous(text, names)
        if len(shown) > _LENGTH:
            shown = f"{shown[:_LENGTH].rsplit(' ', 1)[0]}{CUT}"
        if sum(any(map(str.isalpha, word)) for word in shown.split()) >= _FEWEST_WORDS:
            found.setdefault(shown.casefold(), shown)
    return tuple(found.values())[:_SAMPLES]


async def open_questions(
    session: AsyncSession, since: datetime, until: datetime, zone: tzinfo, most: int | None = None
) -> OpenQuestions:
    """What was asked in this time and got no simple answer; of many groups only the largest when ``most`` is given."""
    tally = Tally()
    async for question in store.to_learn_from(session, since, until):
        tally.count(question)
    sheets = tally.by_size()
    shown = sheets[:most]
    return OpenQuestions(
        since=since.astimezone(zone).date(),
        until=(until - timedelta(microseconds=1)).astimezone(zone).date(),
        questions=await store.count(session, since, until),
        groups=tuple([await _group(session, sheet) for sheet in shown]),
        more=sum(sheet.total for sheet in sheets[len(shown) :]),
    )


def due(now: datetime, calendar: Calendar) -> datetime | None:
    """The opening of this week's first working day, once it is past and while people are at work; else nothing."""
    today = calendar.today(now)
    if calendar.is_quiet(today) or now not in calendar.window(today):
        return None
    days = (today - timedelta(days=back) for back in range(today.weekday(), -1, -1))
    return calendar.window(next(day for day in days if not calendar.is_quiet(day))).opens


@dataclass
class Weekly:
    """Sends support the list of the week, once, from whichever replica comes first."""

    database: Database
    calendar: Calendar
    channels: SupportChannels
    _told: datetime | None = field(default=None, init=False)

    async def tick(self, now: datetime) -> None:
        """Send it on the first working morning; later in the week if nobody ran then. An empty list is not sent."""
        opens = due(now, self.calendar)
        if opens is None or opens == self._told:
            return
        async with self.database.reading() as session:
            found = await open_questions(session, opens - WEEK, opens, self.calendar.zone, _MOST_GROUPS)
        if found.groups:
            year, week, _ = self.calendar.today(opens).isocalendar()
            async with self.database.transaction() as session:
                new = await self.channels.tell(session, f"questions:{year}-W{week:02}", found, now)
            if new:
                log.info("questions-listed", groups=len(found.groups), questions=found.questions)
        self._told = opens


async def _group(session: AsyncSession, sheet: Sheet) -> OpenGroup:
    """Who asked is looked up once more, for the one purpose of cutting the name out."""
    texts = [(text, await _names(session, person)) for text, person in sheet.texts]
    return OpenGroup(sheet.topic, sheet.unanswered, sheet.chosen, sheet.unhelpful, samples(texts))


async def _names(session: AsyncSession, person: Person) -> tuple[str, ...]:
    link = await people.link(session, person)
    return (link.email,) if link is not None else ()
