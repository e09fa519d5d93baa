"""Nothing that somebody wrote, no token and no ticket is logged, whatever level the root has."""

import logging
from collections.abc import AsyncIterator

import pytest
import structlog
from structlog.testing import capture_logs

from bot.sandbox.slack import signed_headers
from bot.settings import SlackMode
from handlers.messages import Language, Unanswered
from handlers.ports import ChatError
from tests.bot.slack.edge_rig import SECRET, Bot, running
from tests.bot.slack.test_edge_requests import GOOD, JSON, post
from tests.contracts.slack_rig import ANNA

CANARY = "kanarifuglen-5519"


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Every level of every library, from before the bot is built."""
    caplog.set_level(logging.DEBUG)
    structlog.reset_defaults()
    return caplog


@pytest.fixture(params=[SlackMode.HTTP, SlackMode.SOCKET], ids=str)
async def bot(
    request: pytest.FixtureRequest, everything_logged: pytest.LogCaptureFixture
) -> AsyncIterator[Bot]:
    """A bot that is built while everything is logged."""
    async with running(request.param, ack_seconds=0.3) as bot:
        yield bot


async def test_words_tokens_and_tickets_stay_out_of_the_log(
    bot: Bot, everything_logged: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as ours:
        await bot.emulator.say(ANNA.id, CANARY)
        bot.inbox.broken = True
        await bot.emulator.say(ANNA.id, CANARY)
        bot.inbox.broken = False
        place = await bot.chat.private(next(iter(bot.inbox.rows.values())).person)  # type: ignore[union-attr]  # it was said
        for error in ("msg_too_long", "invalid_auth", "fatal_error"):
            bot.emulator.faults.fail("chat.postMessage", error)
            with pytest.raises(ChatError):
                await bot.chat.send(place, Unanswered(), Language.NB)
        await bot.chat.send(place, Unanswered(), Language.NB)
        if bot.edge.routes():
            forged = GOOD.replace(b"hei", CANARY.encode())
            assert (await post(bot, forged, JSON | signed_headers("wrong", forged))).status_code == 401
        else:
            await bot.emulator.drop_sockets()
            await bot.emulator.wait_for(lambda: bot.emulator.connections)
    log = everything_logged.text + repr(ours)
    app = bot.emulator.installation
    assert "slack.not_received" in log
    assert "InboxBroken" in log
    for secret in (
        CANARY,
        SECRET,
        app.bot_token,
        app.app_token,
        "ticket=",
        "Svar fra",
        app.verification_token,
    ):
        assert secret not in log


async def test_errors_hold_neither_token_nor_answer(bot: Bot) -> None:
    bot.emulator.faults.fail("users.info", "something_new")
    with pytest.raises(ChatError) as caught:
        await bot.chat.find(ANNA.email or "") and await bot.chat.profile(
            (await bot.chat.find(ANNA.email or "")) or pytest.fail("nobody")
        )
    assert (str(caught.value), caught.value.__cause__) == ("something_new", None)
    assert caught.value.__suppress_context__
