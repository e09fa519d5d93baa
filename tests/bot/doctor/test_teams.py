"""Teams as the doctor sees it: all well, and one thing wrong at a time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.doctor import State, teams
from bot.doctor.finding import Finding
from bot.sandbox.entra.teams_apps import GRANTS, App
from bot.settings import Settings
from tests.bot.teams.edge_rig import ANNA, Bot, made, settings_for

ELSEWHERE = "7c7b29a1-50fc-4ef1-8d41-4a3f1ab64d6a"


@pytest.fixture
async def bot(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Bot]:
    async with made(tmp_path, sqlite_url) as bot:
        bot.entra.login.granted |= GRANTS
        yield bot


@pytest.fixture
def app(bot: Bot) -> App:
    return bot.entra.teams_apps.publish(settings_for(bot.entra, bot.teams).teams.app_id)


async def looked(settings: Settings) -> list[Finding]:
    found = [
        await teams.token(settings),
        await teams.keys(settings),
        await teams.tenants(settings),
        await teams.app(settings),
        await teams.channel(settings),
    ]
    return [each for (each,) in found]


def failing(found: list[Finding]) -> dict[str, State]:
    assert all(bool(each.remedy) is (each.state is not State.OK) for each in found)
    return {each.name: each.state for each in found if each.state is not State.OK}


async def test_all_well_and_nothing_is_posted(bot: Bot, app: App) -> None:
    await bot.teams.install_in_team(bot.id(ANNA))
    assert failing(await looked(settings_for(bot.entra, bot.teams))) == {}
    assert bot.teams.every_message == ()
    assert [call.operation for call in bot.teams.calls] == ["paged"]


async def test_a_wrong_secret(bot: Bot, app: App) -> None:
    settings = settings_for(bot.entra, bot.teams, client_secret=SecretStr("canary"))
    (found,) = await teams.token(settings)
    assert (found.state, "teams.app_id" in found.remedy) == (State.FAIL, True)
    assert "canary" not in str(found)


async def test_keys_that_may_not_sign_for_teams(bot: Bot, app: App) -> None:
    bot.teams.published.endorsements = ("directline",)
    (found,) = await teams.keys(settings_for(bot.entra, bot.teams))
    assert (found.state, "teams.openid_url" in found.remedy) == (State.FAIL, True)


async def test_an_app_that_nobody_uploaded_or_may_look_for(bot: Bot) -> None:
    settings = settings_for(bot.entra, bot.teams)
    (found,) = await teams.app(settings)
    assert (found.state, "manifest teams" in found.remedy) == (State.WARN, True)
    bot.entra.login.granted -= GRANTS
    (found,) = await teams.app(settings)
    assert (found.state, "permission" in found.remedy) == (State.WARN, True)


async def test_a_channel_that_the_bot_is_not_in(bot: Bot, app: App) -> None:
    await bot.teams.uninstall_from_team(bot.id(ANNA))
    (found,) = await teams.channel(settings_for(bot.entra, bot.teams))
    assert (found.state, "add the app" in found.remedy) == (State.FAIL, True)
    assert bot.teams.support_channel in found.found


async def test_a_tenant_that_is_not_served(bot: Bot) -> None:
    (found,) = await teams.tenants(settings_for(bot.entra, bot.teams, tenant_ids=(ELSEWHERE,)))
    assert (found.state, "entra.tenant_id" in found.remedy) == (State.FAIL, True)
