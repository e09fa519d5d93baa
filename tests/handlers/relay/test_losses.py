"""What does not arrive is told to whoever wrote it: nothing is swallowed."""

from dataclasses import replace

import pytest

from bot.sandbox.world import FJORDHEIM
from handlers.messages import RelayEnded, RelayFromPerson, RelayFromSupport, RelayLost, RelayOpened
from handlers.ports import ChatError, OutcomeUnknown, Rejected, Unreachable
from tests.handlers.relay.given import KARI, Talk
from tests.handlers.rig import MINUTE, NORA, SUPPORT, profile_of


async def test_a_person_who_has_left_is_told_to_support(each_talk: Talk) -> None:
    await each_talk.begun()
    each_talk.rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal="deactivated"))
    await each_talk.take(each_talk.answers("Er du der?"))
    for _ in range(2):
        await each_talk.settled()
    assert each_talk.thread() == [RelayLost("support", NORA, "Er du der?")]


async def test_a_person_who_hears_nothing_of_it_is_told_to_support(talk: Talk) -> None:
    await talk.take(talk.press("questions.person"))
    talk.rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal="deactivated"))
    await talk.settled()
    assert talk.thread() == [RelayLost("support", NORA, "")]


@pytest.mark.parametrize("error", [Unreachable("is_archived"), Rejected("restricted_action")])
async def test_a_channel_that_takes_no_more_is_told_to_the_person(talk: Talk, error: ChatError) -> None:
    await talk.begun()
    talk.rig.chat.fail("send", error)
    await talk.take(talk.writes("Hei, " + "ord " * 100))
    await talk.settled()
    [_, lost] = talk.seen()
    assert isinstance(lost, RelayLost)
    assert (lost.side, lost.sure) == ("person", True)
    assert lost.text.startswith("Hei, ord")
    assert len(lost.text) < 200
    await talk.take(talk.writes("en gang til"))
    await talk.settled()
    assert talk.thread() == [RelayFromPerson(NORA, ("en gang til",))]


async def test_one_that_is_lost_does_not_hold_up_the_next(talk: Talk) -> None:
    await talk.begun()
    talk.rig.chat.fail("private", Unreachable("user_disabled"))
    for word in ("en", "to", "tre"):
        await talk.take(talk.answers(word))
    await talk.settled()
    assert talk.seen()[1:] == [RelayFromSupport(KARI, ("to",)), RelayFromSupport(KARI, ("tre",))]
    assert talk.thread() == [RelayLost("support", NORA, "en")]


async def test_what_nobody_knows_about_is_told_as_that(talk: Talk) -> None:
    await talk.begun()
    talk.rig.chat.fail("send", OutcomeUnknown(), OutcomeUnknown())
    await talk.take(talk.answers("Hei"))
    await talk.settled()
    assert talk.thread() == []
    talk.rig.clock.move(2 * MINUTE)
    await talk.settled()
    assert talk.thread() == [RelayLost("support", NORA, "Hei", sure=False)]


async def test_without_a_card_there_is_no_conversation_and_the_person_is_told(each_talk: Talk) -> None:
    each_talk.rig.chat.fail("send", Unreachable("channel_not_found"))
    await each_talk.take(each_talk.press("questions.person"))
    await each_talk.take(each_talk.writes("Er noen der?"))
    for _ in range(2):
        await each_talk.settled()
    assert each_talk.seen() == [RelayEnded("person", "trouble")]
    assert each_talk.rig.chat.standing(SUPPORT) == []
    assert not await each_talk.take(each_talk.writes("Hei"))
    await each_talk.begun()
    assert isinstance(each_talk.seen()[-1], RelayOpened)


async def test_a_card_that_fails_after_the_silence_is_told_all_the_same(talk: Talk) -> None:
    await talk.take(talk.press("questions.person"))
    talk.rig.clock.move(8 * 24 * 60 * MINUTE)
    await talk.relays.tick()
    talk.rig.chat.fail("send", Unreachable("channel_not_found"))
    await talk.settled()
    assert talk.seen()[-1:] == [RelayEnded("person", "trouble")]


async def test_words_about_a_loss_that_are_lost_are_told_to_nobody(talk: Talk) -> None:
    await talk.begun()
    talk.rig.chat.fail("send", Unreachable("is_archived"), Unreachable("is_archived"))
    talk.rig.chat.fail("private", Unreachable("user_disabled"))
    await talk.take(talk.writes("Hei"))
    await talk.settled()
    assert len(talk.rig.chat.everything) == 2
