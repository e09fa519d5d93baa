"""Questions are kept once, changed by whoever may, and forgotten in time."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Final

import pytest

from handlers.events import Asked, Person, Place
from handlers.messages import Language
from handlers.questions.matching import Kind, Match
from handlers.questions.topics import Topic
from handlers.store import questions as store
from handlers.store.database import Database
from tests.handlers.store.given import MINUTE, NOW

NORA: Final = Person("slack", "T1", "U1")
EMIL: Final = Person("slack", "T1", "U2")
PRIVATE: Final = Place("slack", "D1", private=True)
THREAD: Final = Place("slack", "C1", "1.2")
_NUMBERS: Final = count(1)
ANSWER: Final = Match(Kind.ANSWER, Topic.SETUP, (Topic.SCAN_QR, Topic.PRIVACY))


async def _kept(
    database: Database,
    match: Match = ANSWER,
    *,
    person: Person = NORA,
    place: Place = PRIVATE,
    at: datetime = NOW,
    text: str = "hei",
) -> int:
    async with database.transaction() as session:
        event = Asked(f"e{next(_NUMBERS)}", person, place, text)
        kept = await store.add(session, event, match, Language.NN, at)
    assert kept is not None
    return kept


async def test_an_event_is_kept_once(database: Database) -> None:
    event = Asked("e1", NORA, THREAD, "x" * 5000)
    async with database.transaction() as session:
        first = await store.add(session, event, ANSWER, Language.NN, NOW)
        assert first is not None
        assert await store.add(session, event, replace(ANSWER, topic=None), Language.EN, NOW) is None
        found = await store.get(session, first)
    assert found is not None
    assert (found.kind, found.topic, found.alternatives) == ("answer", "setup", "scan-qr,privacy")
    assert (found.language, found.asked_at, len(found.text)) == ("nn", NOW, 3000)
    assert (found.conversation, found.thread, found.private) == ("C1", "1.2", False)


async def test_every_topic_finds_room(database: Database) -> None:
    longest = tuple(sorted(Topic, key=len))[-8:]
    kept = await _kept(database, Match(Kind.ANSWER, longest[-1], longest, second=longest[-2]))
    async with database.transaction() as session:
        found = await store.get(session, kept)
    assert found is not None
    assert found.alternatives.split(",") == [str(topic) for topic in longest[:5]]


async def test_what_was_taken_back_never_was(database: Database) -> None:
    kept = await _kept(database)
    async with database.transaction() as session:
        await store.take_back(session, kept)
        assert await store.get(session, kept) is None


async def test_the_last_question_is_of_this_place_and_person(database: Database) -> None:
    await _kept(database, at=NOW - MINUTE, text="first")
    last = await _kept(database, text="second")
    await _kept(database, Match(Kind.SMALLTALK), text="thanks")
    await _kept(database, person=EMIL, text="other")
    in_thread = await _kept(database, place=THREAD, at=NOW - 2 * MINUTE)
    command = Place("slack", "user:U1", private=True)
    async with database.transaction() as session:
        for place, wanted in ((PRIVATE, last), (command, last), (THREAD, in_thread)):
            found = await store.last(session, NORA, place, NOW)
            assert found is not None
            assert found.id == wanted
        assert await store.last(session, NORA, replace(THREAD, thread="3.4"), NOW) is None
        assert await store.last(session, NORA, replace(THREAD, thread=None), NOW) is None
        assert await store.last(session, NORA, replace(PRIVATE, platform="teams"), NOW) is None
        assert await store.last(session, NORA, PRIVATE, NOW + store.FOLLOW_UP) is None
        assert await store.last(session, NORA, PRIVATE, NOW + store.FOLLOW_UP - MINUTE / 60) is not None


async def test_recent_questions_come_newest_first_from_everywhere(database: Database) -> None:
    await _kept(database, at=NOW - store.RECENT, text="long ago")
    older = await _kept(database, place=THREAD, at=NOW - timedelta(days=2))
    newer = await _kept(database, Match(Kind.HANDOVER), at=NOW - MINUTE)
    await _kept(database, person=EMIL)
    async with database.transaction() as session:
        found = await store.recent(session, NORA, NOW, 5)
        assert [question.id for question in found] == [newer, older]
        assert [question.kind for question in found] == ["handover", "answer"]
        assert [question.id for question in await store.recent(session, NORA, NOW, 1)] == [newer]


async def test_a_thread_tells_what_was_answered_in_it(database: Database) -> None:
    first = await _kept(database, place=THREAD, at=NOW - MINUTE)
    chosen = await _kept(database, Match(Kind.CHOOSE), person=EMIL, place=THREAD)
    await _kept(database, Match(Kind.CHOOSE), place=THREAD, text="not chosen")
    await _kept(database, Match(Kind.HANDOVER), place=THREAD)
    await _kept(database, place=replace(THREAD, thread="3.4"))
    async with database.transaction() as session:
        assert await store.choose(session, chosen, EMIL, "privacy")
        assert [question.id for question in await store.answered_in(session, THREAD)] == [chosen, first]


async def test_only_the_asker_chooses_and_judges(database: Database) -> None:
    kept = await _kept(database)
    async with database.transaction() as session:
        for other in (EMIL, replace(NORA, tenant="T2"), replace(NORA, platform="teams")):
            assert not await store.choose(session, kept, other, "privacy")
            assert not await store.not_helpful(session, kept, other)
        found = await store.get(session, kept)
        assert found is not None
        assert (found.chosen, found.helpful) == (None, None)
        assert await store.choose(session, kept, NORA, "privacy")
        assert await store.not_helpful(session, kept, NORA)
        found = await store.get(session, kept)
        assert found is not None
        assert (found.chosen, found.helpful) == ("privacy", False)


async def test_support_marks_and_the_last_word_holds(database: Database) -> None:
    kept = await _kept(database)
    async with database.transaction() as session:
        assert await store.mark(session, kept, "privacy")
        assert await store.mark(session, kept, "how-often")
        assert not await store.mark(session, kept + 1, "how-often")
        found = await store.get(session, kept)
        assert found is not None
        assert found.marked == "how-often"


async def test_what_is_to_be_learnt_from(database: Database) -> None:
    week = (NOW - timedelta(days=7), NOW)
    await _kept(database, at=NOW - MINUTE, text="answered")
    await _kept(database, Match(Kind.SMALLTALK), at=NOW - MINUTE)
    await _kept(database, Match(Kind.REFUSE, Topic.ABUSE), at=NOW - MINUTE)
    unanswered = await _kept(database, Match(Kind.HANDOVER), at=NOW - 3 * MINUTE)
    which = await _kept(database, Match(Kind.CHOOSE), at=NOW - 2 * MINUTE)
    unhelpful = await _kept(database, at=week[0], text="unhelpful")
    await _kept(database, Match(Kind.HANDOVER), at=NOW, text="just now")
    await _kept(database, Match(Kind.HANDOVER), at=week[0] - MINUTE, text="too old")
    async with database.transaction() as session:
        await store.not_helpful(session, unhelpful, NORA)
    async with database.reading() as session:
        found = [question.id async for question in store.to_learn_from(session, *week)]
        assert found == [which, unanswered, unhelpful]
        assert await store.count(session, *week) == 5


@pytest.mark.parametrize("days", [1, 90])
async def test_old_questions_are_forgotten(database: Database, days: int) -> None:
    keep = timedelta(days=days)
    await _kept(database, at=NOW - keep - MINUTE)
    kept = await _kept(database, at=NOW - keep)
    async with database.transaction() as session:
        assert await store.purge(session, NOW, keep) == 1
        assert await store.purge(session, NOW, keep) == 0
        assert await store.get(session, kept) is not None
