"""One question in, one reply out, where it was asked; the activation day for its owner's eyes alone."""

from dataclasses import replace
from datetime import date

import pytest
from structlog.testing import capture_logs

from bot.sandbox.world import FJORDHEIM
from handlers.events import Asked, Place, Pressed
from handlers.messages import Answer, Choice, Data, Greeting, Language, NotServed, Unanswered
from handlers.questions.feature import Questions
from handlers.questions.matching import Phrasing
from handlers.questions.topics import Topic
from handlers.records import PlanEntry
from tests.handlers.rig import NORA, NOW, SUPPORT, Rig, profile_of
from tests.matchers import matcher

DAY = date(2027, 1, 18)
PHRASINGS = (
    Phrasing(Topic.SETUP, "hvordan setter jeg opp tofaktor"),
    Phrasing(Topic.SETUP, "how do I set up two-factor"),
    Phrasing(Topic.ACTIVATION_DAY, "når blir kontoen min aktivert"),
    Phrasing(Topic.LOST_PHONE, "jeg har mistet mobilen"),
    Phrasing(Topic.NEW_PHONE, "jeg har byttet mobilen"),
    Phrasing(Topic.ABUSE, "gi meg koden til sjefen min"),
    Phrasing(Topic.OFF_TOPIC, "hva serverer kantina i dag"),
)


def _questions(rig: Rig) -> Questions:
    return Questions(rig.database, rig.people, matcher(PHRASINGS), rig.clock, rig.cases.audit)


def _private(rig: Rig, name: str = NORA) -> Place:
    return Place("slack", f"private:{rig.person(name).user}", private=True)


async def _ask(rig: Rig, text: str, id: str = "q1") -> list[Data]:
    """Ask in private; what came back."""
    await _questions(rig).asked(Asked(id, rig.person(NORA), _private(rig), text))
    await rig.delivered()
    return list(rig.chat.seen_by(rig.person(NORA)))


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Hvordan setter jeg opp tofaktor?", Answer("setup", question=1)),
        ("hva serverer kantina i dag", Unanswered()),
        ("gi meg koden til sjefen min", Answer("abuse", question=1)),
        ("qwxz", Unanswered()),
        ("", Unanswered()),
        ("hei", Greeting()),
        ("tusen takk!", Greeting(thanks=True)),
    ],
)
async def test_replies(rig: Rig, text: str, reply: Data) -> None:
    assert await _ask(rig, text) == [reply]


async def test_when_in_doubt_there_is_a_choice(rig: Rig) -> None:
    [reply] = await _ask(rig, "den gamle mobilen")
    assert isinstance(reply, Choice)
    assert set(reply.topics) >= {"lost-phone", "new-phone"}
    assert len(reply.topics) <= 3


async def test_a_repeated_event_gets_one_reply(rig: Rig) -> None:
    await _ask(rig, "hei")
    assert await _ask(rig, "hei") == [Greeting()]
    assert await _ask(rig, "hei", id="q2") == [Greeting(), Greeting()]


@pytest.mark.parametrize(
    ("text", "language"),
    [("How do I set it up?", Language.EN), ("Hvordan setter jeg opp tofaktor", Language.NB)],
)
async def test_a_reply_comes_in_the_askers_language(rig: Rig, text: str, language: Language) -> None:
    await _ask(rig, text)
    assert [shown.language for shown in rig.chat.everything] == [language]


async def _planned(rig: Rig, name: str = NORA) -> None:
    async with rig.database.transaction() as session:
        session.add(
            PlanEntry(
                account=rig.id(name),
                upn=FJORDHEIM.named(name).upn,
                activation_day=DAY,
                changed_at=NOW,
            )
        )


async def test_the_owner_is_told_the_day(rig: Rig) -> None:
    await _planned(rig)
    assert await _ask(rig, "når blir kontoen min aktivert") == [Answer("activation-day", DAY, 1)]


async def test_the_day_is_not_told_where_others_read(rig: Rig) -> None:
    await _planned(rig)
    place = replace(SUPPORT, thread="1.2")
    await _questions(rig).asked(Asked("q1", rig.person(NORA), place, "når blir kontoen min aktivert"))
    await rig.delivered()
    [shown] = rig.chat.standing(SUPPORT)
    assert (shown.data, shown.reference.place) == (Answer("activation-day", question=1), place)


async def test_the_day_of_a_flagged_link_is_not_told(rig: Rig) -> None:
    await _planned(rig)
    await rig.people.known(rig.person(NORA))
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), email="other@fjordheim.example"))
    assert await _ask(rig, "når blir kontoen min aktivert") == [Answer("activation-day", question=1)]


async def test_who_is_not_in_the_plan_has_no_day(rig: Rig) -> None:
    assert await _ask(rig, "når blir kontoen min aktivert") == [Answer("activation-day", question=1)]


async def test_answers_go_on_without_graph(rig: Rig) -> None:
    rig.entra.faults.down = True
    assert await _ask(rig, "hvordan setter jeg opp tofaktor") == [Answer("setup", question=1)]


@pytest.mark.parametrize("refusal", ["guest", "other-workspace"])
async def test_who_is_not_served_is_told_so(rig: Rig, refusal: str) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal=refusal))
    await _questions(rig).asked(Asked("q1", rig.person(NORA), SUPPORT, "hvordan setter jeg opp tofaktor"))
    await _questions(rig).topic(_pressed(rig, "setup"))
    await rig.delivered()
    assert [shown.data for shown in rig.chat.standing(SUPPORT)] == [NotServed(refusal), NotServed(refusal)]


@pytest.mark.parametrize("refusal", ["bot", "deactivated"])
async def test_nobody_writes_to_a_bot(rig: Rig, refusal: str) -> None:
    rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal=refusal))
    await _questions(rig).asked(Asked("q1", rig.person(NORA), SUPPORT, "hei"))
    await rig.delivered()
    assert rig.chat.everything == ()


def _pressed(rig: Rig, record: str) -> Pressed:
    return Pressed("p1", rig.person(NORA), SUPPORT, "questions.topic", record)


async def test_a_button_answers_its_topic(rig: Rig) -> None:
    await _questions(rig).topic(_pressed(rig, "lost-phone"))
    await rig.delivered()
    assert [shown.data for shown in rig.chat.standing(SUPPORT)] == [Answer("lost-phone")]


@pytest.mark.parametrize("record", ["", "nothing", "../en/labels", "lost-phone "])
async def test_a_button_of_no_topic_answers_nothing(rig: Rig, record: str) -> None:
    await _questions(rig).topic(_pressed(rig, record))
    await rig.delivered()
    assert rig.chat.everything == ()


async def test_the_way_to_a_person(rig: Rig) -> None:
    await _questions(rig).person(_pressed(rig, "whatever"))
    await rig.delivered()
    assert [shown.data for shown in rig.chat.standing(SUPPORT)] == [Answer("contact-support")]


async def test_the_log_holds_no_question(rig: Rig) -> None:
    with capture_logs() as logged:
        await _ask(rig, "jeg heter Nora og har mistet mobilen")
    assert any(entry["event"] == "question" for entry in logged)
    assert "heter" not in repr(logged)
