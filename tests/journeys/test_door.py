"""The front door on the running bot: who cannot reach the chat gets help, and no page tells who has an account."""

from html import unescape
from pathlib import Path

import httpx

from bot.sandbox.browser import Browser, log_in
from bot.sandbox.configuring import EID
from bot.sandbox.outside import Outside
from bot.sandbox.story import Story
from tests.faults.given import APPROVER, answers, played, rows, state

VISITOR = "Gunnhild Myhre"
OTHER = "Gro Eikeland"
LOCKED_OUT = "Bjørn Sætre"
COLLEAGUE = "Aisha Rahman"


async def typed(story: Story, address: str) -> tuple[Browser, httpx.Response]:
    """The page after an address was typed."""
    browser = Browser(story.stage.bot_url, "en")
    away = await browser.post("/help", {"address": address, "lang": "en"})
    assert away.status_code == httpx.codes.SEE_OTHER, away.text
    return browser, await browser.get(away.headers["Location"])


async def test_from_the_door_to_the_pass_and_nobody_else(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        outside = Outside(story)
        assert story.person(VISITOR).slack_id is None
        browser = await outside.knock(VISITOR)
        await outside.turned_away(VISITOR, browser, as_whom=OTHER)
        assert rows(story.stage, "SELECT count(*) FROM evidence") == [(0,)]
        await outside.log_in(VISITOR, browser)
        assert state(story) == "verified"
        await story.approve(APPROVER)
        await story.show(VISITOR, browser)
        await story.case_is("Passet er vist")
        story.nothing_leaked()


async def test_an_address_that_nobody_has_leads_to_the_same_page_and_to_nothing(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        known = story.person(VISITOR).mail
        _, real = await typed(story, known)
        browser, unreal = await typed(story, known.replace("@", ".nobody@"))
        assert (real.status_code, real.text) == (unreal.status_code, unreal.text)
        away = await browser.post("/help/login", {"record": EID})
        back = await log_in(away.headers["Location"], story.person(OTHER).object_id)
        refused = await browser.get(back.removeprefix(story.stage.bot_url))
        assert refused.status_code == httpx.codes.FORBIDDEN
        assert "We could not see that it is you" in unescape(refused.text)
        assert rows(story.stage, "SELECT count(*) FROM evidence") == [(0,)]
        assert story.stage.entra.passes_created == []


async def test_a_colleague_opens_it_learns_nothing_and_gets_no_link(tmp_path: Path) -> None:
    async with played(tmp_path) as story:
        outside = Outside(story)
        await outside.ask_for(COLLEAGUE, LOCKED_OUT)
        await outside.told(LOCKED_OUT, "Noen har bedt om et midlertidig tilgangspass")
        said = answers(story, COLLEAGUE)
        assert not [control.url for one in said for control in one.controls if control.url]
        assert not [one for one in said if story.person(LOCKED_OUT).name in one.shown]

        # Who comes to the door does not go on with what somebody else began: the case is their own.
        browser = await outside.knock(LOCKED_OUT)
        await outside.log_in(LOCKED_OUT, browser)
        opened = rows(story.stage, 'SELECT opened_by, state FROM "case" ORDER BY opened_at')
        assert [each for each in opened if each[1] == "verified"] == [("owner", "verified")]
        await story.approve(APPROVER)
        await story.show(LOCKED_OUT, browser)
        story.nothing_leaked()
