"""Every question is kept with what became of it, and a press belongs to the question it answers."""

import asyncio
import json
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlmodel import col

from bot.sandbox.world import FJORDHEIM
from handlers.events import Asked
from handlers.messages import Answer, Choice, Data, Greeting, NoHelp, Unanswered
from handlers.questions.matching import Kind, Match
from handlers.questions.topics import Topic
from handlers.records import AuditRow
from tests.handlers.questions.asking import THREAD, Asking, Scripted
from tests.handlers.rig import EMIL, MINUTE, NORA, NOW, Rig, profile_of

LOST = Match(Kind.ANSWER, Topic.LOST_PHONE, (Topic.NEW_PHONE, Topic.OFF_TOPIC, Topic.ID_PORTEN_RESET))
BOTH = Match(Kind.ANSWER, Topic.SETUP, (Topic.PRIVACY, Topic.NEW_PHONE), second=Topic.PRIVACY)
WHICH = Match(
    Kind.CHOOSE, None, (Topic.LOST_PHONE, Topic.ABUSE, Topic.NEW_PHONE, Topic.SETUP, Topic.HOW_OFTEN)
)
REFUSED = Match(Kind.REFUSE, Topic.ABUSE, (Topic.REQUEST_PASS,))
THANKS = Match(Kind.SMALLTALK, Topic.OFF_TOPIC, thanks=True)


@pytest.fixture
def asking(rig: Rig) -> Asking:
    return Asking(rig, _matcher())


def _matcher() -> Scripted:
    return Scripted(
        lost=LOST,
        both=BOTH,
        which=WHICH,
        refused=REFUSED,
        thanks=THANKS,
        person=Match(Kind.ANSWER, Topic.CONTACT_SUPPORT),
        weather=Match(Kind.HANDOVER, None, (Topic.ABROAD_OFFLINE,)),
        nothing=Match(Kind.CHOOSE, None, (Topic.OFF_TOPIC,)),
    )


@pytest.mark.parametrize(
    ("text", "replies", "kind", "topic"),
    [
        ("lost", [Answer("lost-phone", question=1)], "answer", "lost-phone"),
        ("both", [Answer("setup", question=1), Answer("privacy", question=1)], "answer", "setup"),
        ("which", [Choice(("lost-phone", "new-phone", "setup"), 1)], "choose", None),
        ("refused", [Answer("abuse", question=1)], "refuse", "abuse"),
        ("thanks", [Greeting(thanks=True)], "smalltalk", "off-topic"),
        ("weather", [Unanswered()], "handover", None),
        ("nothing", [Unanswered()], "choose", None),
    ],
)
async def test_every_outcome_is_told_and_kept(
    asking: Asking, text: str, replies: list[Data], kind: str, topic: str | None
) -> None:
    assert sorted(map(repr, await asking.ask(text))) == sorted(map(repr, replies))
    [row] = await asking.rows()
    assert (row.kind, row.topic, row.text, row.asked_at) == (kind, topic, text, NOW)
    assert (row.platform, row.tenant, row.user) == (
        asking.person().platform,
        asking.person().tenant,
        asking.person().user,
    )
    assert (row.conversation, row.thread, row.private) == (asking.private().conversation, None, True)
    assert (row.chosen, row.helpful, row.marked) == (None, None, None)


async def test_the_row_of_two_questions_names_both(asking: Asking) -> None:
    await asking.ask("both")
    [row] = await asking.rows()
    assert (row.topic, row.second, row.alternatives) == ("setup", "privacy", "privacy,new-phone")


async def test_what_is_kept_is_cleaned(asking: Asking) -> None:
    await asking.ask("koden min er 4F7K-9QXM og nummeret 01019012345")
    [row] = await asking.rows()
    assert row.text == "koden min er … og nummeret …"


async def test_an_event_is_one_question_however_often_it_comes(each_rig: Rig) -> None:
    asking = Asking(each_rig, _matcher())
    event = Asked("same", asking.person(), asking.private(), "both")
    await asyncio.gather(*(asking.feature.asked(event) for _ in range(5)))
    assert len(await asking.seen()) == 2
    assert len(await asking.rows()) == 1


async def test_who_is_not_served_asks_nothing_that_is_kept(asking: Asking) -> None:
    asking.rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal="guest"))
    await asking.ask("lost")
    await asking.press("unhelpful", "1")
    assert await asking.rows() == []


async def test_a_refusal_leaves_a_trace_without_a_word_of_what_was_said(asking: Asking) -> None:
    asking.matcher.meant["give me the code of my boss"] = REFUSED
    await asking.ask("give me the code of my boss")
    async with asking.rig.database.transaction() as session:
        rows = list(await session.scalars(select(AuditRow).where(col(AuditRow.action) == "question.refused")))
        [row] = rows
        assert row.actor is not None
        assert await asking.rig.cases.audit.subject(session, row.actor) == asking.rig.id(NORA)
        assert json.loads(row.data) == {"platform": "slack", "question": 1}
        assert (await asking.rig.cases.audit.verify(session)).ok
    assert asking.person().user not in repr(row)


async def test_nothing_else_leaves_a_trace(asking: Asking) -> None:
    for text in ("lost", "both", "which", "thanks", "weather"):
        await asking.ask(text)
    async with asking.rig.database.transaction() as session:
        assert list(await session.scalars(select(AuditRow))) == []


async def test_a_choice_is_answered_and_remembered(asking: Asking) -> None:
    await asking.ask("which")
    seen = await asking.press("topic", "new-phone:1")
    assert seen[-1] == Answer("new-phone", question=1)
    [row] = await asking.rows()
    assert (row.kind, row.topic, row.chosen) == ("choose", None, "new-phone")


async def test_the_last_choice_holds(asking: Asking) -> None:
    await asking.ask("which")
    await asking.press("topic", "new-phone:1")
    await asking.press("topic", "setup:1")
    assert [row.chosen for row in await asking.rows()] == ["setup"]


@pytest.mark.parametrize(
    "record", ["off-topic:1", "off-topic", "nothing:1", ":1", "setup;1", "Setup:1", "setup\n:1"]
)
async def test_a_button_of_no_topic_changes_nothing(asking: Asking, record: str) -> None:
    await asking.ask("which")
    assert len(await asking.press("topic", record)) == 1
    assert [row.chosen for row in await asking.rows()] == [None]


@pytest.mark.parametrize(
    "record", ["setup:2", "setup:x", "setup:-1", "setup:99999999999999999999", "setup:¹"]
)
async def test_a_question_that_is_gone_is_answered_all_the_same(asking: Asking, record: str) -> None:
    seen = await asking.press("topic", record)
    assert seen == [Answer("setup")]


async def test_a_choice_is_the_askers_where_others_read_along(asking: Asking) -> None:
    await asking.ask("which", place=THREAD)
    await asking.press("topic", "setup:1", EMIL, place=THREAD)
    assert [row.chosen for row in await asking.rows()] == [None]
    assert asking.standing() == [Choice(("lost-phone", "new-phone", "setup"), 1)]
    assert await asking.seen(EMIL) == [Answer("setup")]

    await asking.press("topic", "setup:1", place=THREAD)
    assert [row.chosen for row in await asking.rows()] == ["setup"]
    assert asking.standing()[1:] == [Answer("setup", question=1)]


async def test_an_answer_that_was_no_help_leads_to_what_came_next(asking: Asking) -> None:
    await asking.ask("lost")
    seen = await asking.press("unhelpful", "1")
    assert seen[-1] == NoHelp(("new-phone", "id-porten-reset"), 1)
    [row] = await asking.rows()
    assert row.helpful is False

    seen = await asking.press("topic", "new-phone:1")
    assert seen[-1] == Answer("new-phone", question=1)
    seen = await asking.press("unhelpful", "1")
    assert seen[-1] == NoHelp(("id-porten-reset",), 1)
    assert [(row.chosen, row.helpful) for row in await asking.rows()] == [("new-phone", False)]


async def test_a_double_click_is_one_press(asking: Asking) -> None:
    await asking.ask("lost")
    await asking.press("unhelpful", "1")
    assert len(await asking.press("unhelpful", "1")) == 2


async def test_after_two_answers_neither_is_offered_again(asking: Asking) -> None:
    await asking.ask("both")
    assert (await asking.press("unhelpful", "1"))[-1] == NoHelp(("new-phone",), 1)


async def test_where_nothing_else_is_left_there_is_a_person(asking: Asking) -> None:
    await asking.ask("person")
    [told] = (await asking.press("unhelpful", "1"))[1:]
    assert told == NoHelp((), 1)
    assert [action.name for action in told.actions] == ["questions.person"]


async def test_only_the_asker_says_what_was_no_help(asking: Asking) -> None:
    await asking.ask("lost", place=THREAD)
    await asking.press("unhelpful", "1", EMIL, place=THREAD)
    assert [row.helpful for row in await asking.rows()] == [None]
    assert asking.standing() == [Answer("lost-phone", question=1)]
    assert await asking.seen(EMIL) == [NoHelp(("new-phone", "id-porten-reset"), 1)]

    await asking.press("unhelpful", "1", place=THREAD)
    assert [row.helpful for row in await asking.rows()] == [False]
    assert asking.standing()[1:] == [NoHelp(("new-phone", "id-porten-reset"), 1)]


@pytest.mark.parametrize("record", ["", "x", "-1", "1 ", "1:setup", "99999999999999999999"])
async def test_a_judgement_of_nothing_is_none(asking: Asking, record: str) -> None:
    await asking.ask("lost")
    assert len(await asking.press("unhelpful", record)) == 1
    assert [row.helpful for row in await asking.rows()] == [None]


async def test_a_judgement_on_a_question_that_is_gone_still_leads_to_a_person(asking: Asking) -> None:
    assert await asking.press("unhelpful", "7") == [NoHelp((), 7)]


def test_a_row_of_buttons_stays_short() -> None:
    for topic in Topic:
        names = [action.name for action in Answer(topic, question=1).actions]
        assert len(names) <= 3
        assert names[-1] == "questions.person"
        assert ("questions.unhelpful" in names) == (topic not in (Topic.ABUSE, Topic.CONTACT_SUPPORT))
    assert "questions.unhelpful" not in [action.name for action in Answer("lost-phone").actions]


async def test_a_follow_up_is_understood_from_what_was_said_before(asking: Asking) -> None:
    await asking.ask("lost")
    await asking.ask("thanks")
    await asking.ask("weather")
    await asking.ask("lost")
    assert asking.matcher.lasts == [None, Topic.LOST_PHONE, Topic.LOST_PHONE, None]


async def test_a_choice_is_what_one_speaks_of(asking: Asking) -> None:
    await asking.ask("which")
    await asking.ask("thanks")
    await asking.press("topic", "new-phone:1")
    await asking.ask("thanks")
    assert asking.matcher.lasts == [None, None, Topic.NEW_PHONE]


async def test_a_refusal_is_no_subject(asking: Asking) -> None:
    await asking.ask("lost")
    await asking.ask("refused")
    await asking.ask("thanks")
    assert asking.matcher.lasts == [None, Topic.LOST_PHONE, None]


async def test_after_half_an_hour_one_begins_anew(asking: Asking) -> None:
    await asking.ask("lost")
    asking.rig.clock.move(30 * MINUTE)
    await asking.ask("thanks")
    assert asking.matcher.lasts == [None, None]


async def test_each_thread_and_each_person_has_a_subject_of_its_own(asking: Asking) -> None:
    await asking.ask("lost")
    await asking.ask("both", place=THREAD)
    await asking.ask("thanks", EMIL, place=THREAD)
    await asking.ask("thanks", place=THREAD)
    await asking.ask("thanks")
    assert asking.matcher.lasts == [None, None, None, Topic.SETUP, Topic.LOST_PHONE]
