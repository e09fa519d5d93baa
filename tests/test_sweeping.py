"""The look after every test finds a pass in a file, in a mail, and in what chats were sent, however it is written."""

import html
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from bot.sandbox.clock import SandboxClock
from bot.sandbox.entra import EntraEmulator
from bot.sandbox.entra.authentication import MadePass
from bot.sandbox.entra.mail import SentMail
from bot.sandbox.slack import SlackEmulator
from bot.sandbox.teams import TeamsEmulator
from bot.sandbox.world import FJORDHEIM
from tests.sweeping import leaks, ways

CODE = "a+B&c<d!"


def _made(entra: EntraEmulator, clock: SandboxClock) -> None:
    entra.passes_created.append(MadePass("account", "pass", clock.now(), 60, usable_once=True, code=CODE))


@pytest.mark.parametrize("way", sorted(ways(CODE)))
async def test_a_pass_in_a_file(tmp_path: Path, way: str) -> None:
    clock = SandboxClock(tmp_path / "clock")
    async with EntraEmulator(FJORDHEIM, clock, tmp_path) as entra:
        _made(entra, clock)
        (tmp_path / "bot.log").write_text(f"shown: {way}\n")
    clock.close()
    assert leaks() == ["bot.log holds a pass"]


async def test_a_pass_in_a_mail_and_in_requests_to_slack_and_teams(tmp_path: Path) -> None:
    clock = SandboxClock(tmp_path / "clock")
    slack = SlackEmulator([], clock)
    teams = TeamsEmulator([], clock, tenant_id="t", app_id="a", trusts=bool)
    await slack.start()
    await teams.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(f"{slack.api_url}chat.postMessage", data={"text": html.escape(CODE)})
        await client.post(f"{teams.service_url}/v3/conversations/c/activities", json={"text": CODE})
    await slack.stop()
    await teams.stop()
    async with EntraEmulator(FJORDHEIM, clock, tmp_path) as entra:
        _made(entra, clock)
        entra.post.sent.append(SentMail("bot", "to", "subject", quote(CODE), clock.now()))
    clock.close()
    assert leaks() == ["Slack was sent a pass", "Teams was sent a pass", "A mailbox was sent a pass"]


async def test_where_there_is_none_nothing_is_found(tmp_path: Path) -> None:
    clock = SandboxClock(tmp_path / "clock")
    async with EntraEmulator(FJORDHEIM, clock, tmp_path) as entra:
        _made(entra, clock)
        (tmp_path / "bot.log").write_text("shown\n")
    clock.close()
    assert leaks() == []
