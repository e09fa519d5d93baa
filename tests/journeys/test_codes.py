"""A code to an address on file, on the running bot: from the button in chat to the evidence, and no trace of it."""

import re
from pathlib import Path

import httpx
import pytest

from bot.sandbox.browser import Browser
from bot.sandbox.gateways import number_of, private_mail_of
from bot.web.codes import WAY_COOKIE
from tests.faults.given import played, rows
from tests.journeys.test_eid import OWNER, invited


@pytest.mark.slow
async def test_a_text_message_and_a_mail_prove_who_asked_in_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_LOG", "DEBUG")
    async with played(tmp_path) as story:
        stage = story.stage
        path, code = await invited(story)
        page = await Browser(stage.bot_url, "en").get(path)
        assert "Prove it with a code" in page.text
        headers = {"Origin": stage.bot_url, "Accept-Language": "en"}
        async with httpx.AsyncClient(base_url=stage.bot_url, trust_env=False, timeout=30) as client:
            way = await client.post(f"{path}/codes", data={"code": code}, headers=headers)
            assert (way.status_code, way.headers["Location"]) == (303, "/case/code")
            cookie = way.headers["Set-Cookie"].split(";")[0]
            assert cookie.startswith(f"{WAY_COOKIE}=")
            known = {**headers, "Cookie": cookie}
            for route in ("sms", "mail"):
                asked = await client.post("/case/code/send", data={"record": route}, headers=known)
                assert asked.headers["Location"] == f"/case/code?sent={route}"
            text = await stage.gateway.wait_for(lambda: stage.gateway.to(number_of(story.person(OWNER))))
            await stage.entra.wait_for(lambda: stage.entra.post.sent)
            [mail] = stage.entra.post.sent
            typed = text[0].text.split()[0]
            taken = await client.post("/case/code", data={"code": typed}, headers=known)
            assert (taken.status_code, taken.headers["Location"]) == (303, "/case")
        assert mail.to == private_mail_of(story.person(OWNER))
        assert re.findall(r"https?://[^/]+", mail.text) == [stage.bot_url]
        assert [route for (route,) in rows(stage, "SELECT route FROM evidence")] == ["sms"]
        await stage.stop_bot()

        canaries = [typed, mail.text.split()[0], text[0].to, mail.to]
        assert holding(tmp_path, canaries) == []
        assert not [one for one in canaries if one in stage.slack.everything_sent()]


def holding(folder: Path, canaries: list[str]) -> list[str]:
    """The files below a folder in which one of these stands, alone or in a row of other digits."""
    wanted = [re.compile(rb"(?<!\d)%s(?!\d)" % re.escape(one.encode())) for one in canaries]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [file.name for file in files if any(one.search(file.read_bytes()) for one in wanted)]
