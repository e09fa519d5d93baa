"""Proof by eID on the running bot: from the button in chat to the pass, and the ways in which it must not work."""

import re
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from bot.sandbox.browser import Browser, log_in
from bot.sandbox.chats import Seen
from bot.sandbox.configuring import EID
from bot.sandbox.eid import Fault
from bot.sandbox.story import Story
from tests.faults.given import APPROVER, answers, approved, played, rows, state, until

OWNER = "Mehmet Yılmaz"
OTHER = "Gro Eikeland"
_QUESTION = "I have lost my phone, what now?"


async def invited(story: Story, name: str = OWNER) -> tuple[str, str]:
    """Ask, press the button, and get the link's path and the code."""
    answer = await story.ask(name, _QUESTION, "ID-porten")
    return await pressed(story, answer, name)


async def pressed(story: Story, answer: Seen, name: str = OWNER) -> tuple[str, str]:
    before = len(answers(story, name))
    await story.presses(name, answer, "cases.start")
    (told,) = await until(story, lambda: answers(story, name)[before:] or None)
    code = re.search(r"\b\d{6}\b", told.shown)
    (link,) = (control.url for control in told.controls if control.url)
    assert code is not None
    assert link is not None
    assert link.startswith(f"{story.stage.bot_url}/case/start/")
    return urlsplit(link).path, code[0]


async def departed(story: Story, browser: Browser, path: str, code: str, whom: str = OWNER) -> str:
    """Type the code and log in; where the provider leads the browser."""
    away = await browser.post(path, {"code": code, "record": EID})
    assert away.status_code == httpx.codes.SEE_OTHER, away.text
    back = await log_in(away.headers["Location"], story.person(whom).object_id)
    return back.removeprefix(story.stage.bot_url)


async def test_the_owner_proves_who_they_are_and_gets_the_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_LOG", "DEBUG")
    async with played(tmp_path) as story:
        path, code = await invited(story)
        browser = Browser(story.stage.bot_url, "nn")
        page = await browser.get(path)
        assert "Vis at det er deg" in page.text
        assert story.person(OWNER).upn in page.text
        back = await departed(story, browser, path, code)
        done = await browser.get(back)
        assert (done.status_code, done.headers["Location"]) == (httpx.codes.SEE_OTHER, "/case")
        assert browser.is_bound
        assert browser.login is None
        await story.approve(APPROVER)
        await story.show(OWNER, browser)
        await story.case_is("Passet er vist")
        story.nothing_leaked()
        await story.stage.stop_bot()

        number = story.person(OWNER).person_number
        assert number is not None
        canaries = [number, code, path.rsplit("/", 1)[1], *story.stage.eid.journal.given]
        assert _holding(tmp_path, canaries) == []
        assert number not in story.stage.slack.everything_sent()
        support = [each.shown for each in story.stage.slack.messages(story.stage.slack.support_channel)]
        assert not [one for one in canaries if any(one in shown for shown in support)]


def _holding(folder: Path, canaries: list[str]) -> list[str]:
    """The files below a folder in which one of these stands, alone or in a row of other digits."""
    wanted = [re.compile(rb"(?<!\d)%s(?!\d)" % re.escape(one.encode())) for one in canaries]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [file.name for file in files if any(one.search(file.read_bytes()) for one in wanted)]


async def test_another_person_is_told_the_same_as_after_any_failure(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        path, code = await invited(story)
        browser = Browser(story.stage.bot_url, "en")
        wrong = await browser.get(await departed(story, browser, path, code, OTHER))
        answer = story.chat_of(OWNER).messages(story.person(OWNER))[0]
        path, code = await pressed(story, answer)
        story.stage.eid.faults.add(Fault.BAD_SIGNATURE)
        forged = await browser.get(await departed(story, browser, path, code))
        assert wrong.status_code == forged.status_code == httpx.codes.FORBIDDEN
        assert wrong.text == forged.text
        assert "We could not see that it is you" in unescape(wrong.text)
        assert state(story) == "verifying"
        assert rows(story.stage, "SELECT count(*) FROM evidence") == [(0,)]
        assert not browser.is_bound


async def test_previews_scanners_and_strangers_spend_nothing(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        path, code = await invited(story)
        scanner = Browser(story.stage.bot_url, "en")
        for _ in range(5):
            assert (await scanner.get(path)).status_code == httpx.codes.OK
        async with httpx.AsyncClient(base_url=story.stage.bot_url, trust_env=False) as bare:
            assert (await bare.head(path)).status_code == httpx.codes.OK
            form = {"code": code, "record": EID}
            forged = await bare.post(path, data=form, headers={"Origin": "https://evil.example"})
            assert forged.status_code == httpx.codes.FORBIDDEN
            assert (await bare.post(path, data=form)).status_code == httpx.codes.FORBIDDEN
        assert story.stage.eid.calls == []

        browser = Browser(story.stage.bot_url, "en")
        back = await departed(story, browser, path, code)
        assert (await scanner.get(back)).status_code == httpx.codes.BAD_REQUEST
        assert (await browser.get(back)).status_code == httpx.codes.SEE_OTHER
        assert (await browser.get(back)).status_code == httpx.codes.BAD_REQUEST
        assert (await browser.get(path)).status_code == httpx.codes.GONE
        assert len(story.stage.eid.journal.to("/token")) == 1


@pytest.mark.slow
async def test_a_wrong_code_leads_nowhere(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        path, code = await invited(story)
        browser = Browser(story.stage.bot_url, "nb")
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        page = await browser.post(path, {"code": wrong, "record": EID})
        assert page.status_code == httpx.codes.UNPROCESSABLE_ENTITY
        assert "Denne koden virker ikke" in page.text
        unknown = await browser.post("/case/start/unknown", {"code": code, "record": EID})
        assert unknown.status_code == httpx.codes.GONE
        other = await browser.post(path, {"code": code, "record": "bankid"})
        assert other.status_code == httpx.codes.CONFLICT
        assert story.stage.eid.calls == []


@pytest.mark.slow
async def test_keys_are_published_and_a_logout_elsewhere_changes_nothing(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        _, browser = await approved(story)
        (key,) = (await browser.get("/eid/jwks.json")).json()["keys"]
        assert set(key) == {"kty", "n", "e", "use", "alg", "kid"}
        told = await browser.get(f"/eid/{EID}/logout?iss={story.stage.eid.issuer}&sid=whatever")
        assert told.status_code == httpx.codes.OK
        assert f"frame-ancestors {story.stage.eid.issuer}" in told.headers["Content-Security-Policy"]
        assert (await browser.get("/eid/nobody/logout")).status_code == httpx.codes.NOT_FOUND
        assert state(story) == "approved"
        assert (await browser.post("/case/show")).status_code == httpx.codes.OK


@pytest.mark.slow
async def test_while_the_provider_is_down_people_are_told_so(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        path, code = await invited(story)
        await story.stage.eid.stop()
        browser = Browser(story.stage.bot_url, "nb")
        page = await browser.post(path, {"code": code, "record": EID})
        assert page.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert "Innloggingstjenesten svarer ikke" in page.text
        assert state(story) == "open"
