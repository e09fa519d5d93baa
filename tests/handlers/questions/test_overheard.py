"""Where the bot only listens, it speaks up when it is sure, once, and is silent otherwise."""

import asyncio
from dataclasses import replace

import pytest

from bot.sandbox.world import FJORDHEIM
from handlers.events import Asked, Place
from handlers.messages import Answer
from handlers.questions.matching import Kind, Match
from handlers.questions.topics import Topic
from tests.handlers.questions.asking import THREAD, Asking, Canned, Scripted
from tests.handlers.rig import EMIL, JONAS, NORA, Rig, profile_of


def _matcher() -> Scripted:
    return Scripted(
        lost=Match(Kind.ANSWER, Topic.LOST_PHONE),
        new=Match(Kind.ANSWER, Topic.NEW_PHONE),
        setup=Match(Kind.ANSWER, Topic.SETUP),
        privacy=Match(Kind.ANSWER, Topic.PRIVACY),
        both=Match(Kind.ANSWER, Topic.SETUP, (Topic.PRIVACY,), second=Topic.PRIVACY),
        which=Match(Kind.CHOOSE, None, (Topic.LOST_PHONE, Topic.NEW_PHONE)),
        refused=Match(Kind.REFUSE, Topic.ABUSE),
        thanks=Match(Kind.SMALLTALK, Topic.OFF_TOPIC, thanks=True),
        person=Match(Kind.ANSWER, Topic.CONTACT_SUPPORT),
        canteen=Match(Kind.ANSWER, Topic.OFF_TOPIC),
        weather=Match(Kind.HANDOVER),
    )


@pytest.fixture
def asking(rig: Rig) -> Asking:
    return Asking(rig, _matcher())


async def test_a_sure_answer_stands_in_the_thread_of_the_question(asking: Asking) -> None:
    assert await asking.ask("lost", place=THREAD, addressed=False) == []
    assert asking.standing() == [Answer("lost-phone", question=1)]
    [row] = await asking.rows()
    assert (row.topic, row.thread, row.private) == ("lost-phone", THREAD.thread, False)


@pytest.mark.parametrize(
    "text", ["both", "which", "refused", "thanks", "person", "canteen", "weather", "never heard of"]
)
async def test_otherwise_nothing_is_said_and_nothing_is_kept(asking: Asking, text: str) -> None:
    reader = Canned("setup")
    asking.reader = reader
    assert await asking.ask(text, place=THREAD, addressed=False) == []
    assert asking.rig.chat.everything == ()
    assert await asking.rows() == []
    assert reader.shown == []


@pytest.mark.parametrize("refusal", ["guest", "other-workspace", "bot", "deactivated"])
async def test_who_is_not_served_is_not_told_so_unasked(asking: Asking, refusal: str) -> None:
    asking.rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal=refusal))
    await asking.ask("lost", place=THREAD, addressed=False)
    assert asking.rig.chat.everything == ()
    assert await asking.rows() == []


async def test_it_is_not_understood_from_what_was_said_before(asking: Asking) -> None:
    await asking.ask("lost", place=THREAD, addressed=False)
    await asking.ask("new", place=THREAD, addressed=False)
    assert asking.matcher.lasts == [None, None]


async def test_nobody_hears_the_same_twice_in_a_thread(asking: Asking) -> None:
    await asking.ask("lost", place=THREAD, addressed=False)
    await asking.ask("lost", EMIL, place=THREAD, addressed=False)
    assert len(asking.standing()) == 1
    assert len(await asking.rows()) == 1
    other = replace(THREAD, thread="3.4")
    await asking.ask("lost", EMIL, place=other, addressed=False)
    assert asking.standing(other) == [Answer("lost-phone", question=2)]


async def test_what_was_asked_for_counts_as_told(asking: Asking) -> None:
    await asking.ask("both", place=THREAD)
    await asking.ask("privacy", EMIL, place=THREAD, addressed=False)
    assert len(asking.standing()) == 2


async def test_what_was_chosen_counts_as_told(asking: Asking) -> None:
    await asking.ask("which", place=THREAD)
    await asking.press("topic", "lost-phone:1", place=THREAD)
    await asking.ask("lost", EMIL, place=THREAD, addressed=False)
    assert len(asking.standing()) == 2


async def test_a_busy_thread_is_left_alone(asking: Asking) -> None:
    for text, name in (("lost", NORA), ("new", EMIL), ("setup", NORA), ("privacy", JONAS)):
        await asking.ask(text, name, place=THREAD, addressed=False)
    assert asking.standing() == [Answer("lost-phone", question=1), Answer("new-phone", question=2)]
    await asking.ask("setup", place=THREAD)
    assert len(asking.standing()) == 3


async def test_of_two_who_ask_the_same_at_once_one_is_answered(each_rig: Rig) -> None:
    asking = Asking(each_rig, _matcher())
    people = [asking.person(name) for name in (NORA, EMIL, JONAS)]
    for person in people:
        await each_rig.people.known(person)
    await asyncio.gather(
        *(
            asking.feature.asked(Asked(f"o{number}", person, THREAD, "lost", addressed=False))
            for number, person in enumerate(people)
        )
    )
    await each_rig.delivered()
    assert len(asking.standing()) == 1
    assert len(await asking.rows()) == 1


async def test_the_day_is_not_told_where_others_read(asking: Asking) -> None:
    asking.matcher.meant["when"] = Match(Kind.ANSWER, Topic.ACTIVATION_DAY)
    await asking.ask("when", place=Place("slack", "C0SUPPORT", "5.6"), addressed=False)
    assert [shown.data for shown in asking.rig.chat.everything] == [Answer("activation-day", question=1)]
