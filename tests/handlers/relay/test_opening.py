"""Opening a conversation: the card for support, the word to the person, once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.sandbox.world import FJORDHEIM
from handlers.events import Place
from handlers.messages import AskedLately, Language, RelayCard, RelayOpened
from handlers.questions.matching import Kind
from handlers.questions.topics import Topic
from handlers.records import PlanEntry
from handlers.states import CaseState
from handlers.store import people
from tests.handlers.relay.given import Talk
from tests.handlers.rig import EMIL, NORA, NOW, SUPPORT, profile_of

DAY = date(2027, 1, 18)
_EVENING = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)


async def test_support_sees_who_it_is_and_what_was_asked(talk: Talk) -> None:
    rig = talk.rig
    await rig.people.known(rig.person(EMIL))
    async with rig.database.transaction() as session:
        session.add(PlanEntry(account=rig.id(EMIL), upn="emil@x.example", activation_day=DAY, changed_at=NOW))
    case = await rig.opened(EMIL)
    await talk.asked("hei", Topic.OFF_TOPIC, kind=Kind.SMALLTALK, name=EMIL)
    last = await talk.asked("hva er det til lunsj", None, kind=Kind.HANDOVER, name=EMIL)
    await talk.asked("mobilen er borte", Topic.LOST_PHONE, name=EMIL, ago=timedelta(minutes=5))
    await talk.asked("hva sa Nora", Topic.SETUP, name=NORA)
    relay = await talk.begun(EMIL)
    assert relay.question == last
    assert talk.card() == RelayCard(
        relay=relay.id,
        name=EMIL,
        account=FJORDHEIM.named(EMIL).upn,
        activation_day=DAY,
        methods=("authenticator",),
        case=case.id,
        case_state=CaseState.OPEN,
        questions=(
            AskedLately("hva er det til lunsj", "handover"),
            AskedLately("mobilen er borte", "answer", "lost-phone"),
        ),
        can_mark=True,
    )
    assert talk.root().language is Language.NB
    assert [action.name for action in talk.card().actions] == ["relay.topic", "relay.end"]


async def test_the_person_is_told_in_their_language(talk: Talk) -> None:
    relay = await talk.begun()
    assert talk.seen() == [RelayOpened(relay.id, "now", asked=False)]
    [shown] = [each for each in talk.rig.chat.everything if each.reference.place.private]
    assert shown.language == FJORDHEIM.named(NORA).language
    assert [action.name for action in RelayOpened(relay.id, "now").actions] == ["relay.end"]


async def test_a_question_in_english_is_answered_in_english(talk: Talk) -> None:
    await talk.asked("I lost it", Topic.LOST_PHONE)
    assert (await talk.begun()).language == "en"


async def test_a_chosen_language_beats_that_of_the_question(talk: Talk) -> None:
    await talk.asked("I lost it", Topic.LOST_PHONE)
    async with talk.rig.database.transaction() as session:
        await people.choose_language(session, talk.rig.person(NORA), Language.NN)
    assert (await talk.begun()).language == "nn"


async def test_what_nobody_can_tell_is_unknown(talk: Talk) -> None:
    await talk.rig.people.known(talk.rig.person(NORA))
    talk.rig.entra.faults.down = True
    await talk.begun()
    card = talk.card()
    assert card.methods is None
    assert card.account == FJORDHEIM.named(NORA).mail
    assert card.activation_day is None
    assert not card.can_mark
    assert [action.name for action in card.actions] == ["relay.end"]


async def test_a_flagged_link_shows_no_account(talk: Talk) -> None:
    await talk.rig.people.known(talk.rig.person(NORA))
    talk.rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), email="other@fjordheim.example"))
    await talk.begun()
    assert (talk.card().account, talk.card().methods) == (None, None)


async def test_outside_working_hours_the_person_is_told_when(talk: Talk) -> None:
    talk.rig.clock.at = _EVENING
    relay = await talk.begun()
    tomorrow = datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    assert talk.seen() == [RelayOpened(relay.id, "tomorrow", tomorrow, asked=False)]


async def test_pressed_in_a_channel_it_opens_in_private_and_says_nothing_there(talk: Talk) -> None:
    general = Place("slack", "C0GENERAL", "1.2")
    assert await talk.take(talk.press("questions.person", place=general))
    await talk.settled()
    places = [shown.reference.place for shown in talk.rig.chat.everything]
    assert [place.conversation for place in places] == [SUPPORT.conversation, talk.private().conversation]


async def test_one_press_opens_one_however_often_it_comes(each_talk: Talk) -> None:
    press = each_talk.press("questions.person")
    for _ in range(3):
        assert await each_talk.take(press)
        await each_talk.settled()
    assert len(each_talk.rig.chat.standing(SUPPORT)) == 1
    assert len(each_talk.seen()) == 1


async def test_a_double_click_is_one_press(talk: Talk) -> None:
    await talk.begun()
    talk.rig.clock.move(timedelta(seconds=1))
    assert await talk.take(talk.press("questions.person"))
    await talk.settled()
    assert len(talk.seen()) == 1


async def test_a_second_press_says_that_it_is_open(talk: Talk) -> None:
    relay = await talk.begun()
    talk.rig.clock.move(timedelta(minutes=5))
    again = talk.press("questions.person")
    for _ in range(2):
        assert await talk.take(again)
        await talk.settled()
    assert talk.seen()[1:] == [RelayOpened(relay.id, "now", again=True)]
    assert len(talk.rig.chat.standing(SUPPORT)) == 1


@pytest.mark.parametrize("refusal", ["guest", "other-workspace", "bot", "deactivated"])
async def test_who_is_not_served_is_left_to_the_questions(talk: Talk, refusal: str) -> None:
    talk.rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal=refusal))
    assert not await talk.take(talk.press("questions.person"))
    await talk.settled()
    assert talk.rig.chat.everything == ()


async def test_everybody_has_one_of_their_own(talk: Talk) -> None:
    first, second = await talk.begun(NORA), await talk.begun(EMIL)
    assert first.id != second.id
    assert first.thread != second.thread
