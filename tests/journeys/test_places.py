"""Wherever people speak to the bot: what each of them sees, with the real bot between the emulators."""

from collections.abc import AsyncIterator, Callable
from typing import TypeVar

import pytest
import pytest_asyncio

from bot.sandbox.slack.records import Message, View
from bot.sandbox.stage import Stage, stage
from bot.settings import SlackMode

T = TypeVar("T")
KARI, ELLE, PAL = "Kari Bråten", "Elle Márjá Gaup", "Pål Grønvold"
"""Read Bokmål, and have nothing set up."""
LEIF, TORUNN = "Leif Åsen", "Torunn Bø"
"""Read Nynorsk; Leif has the Authenticator."""
SIOBHAN, PRIYA = "Siobhán O'Brien", "Priya Nair"
"""Read English."""


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=[SlackMode.HTTP, pytest.param(SlackMode.SOCKET, marks=pytest.mark.slow)],
    ids=str,
)
async def playing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """The stage with the bot on it, in each mode; one for all tests, since each speaks as somebody else."""
    async with stage(tmp_path_factory.mktemp("stage"), mode=request.param) as playing:
        await playing.start_bot(within=90)
        yield playing


def user(playing: Stage, name: str) -> str:
    """Somebody's id in Slack."""
    found = playing.world.named(name).slack_id
    assert found is not None
    return found


async def until(playing: Stage, predicate: Callable[[], T | None]) -> T:
    """Wait for what the bot does."""
    return await playing.slack.wait_for(predicate, timeout=15)


async def answers(playing: Stage, name: str, count: int = 1) -> tuple[Message, ...]:
    """What the bot wrote to somebody in private, once it is as much as that."""
    who = user(playing, name)

    def enough() -> tuple[Message, ...] | None:
        written = playing.slack.from_bot(who)
        return written if len(written) >= count else None

    return await until(playing, enough)


async def replies(playing: Stage, channel: str, thread: str) -> tuple[Message, ...]:
    """What the bot wrote in a thread, once there is anything."""

    def there() -> tuple[Message, ...] | None:
        everything = playing.slack.messages(channel)
        return tuple(each for each in everything if each.by_bot and each.thread_ts == thread) or None

    return await until(playing, there)


async def page(playing: Stage, name: str, begins: str) -> View:
    """Somebody's page, once it begins so."""
    who = user(playing, name)

    def there() -> View | None:
        view = playing.slack.home(who)
        return view if view is not None and view.shown.startswith(begins) else None

    return await until(playing, there)


def labels(message: Message | View) -> list[str]:
    """The buttons."""
    return [control.label for control in message.controls]


async def test_the_first_message_ever_of_a_person_is_answered(playing: Stage) -> None:
    assert playing.slack.dm(user(playing, ELLE)) == ()
    await playing.slack.say(user(playing, ELLE), "Hvordan setter jeg opp tofaktor?")
    (answer,) = await answers(playing, ELLE)
    assert answer.shown.startswith("Sett opp tofaktor, steg for steg")


@pytest.mark.parametrize("channel", ["general", "help"])
async def test_a_mention_is_answered_in_its_thread_and_once(playing: Stage, channel: str) -> None:
    slack, bot = playing.slack, playing.slack.installation.bot_user_id
    place = slack.general if channel == "general" else playing.help_channel
    said = await slack.say(user(playing, PAL), f"<@{bot}> hvordan setter jeg opp tofaktor?", channel=place)
    for delivery in said.deliveries:
        await slack.redeliver(delivery)
    await replies(playing, place, said.message.ts)
    # The bot has worked off all it was told before, so a second reply would stand here by now.
    before = len(slack.from_bot(user(playing, PRIYA)))
    await slack.say(user(playing, PRIYA), "What is a temporary access pass?")
    await answers(playing, PRIYA, before + 1)
    assert len(await replies(playing, place, said.message.ts)) == 1


async def test_the_command_is_answered_in_private_wherever_it_is_typed(playing: Stage) -> None:
    slack = playing.slack
    before = slack.messages(slack.general)
    lost = "Eg har mista telefonen, kva gjer eg no?"
    await slack.slash(user(playing, TORUNN), "/2fa", lost, channel=slack.general)
    (answer,) = await answers(playing, TORUNN)
    assert answer.shown.startswith("Mista, øydelagd eller gløymd telefon")
    assert slack.messages(slack.general) == before


async def test_the_command_alone_welcomes_and_its_buttons_work(playing: Stage) -> None:
    slack, who = playing.slack, user(playing, SIOBHAN)
    await slack.slash(who, "/2fa")
    (welcome,) = await answers(playing, SIOBHAN)
    assert welcome.shown.startswith("Help with two-factor sign-in")
    assert labels(welcome) == [
        "Set it up now",
        "I have lost my phone",
        "Talk to a person",
        "✓ English",
        "Bokmål",
        "Nynorsk",
    ]
    await slack.press(who, welcome.channel, welcome.ts, "questions.topic")
    assert (await answers(playing, SIOBHAN, 2))[1].shown.startswith("Lost, broken or forgotten phone")
    await slack.press(who, welcome.channel, welcome.ts, "language.choose#3")
    assert (await answers(playing, SIOBHAN, 3))[2].shown.startswith("Frå no av skriv eg nynorsk til deg.")
    await slack.say(who, "What is a temporary access pass?")
    assert (await answers(playing, SIOBHAN, 4))[3].shown.startswith("Bruk eit mellombels tilgangspass")


async def test_a_help_channel_is_answered_when_it_helps(playing: Stage) -> None:
    slack, channel = playing.slack, playing.help_channel
    lunch = await slack.say(user(playing, KARI), "Noen som blir med på lunsj?", channel=channel)
    asked = await slack.say(user(playing, KARI), "Hvordan setter jeg opp tofaktor?", channel=channel)
    await replies(playing, channel, asked.message.ts)
    assert all(delivery.acknowledged for delivery in (*lunch.deliveries, *asked.deliveries))
    assert [each for each in slack.messages(channel) if each.thread_ts == lunch.message.ts] == []


async def test_the_page_shows_where_one_stands_and_leads_on(playing: Stage) -> None:
    slack, who = playing.slack, user(playing, KARI)
    await slack.open_home(who)
    view = await page(playing, KARI, "Dette gjenstår")
    assert labels(view)[:3] == ["Sett det opp nå", "Snakk med et menneske", "Jeg har mistet telefonen"]
    await slack.press_in_view(who, view.id, "language.choose#3")
    view = await page(playing, KARI, "Dette står att")
    assert "✓ Nynorsk" in labels(view)
    assert slack.from_bot(who) == ()
    await slack.press_in_view(who, view.id, "setup.start")
    (card,) = await answers(playing, KARI)
    assert "telefon" in card.shown
    await slack.open_home(user(playing, LEIF))
    ready = await page(playing, LEIF, "Du er klar")
    assert "Microsoft Authenticator" in ready.shown


async def test_a_guest_sees_a_polite_word_on_the_page(playing: Stage) -> None:
    guest = next(each for each in playing.slack.users if each.is_restricted)
    await playing.slack.open_home(guest.id)
    view = await until(playing, lambda: playing.slack.home(guest.id))
    assert "IT" in view.shown
    assert view.controls == ()


async def test_nobody_was_shown_an_error(playing: Stage) -> None:
    assert playing.slack.complaints == []
