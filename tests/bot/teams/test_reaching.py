"""Whoever has not got the app is given it and written to; whoever does not want it is left alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app.installing import installer_of
from bot.microsoft import graph_of
from bot.sandbox.entra.teams_apps import GRANTS
from bot.sandbox.teams.refusals import BlockedAs
from bot.sandbox.world import FJORDHEIM
from bot.teams.building import teams_of
from bot.teams.chat import TeamsChat
from graph.users import Users
from handlers.events import Person
from handlers.messages import Greeting, Language
from handlers.ports import Unreachable
from handlers.store import reaching
from tests.bot.teams.edge_rig import Bot, made, settings_for
from tests.contracts.slack_rig import words

PAL = FJORDHEIM.named("Pål Grønvold")
"""Has Teams and not the app."""
PERSON = Person("teams", FJORDHEIM.tenant_id, PAL.object_id)


@pytest.fixture
async def bot(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Bot]:
    async with made(tmp_path, sqlite_url) as bot:
        await bot.teams.uninstall(PAL.object_id)
        bot.entra.login.granted |= GRANTS
        bot.entra.teams_apps.publish(FJORDHEIM.bot_id)
        bot.entra.teams_apps.teams = bot.teams
        yield bot


@pytest.fixture
async def chat(bot: Bot) -> AsyncIterator[TeamsChat]:
    """The chat with its installer, as the bot builds it."""
    settings = settings_for(bot.entra, bot.teams)
    async with graph_of(settings) as graph:
        installer = installer_of(settings, graph, bot.database, bot.clock)
        async with teams_of(settings, words(), Users(graph), bot.database, bot.clock, installer) as parts:
            assert parts is not None
            yield parts.chat


async def say(chat: TeamsChat) -> None:
    await chat.send(await chat.private(PERSON), Greeting(), Language.NB)


async def standing(bot: Bot) -> str | None:
    async with bot.database.reading() as session:
        found = await reaching.of(session, "teams", PAL.object_id)
    return None if found is None else found.state


def asked(bot: Bot) -> int:
    return len(bot.entra.sent("POST", "/installedApps"))


async def test_who_does_not_have_the_app_is_given_it_and_written_to(bot: Bot, chat: TeamsChat) -> None:
    await say(chat)
    await say(chat)
    assert len(bot.teams.from_bot(PAL.object_id)) == 2
    assert (await standing(bot), asked(bot)) == ("reachable", 1)


async def test_who_has_it_is_written_to_without_any_permission(bot: Bot, chat: TeamsChat) -> None:
    bot.entra.login.granted -= GRANTS
    await bot.teams.install(PAL.object_id)
    await say(chat)
    assert len(bot.teams.from_bot(PAL.object_id)) == 1
    assert asked(bot) == 0


async def test_who_may_not_be_given_it_is_not_tried_again_and_again(bot: Bot, chat: TeamsChat) -> None:
    bot.entra.login.granted -= GRANTS
    for _ in range(3):
        with pytest.raises(Unreachable):
            await say(chat)
    assert await standing(bot) == "not-permitted"
    assert len(bot.teams.calls_of("create")) == 1


@pytest.mark.parametrize("how", list(BlockedAs))
async def test_a_block_is_noted_and_nobody_tries_again(bot: Bot, chat: TeamsChat, how: BlockedAs) -> None:
    bot.teams.blocked_as = how
    await say(chat)
    bot.teams.block(PAL.object_id)
    for _ in range(3):
        with pytest.raises(Unreachable):
            await say(chat)
    assert await standing(bot) == "blocked"
    assert len(bot.teams.calls_of("create")) == 2
    assert asked(bot) == 1
