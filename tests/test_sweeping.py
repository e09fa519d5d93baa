"""The look after every test finds a pass in a file, in what Slack was sent, and in a mail, however it is written."""

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


async def test_a_pass_in_a_mail_and_in_a_request_to_slack(tmp_path: Path) -> None:
    clock = SandboxClock(tmp_path / "clock")
    slack = SlackEmulator([], clock)
    await slack.start()
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(f"{slack.api_url}chat.postMessage", data={"text": html.escape(CODE)})
    await slack.stop()
    async with EntraEmulator(FJORDHEIM, clock, tmp_path) as entra:
        _made(entra, clock)
        entra.post.sent.append(SentMail("bot", "to", "subject", quote(CODE), clock.now()))
    clock.close()
    assert leaks() == ["Slack was sent a pass", "A mailbox was sent a pass"]


async def test_where_there_is_none_nothing_is_found(tmp_path: Path) -> None:
    clock = SandboxClock(tmp_path / "clock")
    async with EntraEmulator(FJORDHEIM, clock, tmp_path) as entra:
        _made(entra, clock)
        (tmp_path / "bot.log").write_text("shown\n")
    clock.close()
    assert leaks() == []
