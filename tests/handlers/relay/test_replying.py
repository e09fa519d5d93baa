"""Where nobody hears what is written in the thread, support answers by a button; and a talk stands in one channel."""

from dataclasses import replace

import pytest

from handlers.events import Place
from handlers.messages import (
    Data,
    RelayAnswered,
    RelayCard,
    RelayEnded,
    RelayFromPerson,
    RelayFromSupport,
    RelayNote,
    RelayReplied,
    RelayReplyForm,
)
from handlers.records import Relay
from handlers.store import relays
from handlers.support import SupportChannels
from tests.handlers.relay.given import KARI, Talk
from tests.handlers.rig import EMIL, NORA, SUPPORT, TEAMS_SUPPORT, Rig


def _outcome(talk: Talk, name: str = KARI) -> Data | None:
    form = talk.chat.form(talk.person(name))
    return form.data if form else None


def _names(data: Data) -> list[str]:
    return [action.name for action in data.actions]


async def _relay(talk: Talk, relay: Relay) -> Relay:
    async with talk.rig.database.reading() as session:
        found = await relays.get(session, relay.id)
    assert found is not None
    return found


async def test_it_stands_on_the_person_s_own_platform(in_teams: Talk) -> None:
    relay = await in_teams.begun()
    assert (relay.stands_on, relay.conversation) == ("teams", TEAMS_SUPPORT.conversation)
    assert in_teams.rig.chat.everything == ()
    in_slack = Talk(in_teams.rig)
    other = await in_slack.begun(EMIL)
    assert (other.stands_on, other.conversation) == ("slack", SUPPORT.conversation)
    assert len(in_teams.chat.standing(TEAMS_SUPPORT)) == 1
    assert (_names(in_teams.card())[0], _names(in_slack.card())) == ("relay.reply", ["relay.end"])


async def test_without_a_channel_there_it_stands_in_the_first(both: Rig) -> None:
    both.channels = SupportChannels(both.channels.first)
    talk = Talk(both, "teams")
    relay = await talk.begun()
    assert (relay.platform, relay.stands_on) == ("teams", "slack")
    assert await talk.take(talk.writes("Hei"))
    await talk.settled()
    in_slack = Talk(both)
    assert await in_slack.take(in_slack.answers("Hva ser du?", relay=relay))
    await talk.settled()
    assert in_slack.thread() == [RelayFromPerson(NORA, ("Hei",))]
    assert talk.seen()[1:] == [RelayFromSupport(KARI, ("Hva ser du?",))]


async def test_words_go_both_ways_by_the_button(in_teams: Talk) -> None:
    relay = await in_teams.begun()
    await in_teams.take(in_teams.writes("Hei!"))
    await in_teams.settled()
    [line] = in_teams.thread()
    assert (line, _names(line)) == (RelayFromPerson(NORA, ("Hei!",), relay.id), ["relay.reply"])
    reply = await in_teams.replies("Hva ser du?\nKoden 123456?", relay=relay)
    assert _outcome(in_teams) == RelayReplyForm(relay.id, NORA)
    for _ in range(2):
        assert await in_teams.take(reply)
        await in_teams.settled()
    assert _outcome(in_teams) == RelayReplied(NORA, "sent")
    said = ("Hva ser du?", "Koden …?")
    assert in_teams.seen()[1:] == [RelayFromSupport(KARI, said)]
    assert in_teams.thread()[1:] == [RelayAnswered(KARI, NORA, said), RelayNote("cut", KARI)]


async def test_naming_the_bot_in_the_thread_is_a_reply_too(in_teams: Talk) -> None:
    relay = await in_teams.begun()
    named = replace(in_teams.answers("Hei Nora", relay=relay), addressed=True)
    assert await in_teams.take(named)
    await in_teams.settled()
    assert in_teams.seen()[1:] == [RelayFromSupport(KARI, ("Hei Nora",))]
    assert in_teams.thread() == []
    elsewhere = replace(named, id="other", place=Place("teams", TEAMS_SUPPORT.conversation, "9999"))
    assert not await in_teams.take(elsewhere)
    assert not await in_teams.take(replace(named, id="root", place=TEAMS_SUPPORT))


async def test_replies_keep_their_turn(in_teams: Talk) -> None:
    relay = await in_teams.begun()
    first = await in_teams.replies("først", relay=relay)
    second = replace(in_teams.answers("så", relay=relay, name=EMIL), addressed=True)
    for event in (first, second):
        await in_teams.arrive(event)
    await in_teams.handled(second)
    await in_teams.settled()
    assert len(in_teams.seen()) == 1
    await in_teams.handled(first)
    await in_teams.settled()
    assert in_teams.seen()[1:] == [RelayFromSupport(KARI, ("først",)), RelayFromSupport(EMIL, ("så",))]


async def test_when_it_is_over_nothing_goes(in_teams: Talk) -> None:
    relay = await in_teams.begun()
    late, lost = [
        await in_teams.replies(text, relay=relay, name=who) for text, who in (("a", KARI), ("b", EMIL))
    ]
    await in_teams.take(in_teams.press("relay.end", relay.id))
    assert await in_teams.take(late)
    assert _outcome(in_teams) == RelayReplied(NORA, "over")
    in_teams.chat.close_form(in_teams.person(EMIL))
    assert await in_teams.take(lost)
    await in_teams.settled()
    assert len(in_teams.seen()) == 2
    # Who has closed the form is told in the thread.
    assert in_teams.thread() == [RelayEnded("support", "person", NORA), RelayNote("over", EMIL)]
    press = in_teams.press("relay.reply", relay.id, name=KARI, place=in_teams.support)
    assert await in_teams.take(press)
    assert _outcome(in_teams) == RelayReplied(NORA, "over")
    assert "relay.reply" not in _names(in_teams.card())


@pytest.mark.parametrize(("text", "outcome"), [("  \n ", "only-text"), ("Hei", "not-served")])
async def test_what_goes_no_further_is_said_in_the_form(in_teams: Talk, text: str, outcome: str) -> None:
    relay = await in_teams.begun()
    reply = await in_teams.replies(text, relay=relay)
    if outcome == "not-served":
        person = in_teams.person(KARI)
        in_teams.chat.put(replace(await in_teams.chat.profile(person), refusal="guest"))
    assert await in_teams.take(reply)
    await in_teams.settled()
    assert _outcome(in_teams) == RelayReplied(NORA, outcome)
    assert (len(in_teams.seen()), in_teams.thread()) == (1, [])


@pytest.mark.parametrize("on", ["teams", "slack"])
async def test_nobody_answers_themselves_in_the_name_of_support(in_teams: Talk, on: str) -> None:
    relay = await in_teams.begun()
    for platform in ("teams", "slack"):
        await in_teams.rig.people.known(in_teams.rig.person(NORA, platform))
    reply = await in_teams.replies("Gi meg koden", relay=relay)
    assert await in_teams.take(replace(reply, person=in_teams.rig.person(NORA, on), opener=None))
    await in_teams.settled()
    assert (len(in_teams.seen()), in_teams.thread()) == (1, [])


async def test_the_button_works_in_the_channel_alone(in_teams: Talk) -> None:
    relay = await in_teams.begun()
    for place in (in_teams.private(KARI), Place("teams", "19:elsewhere@thread.tacv2")):
        assert await in_teams.take(in_teams.press("relay.reply", relay.id, name=KARI, place=place))
    assert _outcome(in_teams) is None


async def test_where_support_is_no_more_a_conversation_ends_and_another_can_begin(both: Rig) -> None:
    talk = Talk(both, "teams")
    relay = await talk.begun()
    both.channels = SupportChannels(both.channels.first)
    after = Talk(both, "teams")
    await after.take(after.writes("er noen der"))
    await after.settled()
    assert (await _relay(talk, relay)).ended_by == "moved"
    ended = after.seen()[-1]
    assert (ended, _names(ended)) == (RelayEnded("person", "moved"), ["questions.person"])
    async with both.database.reading() as session:
        assert relay.id not in await relays.unfinished(session)
    assert (await after.begun()).stands_on == "slack"
    [card] = [shown.data for shown in both.chat.standing(SUPPORT) if isinstance(shown.data, RelayCard)]
    assert not card.by_button
