"""The edge in both modes: proved, written down, acknowledged, in this order; and what the start refuses."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.settings import SlackMode
from bot.slack.edge import SlackRefused
from bot.slack.listening import Listening
from handlers.events import Asked, Gone, Pressed, Submitted
from handlers.messages import Language, RelayTopicForm, RelayTopicSet, Unanswered
from tests.bot.slack.edge_rig import MODES, Bot, emulated, made, running, until
from tests.contracts.slack_rig import ANNA, BERIT, FOREIGN, REFUSED

STRANGER = next(user.id for user, _ in REFUSED if user.team_id == FOREIGN and not user.is_stranger)
BUTTON = "questions.person"


@pytest.fixture(params=MODES, ids=str)
async def bot(request: pytest.FixtureRequest) -> AsyncIterator[Bot]:
    """A bot that is up, in each mode."""
    async with running(request.param) as bot:
        yield bot


@pytest.fixture(params=MODES, ids=str)
async def hasty(request: pytest.FixtureRequest) -> AsyncIterator[Bot]:
    """The same, before a Slack that waits a moment only."""
    async with running(request.param, ack_seconds=0.3) as bot:
        yield bot


async def test_a_question_is_written_down_before_it_is_acknowledged(bot: Bot) -> None:
    bot.inbox.go_on.clear()
    saying = asyncio.create_task(bot.emulator.say(ANNA.id, "hei"))
    await bot.inbox.arrived.wait()
    assert not saying.done()
    assert bot.emulator.deliveries == []
    bot.inbox.go_on.set()
    (delivery,) = (await saying).deliveries
    assert delivery.acknowledged
    assert [event.text for event in bot.inbox.events if isinstance(event, Asked)] == ["hei"]


async def test_what_cannot_be_written_is_not_acknowledged_and_comes_again(hasty: Bot) -> None:
    hasty.inbox.broken = True
    (lost,) = (await hasty.emulator.say(ANNA.id, "hei")).deliveries
    assert not lost.acknowledged
    hasty.inbox.broken = False
    (again,) = await hasty.emulator.retry_unacknowledged()
    assert again.acknowledged
    assert len(hasty.inbox.rows) == 1


async def test_a_redelivered_event_is_one_row(bot: Bot) -> None:
    (delivery,) = (await bot.emulator.say(ANNA.id, "hei")).deliveries
    assert (await bot.emulator.redeliver(delivery)).acknowledged
    assert (bot.inbox.offered, len(bot.inbox.rows)) == (2, 1)


async def test_two_presses_are_two_events_with_their_own_openers(bot: Bot) -> None:
    place = await bot.chat.private((await _asked(bot)).person)
    reference = await bot.chat.send(place, Unanswered(), Language.NB)
    for _ in range(2):
        delivery = await bot.emulator.press(ANNA.id, place.conversation, reference.message, BUTTON)
        assert delivery.acknowledged
    pressed = [event for event in bot.inbox.events if isinstance(event, Pressed)]
    assert [event.action for event in pressed] == [BUTTON, BUTTON]
    assert len({event.opener for event in pressed}) == 2
    assert {(event.place, event.message) for event in pressed} == {(place, reference.message)}


async def test_a_press_in_a_channel_names_the_message_to_update(bot: Bot) -> None:
    asked = await _asked(bot, channel=bot.emulator.general)
    reference = await bot.chat.send(asked.place, Unanswered(), Language.EN)
    await bot.emulator.press(BERIT.id, bot.emulator.general, reference.message, BUTTON)
    pressed = bot.inbox.events[-1]
    assert isinstance(pressed, Pressed)
    assert (pressed.place, pressed.message, pressed.person.user) == (
        asked.place,
        reference.message,
        BERIT.id,
    )


async def test_a_form_that_is_sent_in_freezes_until_its_outcome_replaces_it(bot: Bot) -> None:
    form = RelayTopicForm("0f6b2c1e5a514a8f", "Koden kommer ikke")
    trigger = (await bot.emulator.slash(ANNA.id, "/2fa")).payload["trigger_id"]
    await bot.chat.open_form(f"trigger:{trigger}", form, Language.EN)
    view = bot.emulator.view(ANNA.id)
    assert view is not None
    delivery = await bot.emulator.submit(ANNA.id, view.id, {"topic": "setup"})
    frozen = bot.emulator.view(ANNA.id)
    assert delivery.acknowledged
    assert bot.emulator.complaints == []
    assert frozen is not None
    assert (frozen.id, frozen.inputs, frozen.submit, frozen.title) == (view.id, (), None, view.title)

    submitted = bot.inbox.events[-1]
    assert isinstance(submitted, Submitted)
    assert (submitted.form, submitted.record) == ("relay_topic_form", "0f6b2c1e5a514a8f")
    assert submitted.values == {"topic": "setup"}
    await bot.chat.open_form(submitted.opener or "", RelayTopicSet("setup"), Language.EN)
    outcome = bot.emulator.view(ANNA.id)
    assert outcome is not None
    assert outcome.id == view.id
    assert "It was about" in outcome.shown


async def test_a_form_that_could_not_be_written_can_be_sent_in_again(hasty: Bot) -> None:
    trigger = (await hasty.emulator.slash(ANNA.id, "/2fa")).payload["trigger_id"]
    form = RelayTopicForm("0f6b2c1e5a514a8f", "Koden kommer ikke")
    await hasty.chat.open_form(f"trigger:{trigger}", form, Language.EN)
    view = hasty.emulator.view(ANNA.id)
    assert view is not None
    hasty.inbox.broken = True
    assert not (await hasty.emulator.submit(ANNA.id, view.id, {"topic": "setup"})).acknowledged
    hasty.inbox.broken = False
    assert (await hasty.emulator.submit(ANNA.id, view.id, {"topic": "setup"})).acknowledged
    assert isinstance(hasty.inbox.events[-1], Submitted)


async def test_a_command_is_answered_in_private_wherever_it_was_typed(bot: Bot) -> None:
    delivery = await bot.emulator.slash(ANNA.id, "/2fa", "ny telefon", channel=bot.emulator.general)
    assert (delivery.acknowledged, delivery.answer) == (True, None)
    (asked,) = bot.inbox.events
    assert isinstance(asked, Asked)
    reference = await bot.chat.send(asked.place, Unanswered(), Language.NN)
    assert [message.ts for message in bot.emulator.from_bot(ANNA.id)] == [reference.message]
    assert reference.place == await bot.chat.private(asked.person)
    assert bot.emulator.messages(bot.emulator.general) == ()


async def test_everything_else_is_acknowledged_and_ignored(bot: Bot) -> None:
    said = await bot.emulator.say(ANNA.id, "hei")
    await bot.emulator.edit(ANNA.id, said.message.channel, said.message.ts, "hallo")
    await bot.emulator.open_home(ANNA.id, tab="messages")
    assert all(delivery.acknowledged for delivery in bot.emulator.deliveries)
    assert len(bot.emulator.deliveries) == 3
    assert bot.inbox.offered == 1


async def test_the_worker_is_woken_once_the_row_is_written(bot: Bot) -> None:
    await bot.emulator.say(ANNA.id, "hei")
    async with asyncio.timeout(5):
        assert await bot.woken.get() == 1


async def test_the_stop_lets_what_came_be_written_and_turns_away_the_rest(hasty: Bot) -> None:
    hasty.inbox.go_on.clear()
    first = asyncio.create_task(hasty.emulator.say(ANNA.id, "først"))
    await hasty.inbox.arrived.wait()
    stopping = asyncio.create_task(hasty.edge.stop())
    await until(lambda: hasty.edge.ready() == "slack: stopping")
    (late,) = (await hasty.emulator.say(BERIT.id, "for sent")).deliveries
    assert not late.acknowledged
    assert not stopping.done()
    hasty.inbox.go_on.set()
    await asyncio.gather(first, stopping)
    assert [event.text for event in hasty.inbox.events if isinstance(event, Asked)] == ["først"]


async def test_an_app_that_is_removed_is_gone_and_not_ready(bot: Bot) -> None:
    assert bot.edge.ready() is None
    told = await bot.emulator.uninstall()
    assert [delivery.acknowledged for delivery in told] == [True, True]
    assert all(isinstance(event, Gone) for event in bot.inbox.events)
    await until(lambda: bot.edge.ready() is not None)
    assert bot.edge.ready() == "slack.bot_token is refused by Slack (slack-token: token_revoked)"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bot_token": "xoxb-wrong"}, "slack.bot_token is refused by Slack (slack-token: invalid_auth)"),
        (
            {"workspace_ids": ("T0ELSEWHERE",)},
            "slack.workspace_ids does not name T0SANDBOX, where slack.bot_token belongs",
        ),
    ],
)
async def test_settings_that_can_never_work_stop_the_start(
    mode: SlackMode, changes: dict[str, object], sentence: str
) -> None:
    async with emulated() as emulator, made(emulator, mode, Listening(), **changes) as bot:
        with pytest.raises(SlackRefused) as refused:
            await bot.edge.start()
        assert str(refused.value) == sentence


async def test_a_wrong_app_token_stops_the_start() -> None:
    async with emulated() as emulator, made(emulator, SlackMode.SOCKET, app_token="xapp-wrong") as bot:
        with pytest.raises(SlackRefused, match=r"^slack.app_token is refused by Slack"):
            await bot.edge.start()


@pytest.mark.parametrize("mode", MODES)
async def test_a_slack_that_is_away_does_not_stop_the_start(mode: SlackMode) -> None:
    async with emulated() as emulator, made(emulator, mode) as bot:
        assert bot.edge.ready() == "slack: not started"
        emulator.faults.server_error("auth.test")
        await bot.edge.start()
        assert bot.edge.ready() == "slack: not reachable"


@pytest.fixture
async def connected() -> AsyncIterator[Bot]:
    """A bot in Socket Mode."""
    async with running(SlackMode.SOCKET) as bot:
        yield bot


async def test_socket_mode_needs_no_route(connected: Bot) -> None:
    assert connected.edge.routes() == []


@pytest.mark.parametrize("how", ["asked", "broken"])
async def test_the_socket_comes_back(connected: Bot, how: str) -> None:
    emulator = connected.emulator
    opened = len(emulator.calls_of("apps.connections.open"))
    await (emulator.disconnect() if how == "asked" else emulator.drop_sockets())
    await emulator.wait_for(
        lambda: emulator.connections == 1 and len(emulator.calls_of("apps.connections.open")) > opened
    )
    (delivery,) = (await emulator.say(ANNA.id, "hei")).deliveries
    assert (delivery.over, delivery.acknowledged) == ("socket", True)


async def test_without_a_socket_we_are_not_ready(connected: Bot) -> None:
    assert connected.edge.ready() is None
    connected.emulator.faults.down()
    await connected.emulator.drop_sockets()
    await until(lambda: connected.edge.ready() == "slack: not connected")


async def test_after_the_stop_no_socket_is_left(connected: Bot) -> None:
    await connected.edge.stop()
    await connected.emulator.wait_for(lambda: connected.emulator.connections == 0)


async def _asked(bot: Bot, channel: str | None = None) -> Asked:
    """The event of a question from Anna."""
    text = "hei" if channel is None else "<@U0TOFAKTOR> hei"
    await bot.emulator.say(ANNA.id, text, channel=channel)
    asked = bot.inbox.events[-1]
    assert isinstance(asked, Asked)
    return asked
