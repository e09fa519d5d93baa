"""Where the bot listens, over real sockets in both modes: help channels, support's threads, and nowhere else."""

from collections.abc import AsyncIterator

import pytest

from bot.slack.payloads import SOMEBODY
from handlers.events import Asked, Opened, Place
from handlers.messages import Language, Unanswered
from tests.bot.slack.edge_rig import MODES, Bot, running
from tests.contracts.slack_rig import ANNA, BERIT, FOREIGN, REFUSED

STRANGER = next(user.id for user, _ in REFUSED if user.team_id == FOREIGN and not user.is_stranger)
NAMED = "<@U0TOFAKTOR> hei"


@pytest.fixture(params=MODES, ids=str)
async def bot(request: pytest.FixtureRequest) -> AsyncIterator[Bot]:
    """A bot with a help channel, that also listens to support's threads."""
    async with running(request.param, help_channel="public") as bot:
        yield bot


@pytest.fixture
def help_channel(bot: Bot) -> str:
    """The id of that channel."""
    (channel,) = bot.listening.channels
    return channel


def heard(bot: Bot) -> list[tuple[str, bool]]:
    """The words of every question, and whether it was said to the bot."""
    return [(event.text, event.addressed) for event in bot.inbox.events if isinstance(event, Asked)]


async def test_a_question_in_a_help_channel_is_heard_and_answered_in_its_thread(
    bot: Bot, help_channel: str
) -> None:
    said = await bot.emulator.say(ANNA.id, "ny telefon", channel=help_channel)
    reply = await bot.emulator.say(BERIT.id, "samme her", channel=help_channel, thread_ts=said.message.ts)
    assert all(delivery.acknowledged for delivery in (*said.deliveries, *reply.deliveries))
    assert heard(bot) == [("ny telefon", False), ("samme her", False)]
    place = Place("slack", help_channel, said.message.ts)
    assert [event.place for event in bot.inbox.events if isinstance(event, Asked)] == [place, place]
    await bot.chat.send(place, Unanswered(), Language.NB)
    assert bot.emulator.messages(help_channel)[-1].thread_ts == said.message.ts


async def test_a_mention_in_a_help_channel_is_one_question_to_the_bot(bot: Bot, help_channel: str) -> None:
    said = await bot.emulator.say(ANNA.id, NAMED, channel=help_channel)
    assert [each.event_type for each in said.deliveries] == ["message", "app_mention"]
    assert heard(bot) == [("hei", True)]
    for delivery in reversed(said.deliveries):
        await bot.emulator.redeliver(delivery)
    assert heard(bot) == [("hei", True)]


async def test_in_the_support_channel_the_threads_are_heard_and_the_rest_is_support_s_own(bot: Bot) -> None:
    support = bot.emulator.support_channel
    await bot.emulator.say(BERIT.id, "noen som tar denne?", channel=support)
    card = await bot.chat.send(Place("slack", support), Unanswered(), Language.NB)
    await bot.emulator.say(BERIT.id, "hei, jeg hjelper deg", channel=support, thread_ts=card.message)
    assert heard(bot) == [("hei, jeg hjelper deg", False)]
    (asked,) = bot.inbox.events
    assert isinstance(asked, Asked)
    assert asked.place == Place("slack", support, card.message)


async def test_elsewhere_only_what_names_the_bot_is_heard(bot: Bot) -> None:
    await bot.emulator.say(ANNA.id, "ny telefon", channel=bot.emulator.general)
    assert heard(bot) == []
    await bot.emulator.say(ANNA.id, NAMED, channel=bot.emulator.general)
    assert heard(bot) == [("hei", True)]


async def test_a_channel_shared_with_others_is_acknowledged_and_ignored(bot: Bot, help_channel: str) -> None:
    channel = bot.emulator.channel(help_channel)
    channel.ext_shared = True
    channel.members.add(STRANGER)
    for user in (ANNA.id, STRANGER):
        for words in ("hei", NAMED):
            said = await bot.emulator.say(user, words, channel=help_channel)
            assert all(delivery.acknowledged for delivery in said.deliveries)
    assert bot.inbox.offered == 0
    channel.ext_shared = False
    await bot.emulator.say(STRANGER, "hei", channel=help_channel)
    assert bot.inbox.offered == 0


async def test_an_edit_and_our_own_words_are_no_new_question(bot: Bot, help_channel: str) -> None:
    said = await bot.emulator.say(ANNA.id, "hei", channel=help_channel)
    await bot.emulator.edit(ANNA.id, help_channel, said.message.ts, NAMED)
    assert bot.inbox.offered == 1


async def test_a_bot_that_is_no_member_hears_nothing(bot: Bot, help_channel: str) -> None:
    bot.emulator.channel(help_channel).members.discard(bot.emulator.installation.bot_user_id)
    assert (await bot.emulator.say(ANNA.id, "hei", channel=help_channel)).deliveries == ()


async def test_a_look_at_the_home_tab_is_written_down_once(bot: Bot) -> None:
    (delivery,) = await bot.emulator.open_home(ANNA.id)
    assert delivery.acknowledged
    await bot.emulator.redeliver(delivery)
    (opened,) = bot.inbox.events
    assert isinstance(opened, Opened)
    assert opened.person.user == ANNA.id
    assert await bot.emulator.open_home(ANNA.id, tab="messages")
    assert len(bot.inbox.rows) == 1


async def test_a_command_without_words_is_a_question_without_words(bot: Bot, help_channel: str) -> None:
    delivery = await bot.emulator.slash(ANNA.id, "/2fa", channel=help_channel)
    assert (delivery.acknowledged, delivery.answer) == (True, None)
    (asked,) = bot.inbox.events
    assert isinstance(asked, Asked)
    assert (asked.text, asked.addressed, asked.place.conversation) == ("", True, SOMEBODY + ANNA.id)
