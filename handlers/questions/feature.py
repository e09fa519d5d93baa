"""Answers what people ask, in their language, from the organisation's guide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

import structlog

from handlers.events import Asked, Person, Place, Pressed
from handlers.messages import Answer, Choice, Data, Greeting, NotServed, Unanswered
from handlers.people import Known, People
from handlers.ports import Clock
from handlers.questions.matching import Kind, Match, Matcher
from handlers.questions.topics import Topic
from handlers.rollout import plan
from handlers.store import outbox
from handlers.store.database import Database

log = structlog.get_logger(__name__)

_TOPICS = frozenset(map(str, Topic))
_WITH_DAY = frozenset({Topic.ACTIVATION_DAY, Topic.SETUP, Topic.POSTPONE})


@dataclass(frozen=True)
class Questions:
    """One question in, one reply out; a repeated event changes nothing, since replies are keyed by it."""

    database: Database
    people: People
    matcher: Matcher
    clock: Clock

    async def asked(self, event: Asked) -> None:
        """Answer a question where it was asked."""
        known = await self.people.known(event.person, event.text)
        if known.profile.refusal is not None:
            await self._reply(event.id, event.place, known, _not_served(known))
            return
        match = self.matcher.match(event.text)
        log.info("question", id=event.id, kind=match.kind, topic=match.topic, language=known.language)
        await self._reply(event.id, event.place, known, [await self._words(match, known, event.place)])

    async def topic(self, event: Pressed) -> None:
        """Answer with the topic that a button names."""
        if event.record in _TOPICS:
            await self._press(event, Topic(event.record))

    async def person(self, event: Pressed) -> None:
        """The way to a person."""
        await self._press(event, Topic.CONTACT_SUPPORT)

    async def _press(self, event: Pressed, topic: Topic) -> None:
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            await self._reply(event.id, event.place, known, _not_served(known))
            return
        await self._reply(event.id, event.place, known, [await self._answer(topic, known, event.place)])

    async def _words(self, match: Match, known: Known, place: Place) -> Data:
        match match.kind:
            case Kind.ANSWER if match.topic is not None:
                return await self._answer(match.topic, known, place)
            case Kind.CHOOSE:
                return Choice(tuple(match.alternatives[:3]))
            case Kind.REFUSE:
                return Answer(Topic.ABUSE)
            case Kind.SMALLTALK:
                return Greeting(thanks=match.thanks)
            case Kind.HANDOVER | Kind.ANSWER:
                return Unanswered()
            case _ as never:
                assert_never(never)

    async def _answer(self, topic: Topic, known: Known, place: Place) -> Answer:
        """The day is told to its owner alone: never where others read along."""
        wanted = place.private and topic in _WITH_DAY
        return Answer(topic, await self._activation_day(known.account) if wanted else None)

    async def _activation_day(self, account: str | None) -> date | None:
        if account is None:
            return None
        async with self.database.transaction() as session:
            entry = await plan.entry(session, account)
        return entry.activation_day if entry else None

    async def _reply(self, event: str, place: Place, known: Known, replies: Sequence[Data]) -> None:
        now = self.clock.now()
        async with self.database.transaction() as session:
            for number, data in enumerate(replies):
                await outbox.add(
                    session,
                    outbox.Post(
                        key=f"reply:{event}:{number}",
                        target=_where(place, known.person),
                        data=data,
                        language=known.language,
                        due_at=now,
                        priority=1,
                    ),
                    tenant=known.person.tenant,
                )


def _where(place: Place, person: Person) -> Place | Person:
    """A private question is answered in the private chat, whatever its conversation is called."""
    return person if place.private else place


def _not_served(known: Known) -> Sequence[Data]:
    """Bots and deactivated people get no reply at all: nobody would read it."""
    refusal = known.profile.refusal
    return [NotServed(refusal)] if refusal in ("guest", "other-workspace") else []
