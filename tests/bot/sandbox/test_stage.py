"""The stage: the bot as a child process, its settings, its clock, its end."""

import os
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from bot.sandbox.cast import teams_app_owners
from bot.sandbox.clock import SandboxClock
from bot.sandbox.page import Page
from bot.sandbox.stage import START, Stage, StageFailed, stage
from bot.sandbox.world import Kind
from bot.settings import SlackMode, load


async def _status(playing: Stage) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return (await client.get(f"{playing.bot_url}/readyz")).status_code


async def test_the_settings_are_those_of_a_real_bot(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        settings = load(playing.config, playing.environment())
        assert settings.slack.mode is SlackMode.HTTP
        assert settings.web.public_url == playing.bot_url
        assert settings.storage.url.get_secret_value() == playing.storage_url


async def test_teams_is_beside_slack(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        settings = load(playing.config, playing.environment()).teams
        teams, world = playing.teams, playing.world
        assert settings.app_id == world.bot_id == teams.app.id
        assert settings.client_secret.get_secret_value() == playing.entra.login.bot_secret
        assert settings.service_urls == (teams.service_url,)
        assert settings.support_channel == teams.support_channel
        owners = teams_app_owners(world)
        without = {each.object_id for each in teams.users} - set(owners)
        assert all(teams.has_app(each) for each in owners)
        assert {each.object_id for each in teams.users if each.guest} < without
        (new,) = [each for each in without if world.by_id(each).kind is Kind.STUDENT][:1]
        assert playing.entra.teams_apps.teams is teams
        teams.give(new)
        assert teams.has_app(new)


async def test_another_database_can_be_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    async with stage(tmp_path, storage_url=url) as playing:
        settings = load(playing.config, playing.environment())
        assert settings.storage.url.get_secret_value() == url
    assert (tmp_path / "other.db").exists()
    assert not (tmp_path / "tofaktor.db").exists()


async def test_settings_of_the_caller_do_not_reach_the_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOFAKTOR_SLACK__API_URL", "https://slack.com/api/")
    monkeypatch.setenv("SOMETHING_ELSE", "stays")
    async with stage(tmp_path) as playing:
        environment = playing.environment()
        assert "TOFAKTOR_SLACK__API_URL" not in environment
        assert environment["SOMETHING_ELSE"] == "stays"


async def test_the_keys_are_kept_and_private(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        first = playing.secrets()
        assert playing.secrets() == first
        key = tmp_path / "audit.key"
        assert key.stat().st_mode & 0o077 == 0
        assert key.read_text() == first["TOFAKTOR_SECRETS__AUDIT_KEY"]


async def test_a_killed_bot_comes_back_at_the_same_address(tmp_path: Path) -> None:
    async with stage(tmp_path, mode=SlackMode.SOCKET) as playing:
        with pytest.raises(StageFailed, match="not running"):
            _ = playing.bot_pid
        await playing.start_bot()
        url, pid = playing.bot_url, playing.bot_pid
        assert await playing.kill_bot() < 0
        await playing.start_bot()
        assert playing.bot_url == url
        assert playing.bot_pid != pid
        assert await _status(playing) == httpx.codes.OK
        left = playing.bot_pid
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)


async def test_a_bot_that_cannot_start_says_why(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        settings = playing.config.read_text(encoding="utf-8")
        playing.config.write_text(
            settings.replace("slack:\n", "slack:\n  colour: blue\n", 1), encoding="utf-8"
        )
        with pytest.raises(StageFailed, match=r"slack\.colour"):
            await playing.start_bot()


async def test_the_clock_is_one_for_all_and_moves_both_ways(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        other = SandboxClock(tmp_path / "clock")
        assert abs(playing.clock.now() - START) < timedelta(minutes=1)
        playing.clock.move(timedelta(days=3))
        assert abs(other.now() - START - timedelta(days=3)) < timedelta(minutes=1)
        playing.clock.move(-timedelta(days=4))
        assert abs(other.now() - START + timedelta(days=1)) < timedelta(minutes=1)
        other.close()


async def test_a_page_on_a_port_that_is_taken_says_so(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        first, second = Page(playing), Page(playing)
        port = int((await first.start(0)).rstrip("/").rsplit(":", 1)[1])
        try:
            with pytest.raises(StageFailed, match=str(port)):
                await second.start(port)
        finally:
            await first.stop()


@pytest.mark.slow
async def test_the_bot_answers_in_teams(tmp_path: Path) -> None:
    async with stage(tmp_path) as playing:
        await playing.start_bot()
        teams = playing.teams
        anna = teams_app_owners(playing.world)[0]
        said = await teams.say(anna, "How do I set up the authenticator app?")
        assert said.delivery is not None
        assert said.delivery.acknowledged, said.delivery
        (answer, *_) = await teams.until(lambda: teams.from_bot(anna), 15)
        assert answer.card is not None
        assert teams.complaints == []
