"""What the app needs by settings; and that with just that, and not less, the bot starts and hears."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.sandbox.slack import EVENTS, SCOPES
from bot.settings import Settings, SlackMode
from bot.slack.edge import SlackRefused
from bot.slack.listening import Listening, listening_of
from bot.slack.needs import needs
from handlers.events import Asked
from tests.bot.slack.edge_rig import emulated, made, running
from tests.contracts.slack_rig import ANNA

ALONG = frozenset({"channels:history", "groups:history"})
HEARD = frozenset({"message.channels", "message.groups"})


@pytest.mark.parametrize(
    ("slack", "support", "listening"),
    [
        ({}, {}, Listening()),
        ({"support_channel": "C1"}, {}, Listening()),
        ({"help_channels": ["C2", "C3"]}, {}, Listening(frozenset({"C2", "C3"}))),
        ({"support_channel": "C1"}, {"relay": True}, Listening(threads=frozenset({"C1"}))),
        ({}, {"relay": True}, Listening()),
        (
            {"support_channel": "C1", "help_channels": "C2"},
            {"relay": True},
            Listening(frozenset({"C2"}), frozenset({"C1"})),
        ),
    ],
)
def test_the_settings_say_where_to_listen(
    slack: dict[str, object], support: dict[str, object], listening: Listening
) -> None:
    settings = Settings.model_validate({"slack": slack, "support": support})
    assert listening_of(settings) == listening


def test_without_listening_nothing_of_channels_is_asked_for() -> None:
    least = needs(Listening())
    assert not (ALONG & least.scopes)
    assert not (HEARD & least.events)
    assert least.scopes == SCOPES
    assert least.events < EVENTS


@pytest.mark.parametrize("listening", [Listening(frozenset({"C1"})), Listening(threads=frozenset({"C1"}))])
def test_listening_needs_public_and_private_channels_and_nothing_else(listening: Listening) -> None:
    least, more = needs(Listening()), needs(listening)
    assert more.scopes - least.scopes == ALONG
    assert more.events - least.events == HEARD
    assert least.scopes < more.scopes


def test_the_docs_name_what_listening_needs_besides() -> None:
    words = (Path(__file__).parents[3] / "docs/settings.md").read_text(encoding="utf-8")
    least, most = needs(Listening()), needs(Listening(frozenset({"C1"})))
    for name in (most.scopes - least.scopes) | (most.events - least.events):
        assert f"`{name}`" in words


def test_what_is_lacking_is_named_in_order() -> None:
    assert needs(Listening()).lacking(SCOPES) == []
    assert needs(Listening()).lacking(SCOPES - {"im:write", "commands"}) == ["commands", "im:write"]


@pytest.mark.parametrize("lacking", sorted(needs(Listening(frozenset({"C1"}))).scopes))
async def test_every_scope_that_is_lacking_stops_the_start(lacking: str) -> None:
    listening = Listening(frozenset({"C1"}))
    async with emulated() as emulator, made(emulator, SlackMode.HTTP, listening) as bot:
        emulator.scopes.update(needs(listening).scopes)
        emulator.scopes.discard(lacking)
        with pytest.raises(SlackRefused, match=f"lacks {lacking}: add it as a bot scope"):
            await bot.edge.start()
        emulator.scopes.add(lacking)
        await bot.edge.start()
        assert bot.edge.ready() is None


async def test_a_bad_token_is_told_before_its_scopes() -> None:
    async with emulated() as emulator:
        emulator.scopes.clear()
        changes = {"bot_token": SecretStr("xoxb-wrong")}
        async with made(emulator, SlackMode.HTTP, Listening(), **changes) as bot:
            with pytest.raises(SlackRefused, match="bot_token"):
                await bot.edge.start()


@pytest.mark.parametrize("kind", ["public", "private"])
async def test_with_just_these_scopes_and_events_a_help_channel_is_heard(kind: str) -> None:
    async with running(SlackMode.HTTP, help_channel=kind) as bot:
        assert bot.emulator.scopes == needs(bot.listening).scopes
        assert bot.emulator.installation.events == needs(bot.listening).events
        (channel,) = bot.listening.channels
        await bot.emulator.say(ANNA.id, "hvordan setter jeg opp tofaktor?", channel=channel)
        (asked,) = bot.inbox.events
        assert isinstance(asked, Asked)
        assert not asked.addressed
