"""Once a week support gets the questions that had no simple answer, by topic, without who asked."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.events import Asked, Person, Place
from handlers.messages import Language, OpenGroup, OpenQuestions
from handlers.questions.learning import Tally, Weekly, about, due, open_questions, samples
from handlers.questions.matching import Kind, Match
from handlers.questions.topics import Topic
from handlers.records import Question
from handlers.rollout.when import Calendar, Hours
from handlers.store import questions as store
from handlers.store.database import Database
from tests.handlers.rig import NORA, SUPPORT, Rig

OSLO: Final = ZoneInfo("Europe/Oslo")
CALENDAR: Final = Calendar.norwegian(OSLO, Hours(time(8), time(16)), (date(2026, 12, 24),))
MONDAY: Final = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""Eight o'clock in Oslo."""
DAY: Final = timedelta(days=1)
SOMEBODY: Final = Person("slack", "T1", "U1")


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (MONDAY - timedelta(seconds=1), None),
        (MONDAY, MONDAY),
        (MONDAY + timedelta(hours=7, minutes=59), MONDAY),
        (MONDAY + timedelta(hours=8), None),
        (MONDAY + 2 * DAY, MONDAY),
        (MONDAY + 5 * DAY, None),
        (MONDAY - DAY, None),
        # Easter Monday: the week begins on Tuesday, in summer time.
        (datetime(2027, 3, 29, 8, tzinfo=UTC), None),
        (datetime(2027, 3, 30, 8, tzinfo=UTC), datetime(2027, 3, 30, 6, tzinfo=UTC)),
        # The first of January is a Friday: its week began in the old year.
        (datetime(2026, 12, 31, 9, tzinfo=UTC), datetime(2026, 12, 28, 7, tzinfo=UTC)),
    ],
)
def test_the_list_is_due_on_the_first_working_morning(now: datetime, opens: datetime | None) -> None:
    assert due(now, CALENDAR) == opens


@given(st.timedeltas(timedelta(0), timedelta(days=800)))
def test_a_week_has_one_morning_and_it_is_past(later: timedelta) -> None:
    now = MONDAY + later
    opens = due(now, CALENDAR)
    if opens is None:
        return
    local = opens.astimezone(OSLO)
    assert opens <= now
    assert (local.hour, local.minute) == (8, 0)
    assert not CALENDAR.is_quiet(local.date())
    assert local.isocalendar()[:2] == now.astimezone(OSLO).isocalendar()[:2]
    monday = local.date() - timedelta(days=local.weekday())
    assert all(CALENDAR.is_quiet(monday + n * DAY) for n in range(local.weekday()))


def _question(**fields: object) -> Question:
    question = Question(
        event="e",
        platform="slack",
        tenant="T1",
        user="U1",
        conversation="D1",
        asked_at=MONDAY,
        language="nb",
        text="hva med nettbrettet mitt",
        kind=Kind.HANDOVER,
    )
    for name, value in fields.items():
        setattr(question, name, value)
    return question


@pytest.mark.parametrize(
    ("fields", "topic"),
    [
        ({}, None),
        ({"alternatives": "no-smartphone,setup"}, "no-smartphone"),
        ({"alternatives": "off-topic,abuse,setup"}, "setup"),
        ({"topic": "lost-phone", "alternatives": "setup"}, "lost-phone"),
        ({"topic": "lost-phone", "chosen": "new-phone"}, "new-phone"),
        ({"topic": "lost-phone", "chosen": "new-phone", "marked": "privacy"}, "privacy"),
        ({"topic": "off-topic"}, None),
        ({"topic": "from another version"}, None),
    ],
)
def test_what_a_question_was_about(fields: dict[str, object], topic: str | None) -> None:
    assert about(_question(**fields)) == topic


def test_questions_are_counted_once_by_topic_the_largest_first() -> None:
    tally = Tally()
    for fields in (
        {"topic": "setup", "kind": Kind.ANSWER, "helpful": False},
        {"topic": "setup", "kind": Kind.CHOOSE, "chosen": "setup", "helpful": False},
        {"kind": Kind.CHOOSE, "alternatives": "setup,privacy"},
        {"alternatives": "setup"},
        {"alternatives": "privacy"},
        {},
        {"marked": "off-topic"},
        {"marked": "abuse", "alternatives": "setup"},
    ):
        tally.count(_question(**fields))
    found = [(it.topic, it.unanswered, it.chosen, it.unhelpful) for it in tally.by_size()]
    assert found == [("setup", 1, 1, 2), ("privacy", 1, 0, 0), (None, 1, 0, 0)]


def test_samples_are_few_short_different_and_nobodys() -> None:
    texts = (
        ("Hei, Kari her: hva med nettbrettet?", ()),
        ("hva med nettbrettet, hilsen emil", ("emil.aasen@fjordheim.example",)),
        ("HVA med nettbrettet, hilsen emil", ("emil.aasen@fjordheim.example",)),
        ("Kari Nordmann", ()),
        ("12345678 ok", ()),
        ("ord " * 100, ()),
        ("enda en annen", ()),
    )
    found = samples(texts)
    assert found[:2] == ("Hei, … her: hva med nettbrettet?", "hva med nettbrettet, hilsen …")
    assert len(found) == 3
    assert found[2].endswith("ord…")
    assert len(found[2]) <= 121


async def _keep(rig: Rig, kept: Sequence[tuple[str, Match, datetime]], name: str = NORA) -> list[int]:
    ids = []
    async with rig.database.transaction() as session:
        for number, (text, match, at) in enumerate(kept):
            event = Asked(f"{at}{number}", rig.person(name), Place("slack", "D1", private=True), text)
            question = await store.add(session, event, match, Language.NB, at)
            assert question is not None
            ids.append(question)
    return ids


def _weekly(rig: Rig) -> Weekly:
    return Weekly(rig.database, CALENDAR, rig.cards.channels)


async def _sent(rig: Rig) -> list[OpenQuestions]:
    await rig.delivered()
    return [it.data for it in rig.chat.standing(SUPPORT) if isinstance(it.data, OpenQuestions)]


UNKNOWN = Match(Kind.HANDOVER, None, (Topic.NO_SMARTPHONE,))


async def test_the_list_of_the_week_reaches_support_once(each_rig: Rig) -> None:
    rig = each_rig
    await rig.people.known(rig.person(NORA))
    await _keep(
        rig,
        [
            ("Hva med nettbrettet, spør nora lindqvist? Ring 45 67 89 01", UNKNOWN, MONDAY - DAY),
            ("answered at once", Match(Kind.ANSWER, Topic.SETUP), MONDAY - DAY),
            ("the week before", UNKNOWN, MONDAY - 7 * DAY - timedelta(minutes=1)),
            ("this week", UNKNOWN, MONDAY),
        ],
    )
    rig.clock.at = MONDAY + timedelta(minutes=1)
    replicas = [_weekly(rig), _weekly(rig)]
    await asyncio.gather(*(replica.tick(MONDAY - timedelta(minutes=1)) for replica in replicas))
    assert await _sent(rig) == []
    for later in (timedelta(minutes=1), timedelta(hours=1), DAY):
        await asyncio.gather(*(replica.tick(MONDAY + later) for replica in replicas))
    await _weekly(rig).tick(MONDAY + 2 * DAY)
    rig.clock.at = MONDAY + 3 * DAY
    assert await _sent(rig) == [
        OpenQuestions(
            since=date(2026, 11, 16),
            until=date(2026, 11, 23),
            questions=2,
            groups=(OpenGroup("no-smartphone", 1, 0, 0, ("Hva med nettbrettet, spør …? …",)),),
        )
    ]
    [shown] = [it for it in rig.chat.standing(SUPPORT) if isinstance(it.data, OpenQuestions)]
    assert shown.language is Language.NB


async def test_the_next_week_has_a_list_of_its_own(rig: Rig) -> None:
    await _keep(rig, [("hva med nettbrettet", UNKNOWN, MONDAY - DAY)])
    await _keep(rig, [("hva med klokka mi", UNKNOWN, MONDAY + DAY)])
    weekly = _weekly(rig)
    for week in (0, 1):
        rig.clock.at = MONDAY + week * 7 * DAY
        await weekly.tick(rig.clock.at)
    assert [it.groups[0].samples for it in await _sent(rig)] == [
        ("hva med nettbrettet",),
        ("hva med klokka mi",),
    ]


async def test_nothing_is_said_of_a_week_without_such_questions(rig: Rig) -> None:
    await _keep(rig, [("fine", Match(Kind.ANSWER, Topic.SETUP), MONDAY - DAY)])
    await _weekly(rig).tick(MONDAY)
    assert rig.chat.everything == ()
    assert await _sent(rig) == []


async def test_of_many_groups_the_largest_are_shown_and_the_rest_counted(rig: Rig) -> None:
    topics = sorted(set(Topic) - {Topic.OFF_TOPIC, Topic.ABUSE})[:14]
    kept = [("x", Match(Kind.HANDOVER, None, (topic,)), MONDAY - DAY) for topic in topics]
    await _keep(rig, [*kept, ("y", Match(Kind.HANDOVER, None, (topics[-1],)), MONDAY - DAY)])
    await _weekly(rig).tick(MONDAY)
    rig.clock.at = MONDAY
    [found] = await _sent(rig)
    assert len(found.groups) == 10
    assert (found.groups[0].topic, found.groups[0].unanswered) == (topics[-1], 2)
    assert (found.more, found.questions) == (4, 15)


async def test_many_questions_are_counted_and_not_listed(database: Database) -> None:
    async with database.transaction() as session:
        for number in range(600):
            event = Asked(f"e{number}", SOMEBODY, Place("slack", "D1", private=True), f"ord nummer {number}")
            await store.add(session, event, UNKNOWN, Language.NB, MONDAY - DAY)
    async with database.reading() as session:
        found = await open_questions(session, MONDAY - 7 * DAY, MONDAY, OSLO)
    assert [(it.topic, it.unanswered) for it in found.groups] == [("no-smartphone", 600)]
    assert found.groups[0].samples == ("ord nummer …",)
