"""Support says what a question was about."""

from dataclasses import replace

from bot.sandbox.world import FJORDHEIM
from handlers.events import Place, Submitted
from handlers.messages import Data, Language, NotAllowed, RelayTopicForm, RelayTopicSet
from handlers.questions.topics import Topic
from handlers.records import Relay
from handlers.relay.marking import FORM
from handlers.store import questions
from tests.handlers.relay.given import KARI, Talk
from tests.handlers.rig import SUPPORT, profile_of


async def _form(talk: Talk, name: str = KARI) -> tuple[Data, str] | None:
    shown = talk.rig.chat.form(talk.rig.person(name))
    if shown is None:
        return None
    assert shown.language is Language.NB
    return shown.data, shown.opener


async def _asks(
    talk: Talk, relay: Relay, *, name: str = KARI, place: Place = SUPPORT
) -> tuple[Data, str] | None:
    assert await talk.take(talk.press("relay.topic", relay.id, name=name, place=place))
    return await _form(talk, name)


def _sent(talk: Talk, relay: Relay, topic: str, opener: str, name: str = KARI) -> Submitted:
    return Submitted(f"form-{topic}", talk.rig.person(name), FORM, relay.id, opener, {"topic": topic})


async def _marked(talk: Talk, question: int) -> str | None:
    async with talk.rig.database.transaction() as session:
        found = await questions.get(session, question)
    return found.marked if found else None


async def test_the_topic_is_kept_and_shown_on_the_card(talk: Talk) -> None:
    question = await talk.asked("den lille låsen", Topic.SETUP)
    relay = await talk.begun()
    shown = await _asks(talk, relay)
    assert shown is not None
    assert shown[0] == RelayTopicForm(relay.id, "den lille låsen")
    for topic in ("new-phone", "off-topic"):
        sent = _sent(talk, relay, topic, shown[1])
        for _ in range(2):
            assert await talk.take(sent)
            await talk.settled()
        assert await _form(talk) == (RelayTopicSet(topic), shown[1])
        assert await _marked(talk, question) == topic
        assert talk.card().marked == topic


async def test_it_can_be_said_after_the_end_too(talk: Talk) -> None:
    question = await talk.asked("den lille låsen", Topic.SETUP)
    relay = await talk.begun()
    await talk.take(talk.press("relay.end", relay.id))
    await talk.settled()
    assert [action.name for action in talk.card().actions] == ["relay.topic"]
    shown = await _asks(talk, relay)
    assert shown is not None
    await talk.take(_sent(talk, relay, "setup", shown[1]))
    await talk.settled()
    assert await _marked(talk, question) == "setup"
    assert (talk.card().marked, talk.card().ended_by) == ("setup", "person")


async def test_nobody_outside_the_channel_gets_the_form(talk: Talk) -> None:
    await talk.asked("den lille låsen", Topic.SETUP)
    relay = await talk.begun()
    assert await _asks(talk, relay, place=Place("slack", "C0GENERAL")) is None
    talk.rig.chat.put(replace(profile_of(FJORDHEIM.named(KARI)), refusal="guest"))
    assert await _asks(talk, relay) is None


async def test_what_is_no_topic_or_from_a_guest_is_not_kept(talk: Talk) -> None:
    question = await talk.asked("den lille låsen", Topic.SETUP)
    relay = await talk.begun()
    shown = await _asks(talk, relay)
    assert shown is not None
    await talk.take(_sent(talk, relay, "everything", shown[1]))
    talk.rig.chat.put(replace(profile_of(FJORDHEIM.named(KARI)), refusal="guest"))
    await talk.take(_sent(talk, relay, "setup", shown[1]))
    assert await _marked(talk, question) is None


async def test_without_a_question_there_is_nothing_to_say(talk: Talk) -> None:
    relay = await talk.begun()
    assert not talk.card().can_mark
    assert await _asks(talk, relay) is None


async def test_a_question_that_is_gone_is_said_to_be(talk: Talk) -> None:
    await talk.asked("den lille låsen", Topic.SETUP)
    relay = await talk.begun()
    shown = await _asks(talk, relay)
    assert shown is not None
    async with talk.rig.database.transaction() as session:
        await questions.purge(session, talk.rig.clock.now(), -talk.rig.clock.now().resolution)
    await talk.take(_sent(talk, relay, "setup", shown[1]))
    await talk.settled()
    assert await _form(talk) == (RelayTopicSet(None), shown[1])
    assert talk.card().marked is None


async def test_a_press_that_is_too_old_is_told(talk: Talk) -> None:
    await talk.asked("den lille låsen", Topic.SETUP)
    relay = await talk.begun()
    press = talk.press("relay.topic", relay.id, name=KARI, place=SUPPORT)
    assert press.opener is not None
    talk.rig.chat.expire(press.opener)
    assert await talk.take(press)
    assert talk.seen(KARI) == [NotAllowed("expired-press")]


async def test_a_form_that_was_closed_meanwhile_holds_nothing_up(talk: Talk) -> None:
    question = await talk.asked("den lille låsen", Topic.SETUP)
    relay = await talk.begun()
    shown = await _asks(talk, relay)
    assert shown is not None
    talk.rig.chat.close_form(talk.rig.person(KARI))
    assert await talk.take(_sent(talk, relay, "setup", shown[1]))
    assert await _marked(talk, question) == "setup"
