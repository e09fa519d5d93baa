"""A conversation ends by a button on either side, or by silence; then words go to the bot again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.sandbox.world import FJORDHEIM
from handlers.events import Place
from handlers.messages import RelayEnded, RelayFromPerson, RelayNote, RelayOpened
from handlers.ports import Profile
from handlers.relay.feature import SILENCE
from handlers.store import relays
from tests.handlers.relay.given import KARI, SECOND, Talk
from tests.handlers.rig import EMIL, NORA, SUPPORT, profile_of

_DAY = timedelta(days=1)


async def test_the_person_ends_it(talk: Talk) -> None:
    relay = await talk.begun()
    await talk.take(talk.writes("takk"))
    press = talk.press("relay.end", relay.id)
    for _ in range(2):
        assert await talk.take(press)
        await talk.settled()
    assert talk.thread() == [RelayFromPerson(NORA, ("takk",)), RelayEnded("support", "person", NORA)]
    over = RelayOpened(relay.id, "now", over=True)
    assert talk.seen()[:2] == [over, RelayEnded("person", "person", NORA)]
    assert (talk.card().ended_by, talk.card().ended_name) == ("person", NORA)
    assert talk.card().ended_at == talk.rig.clock.now()
    assert talk.card().actions == over.actions == ()
    assert not await talk.take(talk.writes("Hvordan setter jeg opp tofaktor?"))


async def test_support_ends_it(talk: Talk) -> None:
    relay = await talk.begun()
    press = talk.press("relay.end", relay.id, name=KARI, place=SUPPORT)
    for _ in range(2):
        assert await talk.take(press)
        await talk.settled()
    assert talk.thread() == [RelayEnded("support", "support", KARI)]
    assert talk.seen()[1:] == [RelayEnded("person", "support", KARI)]
    assert (talk.card().ended_by, talk.card().ended_name) == ("support", KARI)
    assert not await talk.take(talk.writes("Hei"))


async def test_the_end_comes_after_all_that_was_said(talk: Talk) -> None:
    relay = await talk.begun()
    for word in ("en", "to", "tre"):
        await talk.take(talk.writes(word))
    await talk.take(talk.press("relay.end", relay.id, name=KARI, place=SUPPORT))
    await talk.settled()
    said = [RelayFromPerson(NORA, (word,)) for word in ("en", "to", "tre")]
    assert talk.thread() == [*said, RelayEnded("support", "support", KARI)]


async def test_nobody_else_ends_it(talk: Talk) -> None:
    relay = await talk.begun()
    for press in (
        talk.press("relay.end", relay.id, name=EMIL),
        talk.press("relay.end", relay.id, name=EMIL, place=Place("slack", "C0GENERAL")),
        talk.press("relay.end", relay.id, place=Place("slack", "C0GENERAL")),
        talk.press("relay.end", "0123456789abcdef"),
        talk.press("relay.end", ""),
    ):
        assert await talk.take(press)
    guest = talk.press("relay.end", relay.id, name=KARI, place=SUPPORT)
    talk.rig.chat.put(_guest(KARI))
    assert await talk.take(guest)
    await talk.settled()
    assert talk.card().ended_by is None
    assert await talk.take(talk.writes("Hei"))


async def test_who_writes_in_a_thread_that_is_over_is_told(talk: Talk) -> None:
    relay = await talk.begun()
    await talk.take(talk.press("relay.end", relay.id))
    await talk.settled()
    late = talk.answers("er du der?", relay=relay)
    for _ in range(2):
        assert await talk.take(late)
        await talk.settled()
    assert talk.thread()[1:] == [RelayNote("over", KARI)]
    assert len(talk.seen()) == 2


async def test_a_late_press_of_the_person_says_that_it_is_over(talk: Talk) -> None:
    relay = await talk.begun()
    await talk.take(talk.press("relay.end", relay.id, name=KARI, place=SUPPORT))
    await talk.take(talk.press("relay.end", relay.id))
    await talk.settled()
    assert talk.seen()[1:] == [RelayEnded("person", "support", KARI), RelayNote("over")]


async def test_silence_ends_it_and_both_sides_are_told(each_talk: Talk) -> None:
    await each_talk.begun()
    each_talk.rig.clock.move(SILENCE - SECOND)
    await each_talk.settled()
    assert each_talk.thread() == []
    each_talk.rig.clock.move(2 * SECOND)
    for _ in range(2):
        await each_talk.settled()
    assert each_talk.thread() == [RelayEnded("support", "silence")]
    assert each_talk.seen()[1:] == [RelayEnded("person", "silence")]
    assert [action.name for action in RelayEnded("person", "silence").actions] == ["questions.person"]
    assert each_talk.card().ended_by == "silence"


async def test_a_word_of_either_side_keeps_it_open(talk: Talk) -> None:
    await talk.begun()
    for _ in range(3):
        talk.rig.clock.move(4 * _DAY)
        await talk.take(talk.writes("hei"))
        talk.rig.clock.move(4 * _DAY)
        await talk.take(talk.answers("hei"))
        await talk.settled()
    assert talk.card().ended_by is None


async def test_a_word_at_the_last_moment_keeps_it_open(each_talk: Talk) -> None:
    rig, relay = each_talk.rig, await each_talk.begun()
    rig.clock.move(SILENCE + SECOND)
    now = rig.clock.now()
    async with rig.database.transaction() as session:
        assert await relays.silent(session, now - SILENCE) == [relay.id]
    await each_talk.take(each_talk.writes("hei"))
    async with rig.database.transaction() as session:
        assert await relays.end(session, relay.id, now, "silence", silent_since=now - SILENCE) is None
    await each_talk.settled()
    assert each_talk.card().ended_by is None


async def test_what_was_taken_before_the_end_is_taken_when_it_comes_again(talk: Talk) -> None:
    relay = await talk.begun()
    said, answered = talk.writes("hei"), talk.answers("hei")
    for event in (said, answered):
        await talk.take(event)
    await talk.take(talk.press("relay.end", relay.id))
    for event in (said, answered):
        assert await talk.take(event)
        await talk.settled()
    assert talk.thread() == [RelayFromPerson(NORA, ("hei",)), RelayEnded("support", "person", NORA)]
    assert len(talk.seen()) == 3


async def test_after_the_end_another_can_begin(talk: Talk) -> None:
    first = await talk.begun()
    await talk.take(talk.press("relay.end", first.id))
    second = await talk.begun()
    await talk.take(talk.writes("hei"))
    await talk.settled()
    assert first.id != second.id
    assert talk.thread() == [RelayFromPerson(NORA, ("hei",))]


@pytest.mark.parametrize("ended", [True, False])
async def test_it_is_forgotten_after_a_time(each_talk: Talk, ended: bool) -> None:
    keep, rig = timedelta(days=90), each_talk.rig
    relay = await each_talk.begun()
    await each_talk.take(each_talk.writes("hei"))
    await each_talk.settled()
    if ended:
        await each_talk.take(each_talk.press("relay.end", relay.id))
        await each_talk.settled()

    async def purge() -> int:
        async with rig.database.transaction() as session:
            return await relays.purge(session, rig.clock.now(), keep)

    rig.clock.move(keep)
    assert await purge() == 0
    rig.clock.move(SECOND)
    assert await purge() == 1
    async with rig.database.transaction() as session:
        assert await relays.get(session, relay.id) is None
        assert await relays.unfinished(session) == []


async def test_one_that_goes_on_is_not_forgotten(talk: Talk) -> None:
    await talk.begun()
    talk.rig.clock.move(timedelta(days=100))
    await talk.take(talk.writes("hei"))
    async with talk.rig.database.transaction() as session:
        assert await relays.purge(session, talk.rig.clock.now(), timedelta(days=90)) == 0


def _guest(name: str) -> Profile:
    return replace(profile_of(FJORDHEIM.named(name)), refusal="guest")
