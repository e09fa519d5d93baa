"""Answers what people ask, in their language, from the organisation's guide."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Final, assert_never

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Asked, Person, Place, Pressed
from handlers.messages import Answer, Choice, Data, Greeting, NoHelp, NotServed, Unanswered
from handlers.people import Known, People
from handlers.ports import Clock, Reader
from handlers.questions import follow_up
from handlers.questions.anonymous import anonymous
from handlers.questions.matching import Kind, Match, Matcher
from handlers.questions.topics import Topic
from handlers.rollout import plan
from handlers.store import outbox
from handlers.store import questions as store
from handlers.store.audit import Audit
from handlers.store.database import Database

log = structlog.get_logger(__name__)

_WITH_DAY: Final = frozenset({Topic.ACTIVATION_DAY, Topic.SETUP, Topic.POSTPONE})
_READABLE: Final = tuple(sorted(follow_up.OFFERED))


@dataclass(frozen=True)
class Questions:
    """One question in, its answer out, and a row that remembers both; a repeated event changes nothing.

    ``reader`` is asked only where the phrasings leave it open; what they refuse is refused, and goes nowhere.
    """

    database: Database
    people: People
    matcher: Matcher
    clock: Clock
    audit: Audit
    reader: Reader | None = None
    by_eid: bool = False
    """Whether there is an eID by which people can prove who they are."""

    async def asked(self, event: Asked) -> None:
        """Answer a question where it was asked; one that was only overheard, if that helps and disturbs nobody."""
        if not event.addressed:
            await self._overheard(event)
            return
        known = await self.people.known(event.person, event.text)
        if known.profile.refusal is not None:
            await self._turn_away(event, known)
            return
        async with self.database.reading() as session:
            before = await store.last(session, event.person, event.place, self.clock.now())
        match = self.matcher.match(event.text, follow_up.spoken_of(before))
        match = await self._read(match, event.text, known)
        log.info("question", id=event.id, kind=match.kind, topic=match.topic, language=known.language)
        async with self.database.transaction() as session:
            question = await store.add(session, event, match, known.language, self.clock.now())
            if question is None:
                return
            for part, data in enumerate(await self._words(session, match, question, known, event.place)):
                await self._post(session, f"reply:{event.id}:{part}", _where(event), known, data)
            if match.kind is Kind.REFUSE:
                await self._record(session, known, question)

    async def topic(self, event: Pressed) -> None:
        """Answer with the topic that a button names, and remember what the asker has picked.

        Where others read along, a press by one of them is answered to themselves.
        """
        topic, question = follow_up.pressed(event.record)
        if topic is None:
            return
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            await self._turn_away(event, known)
            return
        async with self.database.transaction() as session:
            of = question
            if of is not None and not await store.choose(session, of, event.person, topic):
                of = None
            target = _where(event) if of == question else event.person
            data = await self._answer(session, topic, of, known, alone=isinstance(target, Person))
            await self._post(session, f"reply:{event.id}:0", target, known, data)

    async def unhelpful(self, event: Pressed) -> None:
        """Remember that an answer was no help, if its asker says so, and offer what came next and a person."""
        number = follow_up.number(event.record)
        if number is None:
            return
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            await self._turn_away(event, known)
            return
        async with self.database.transaction() as session:
            question = await store.get(session, number)
            mine = await store.not_helpful(session, number, event.person)
            told = question and (question.chosen or question.topic)
            await self._post(
                session,
                # By what was told, not by the press: a double click is one press.
                f"unhelpful:{number}:{told}:{event.person.user}",
                _where(event) if mine else event.person,
                known,
                NoHelp(follow_up.others(question) if question else (), number),
            )

    async def person(self, event: Pressed) -> None:
        """The way to a person."""
        await self.topic(replace(event, record=Topic.CONTACT_SUPPORT))

    async def _overheard(self, event: Asked) -> None:
        match = self.matcher.match(event.text)
        topic = follow_up.may_speak_up(match)
        if topic is None:
            return
        known = await self.people.known(event.person, event.text)
        if known.profile.refusal is not None:
            return
        async with self.database.transaction() as session:
            if not follow_up.is_news(topic, await store.answered_in(session, event.place)):
                return
            question = await store.add(session, event, match, known.language, self.clock.now())
            if question is None:
                return
            data = await self._answer(session, topic, question, known, alone=False)
            # The key holds the thread and not the message: of two who ask the same at once, one is answered.
            if not await self._post(session, _once(event.place, topic), event.place, known, data):
                await store.take_back(session, question)

    async def _read(self, match: Match, text: str, known: Known) -> Match:
        """The reader's pick, where there is a reader and the phrasings leave it open. It sees nothing of who asks."""
        if self.reader is None or match.kind not in (Kind.CHOOSE, Kind.HANDOVER):
            return match
        shown = anonymous(text, (known.profile.name, known.profile.email or ""))
        if not any(map(str.isalpha, shown)):
            return match
        picked = follow_up.named(await self.reader.pick(shown, _READABLE))
        if picked is None or picked not in follow_up.OFFERED:
            return match
        return Match(Kind.ANSWER, picked, tuple(it for it in match.alternatives if it is not picked))

    async def _words(
        self, session: AsyncSession, match: Match, question: int, known: Known, place: Place
    ) -> Sequence[Data]:
        match match.kind:
            case Kind.ANSWER:
                answers = [
                    await self._answer(session, topic, question, known, alone=place.private)
                    for topic in (match.topic, match.second)
                    if topic in follow_up.ANSWERED
                ]
                return answers or [Unanswered()]
            case Kind.CHOOSE:
                choices = follow_up.choices(match)
                return [Choice(choices, question) if choices else Unanswered()]
            case Kind.REFUSE:
                return [Answer(Topic.ABUSE, question=question)]
            case Kind.SMALLTALK:
                return [Greeting(thanks=match.thanks)]
            case Kind.HANDOVER:
                return [Unanswered()]
            case _ as never:
                assert_never(never)

    async def _answer(
        self, session: AsyncSession, topic: Topic, question: int | None, known: Known, *, alone: bool
    ) -> Answer:
        """The day is told to its owner alone: never where others read along."""
        day = await _activation_day(session, known.account) if alone and topic in _WITH_DAY else None
        return Answer(topic, day, question, by_eid=self.by_eid and alone)

    async def _record(self, session: AsyncSession, known: Known, question: int) -> None:
        """A refusal leaves a trace, with a pseudonym and without a word of what was said."""
        person = known.person
        await self.audit.append(
            session,
            at=self.clock.now(),
            actor=known.account or f"{person.platform}:{person.tenant}:{person.user}",
            action="question.refused",
            data={"question": question, "platform": person.platform},
        )

    async def _turn_away(self, event: Asked | Pressed, known: Known) -> None:
        """Bots and deactivated people get no reply at all: nobody would read it."""
        if known.profile.refusal in ("guest", "other-workspace"):
            async with self.database.transaction() as session:
                data = NotServed(known.profile.refusal)
                await self._post(session, f"reply:{event.id}:0", _where(event), known, data)

    async def _post(
        self, session: AsyncSession, key: str, target: Person | Place, known: Known, data: Data
    ) -> bool:
        now = self.clock.now()
        post = outbox.Post(key=key, target=target, data=data, language=known.language, due_at=now, priority=1)
        return await outbox.add(session, post, tenant=known.person.tenant)


async def _activation_day(session: AsyncSession, account: str | None) -> date | None:
    entry = await plan.entry(session, account) if account is not None else None
    return entry.activation_day if entry else None


def _where(event: Asked | Pressed) -> Place | Person:
    """A private question is answered in the private chat, whatever its conversation is called."""
    return event.person if event.place.private else event.place


def _once(place: Place, topic: Topic) -> str:
    thread = "\0".join((place.platform, place.conversation, place.thread or ""))
    return f"overheard:{sha256(thread.encode()).hexdigest()[:40]}:{topic}"
