"""What is said goes to the other side: clean, in order, once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.world import FJORDHEIM
from handlers.events import Asked, Place
from handlers.messages import Data, Language, RelayFromPerson, RelayFromSupport, RelayNote, RelayOpened
from handlers.ports import OutcomeUnknown, TryLater
from handlers.store import relays
from tests.handlers.relay.given import KARI, Talk
from tests.handlers.rig import EMIL, NORA, SUPPORT, profile_of


async def test_words_go_both_ways(talk: Talk) -> None:
    relay = await talk.begun()
    assert await talk.take(talk.writes("Hei!\nDet virker ikke."))
    assert await talk.take(talk.answers("Hva ser du?"))
    assert await talk.take(talk.writes("Ingenting"))
    await talk.settled()
    assert talk.thread() == [
        RelayFromPerson(NORA, ("Hei!", "Det virker ikke.")),
        RelayFromPerson(NORA, ("Ingenting",)),
    ]
    assert talk.seen() == [
        RelayOpened(relay.id, "now", asked=False),
        RelayFromSupport(KARI, ("Hva ser du?",)),
    ]
    languages = {shown.reference.place.private: shown.language for shown in talk.rig.chat.everything}
    assert languages == {False: Language.NB, True: FJORDHEIM.named(NORA).language}


async def test_without_a_conversation_nothing_is_taken(talk: Talk) -> None:
    assert not await talk.take(talk.writes("Hei"))
    await talk.begun()
    assert not await talk.take(talk.writes("Hei", name=EMIL))
    mention = replace(talk.writes("Hei"), place=Place("slack", "C0GENERAL", "1.2"))
    assert not await talk.take(mention)
    assert not await talk.take(replace(talk.answers("hva er et pass"), addressed=True))


async def test_other_threads_of_support_are_for_nobody(talk: Talk) -> None:
    await talk.begun()
    place = Place("slack", SUPPORT.conversation, "9999.1")
    overheard = replace(talk.answers("lunsj?"), place=place)
    assert await talk.take(overheard)
    await talk.settled()
    assert len(talk.seen()) == 1
    assert talk.thread() == []


async def test_each_thread_belongs_to_its_person(talk: Talk) -> None:
    nora, emil = await talk.begun(NORA), await talk.begun(EMIL)
    await talk.take(talk.answers("til Nora", relay=nora))
    await talk.take(talk.answers("til Emil", relay=emil))
    await talk.settled()
    assert talk.seen(NORA)[1:] == [RelayFromSupport(KARI, ("til Nora",))]
    assert talk.seen(EMIL)[1:] == [RelayFromSupport(KARI, ("til Emil",))]


async def test_codes_and_numbers_do_not_cross_and_the_writer_is_told_once(talk: Talk) -> None:
    await talk.begun()
    await talk.take(talk.writes("fnr 010190 12345", cut=False))
    await talk.take(talk.writes("koden er …", cut=True))
    await talk.take(talk.answers("prøv x4TpQ9rZ"))
    await talk.take(talk.answers("prøv 4F7K-9QXM"))
    await talk.settled()
    assert talk.thread() == [
        RelayFromPerson(NORA, ("fnr …",)),
        RelayFromPerson(NORA, ("koden er …",)),
        RelayNote("cut", KARI),
    ]
    assert talk.seen()[1:] == [
        RelayNote("cut"),
        RelayFromSupport(KARI, ("prøv …",)),
        RelayFromSupport(KARI, ("prøv …",)),
    ]


async def test_a_picture_without_words_goes_no_further_and_is_said(talk: Talk) -> None:
    await talk.begun()
    await talk.take(talk.writes(""))
    await talk.take(talk.answers(" "))
    await talk.settled()
    assert talk.seen()[1:] == [RelayNote("only-text")]
    assert talk.thread() == [RelayNote("only-text", KARI)]


async def test_what_is_too_long_goes_in_part(talk: Talk) -> None:
    await talk.begun()
    await talk.take(talk.writes("ord " * 900))
    await talk.settled()
    [said] = talk.thread()
    assert isinstance(said, RelayFromPerson)
    assert talk.seen()[1:] == [RelayNote("long")]


@pytest.mark.parametrize("refusal", ["guest", "other-workspace"])
async def test_only_our_own_answer_for_support(talk: Talk, refusal: str) -> None:
    await talk.begun()
    talk.rig.chat.put(replace(profile_of(FJORDHEIM.named(KARI)), refusal=refusal))
    await talk.take(talk.answers("Hei"))
    await talk.settled()
    assert len(talk.seen()) == 1
    assert talk.thread() == [RelayNote("not-served", KARI)]


async def test_bots_are_not_passed_on(talk: Talk) -> None:
    await talk.begun()
    talk.rig.chat.put(replace(profile_of(FJORDHEIM.named(KARI)), refusal="bot"))
    await talk.take(talk.answers("Hei"))
    await talk.settled()
    assert talk.thread() == []


async def test_whoever_is_not_served_any_more_is_not_passed_on(talk: Talk) -> None:
    await talk.begun()
    talk.rig.chat.put(replace(profile_of(FJORDHEIM.named(NORA)), refusal="guest"))
    assert not await talk.take(talk.writes("Hei"))


async def test_a_redelivery_says_nothing_twice(each_talk: Talk) -> None:
    await each_talk.begun()
    said, answered = each_talk.writes("Hei 010190 12345"), each_talk.answers("Hei")
    for _ in range(3):
        assert await each_talk.take(said)
        assert await each_talk.take(answered)
        await each_talk.settled()
    assert len(each_talk.thread()) == 1
    assert len(each_talk.seen()) == 3


async def test_what_was_said_before_the_card_stands_waits_for_it(talk: Talk) -> None:
    await talk.take(talk.press("questions.person"))
    assert await talk.take(talk.writes("Hei"))
    assert talk.rig.chat.everything == ()
    await talk.settled()
    assert talk.thread() == [RelayFromPerson(NORA, ("Hei",))]


async def test_many_at_once_arrive_in_the_order_they_came_in(each_talk: Talk) -> None:
    await each_talk.begun()
    events: list[Asked] = [each_talk.writes(f"nummer {number}") for number in range(8)]
    for event in events:
        await each_talk.arrive(event)
    # Workers take the events at once and end in any order, here backwards in pairs.
    for first, second in zip(events[0::2], events[1::2], strict=True):
        await asyncio.gather(each_talk.handled(second), each_talk.handled(first))
    await each_talk.settled()
    assert each_talk.thread() == [RelayFromPerson(NORA, (f"nummer {number}",)) for number in range(8)]


async def test_what_came_in_later_waits_for_what_is_still_being_worked_on(each_talk: Talk) -> None:
    await each_talk.begun()
    first, second = each_talk.writes("først"), each_talk.writes("så")
    for event in (first, second):
        await each_talk.arrive(event)
    await each_talk.handled(second)
    await each_talk.settled()
    assert each_talk.thread() == []
    await each_talk.handled(first)
    await each_talk.settled()
    assert each_talk.thread() == [RelayFromPerson(NORA, ("først",)), RelayFromPerson(NORA, ("så",))]


async def test_support_s_answers_keep_their_order_too(each_talk: Talk) -> None:
    await each_talk.begun()
    first, second = each_talk.answers("først"), each_talk.answers("så", name=EMIL)
    for event in (first, second):
        await each_talk.arrive(event)
    await each_talk.handled(second)
    await each_talk.settled()
    assert len(each_talk.seen()) == 1
    await each_talk.handled(first)
    await each_talk.settled()
    assert each_talk.seen()[1:] == [RelayFromSupport(KARI, ("først",)), RelayFromSupport(EMIL, ("så",))]


async def test_one_conversation_does_not_hold_up_another(talk: Talk) -> None:
    nora = await talk.begun(NORA)
    await talk.begun(EMIL)
    stuck, other = talk.writes("henger", name=EMIL), talk.writes("hei")
    for event in (stuck, other):
        await talk.arrive(event)
    await talk.handled(other)
    await talk.settled()
    said = [
        shown.data for shown in talk.rig.chat.standing(SUPPORT) if shown.reference.place.thread == nora.thread
    ]
    assert said == [RelayFromPerson(NORA, ("hei",))]


async def test_a_pause_of_the_platform_keeps_the_order(talk: Talk) -> None:
    await talk.begun()
    talk.rig.chat.fail("send", TryLater(30))
    for word in ("en", "to", "tre"):
        await talk.take(talk.writes(word))
    await talk.settled()
    assert talk.thread() == []
    talk.rig.clock.move(timedelta(seconds=31))
    await talk.settled()
    assert talk.thread() == [RelayFromPerson(NORA, (word,)) for word in ("en", "to", "tre")]


async def test_an_answer_to_a_card_whose_place_is_not_known_yet_comes_again(talk: Talk) -> None:
    talk.rig.chat.fail("send", OutcomeUnknown())
    await talk.take(talk.press("questions.person"))
    await talk.rig.delivery.step()
    [card] = talk.rig.chat.standing(SUPPORT)
    answer = talk.answers("Hei")
    assert answer.place.thread == card.reference.message
    with pytest.raises(TryLater):
        await talk.take(answer)


async def test_an_answer_right_after_the_card_finds_its_conversation(talk: Talk) -> None:
    await talk.take(talk.press("questions.person"))
    await talk.rig.delivery.step()
    assert await talk.take(talk.answers("Hei"))
    await talk.settled()
    told: list[Data] = list(talk.seen())
    assert told[-1] == RelayFromSupport(KARI, ("Hei",))


async def test_what_has_arrived_is_not_kept(talk: Talk) -> None:
    await talk.begun()
    said = talk.writes("noe privat")
    await talk.take(said)
    async with talk.rig.database.transaction() as session:
        line = await relays.line(session, said.id)
        assert line is not None
        assert relays.said(line) == RelayFromPerson(NORA, ("noe privat",))
    await talk.settled()
    async with talk.rig.database.transaction() as session:
        line = await relays.line(session, said.id)
        assert line is not None
        assert (line.state, line.data) == ("done", None)
