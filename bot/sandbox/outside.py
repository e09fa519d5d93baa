"""The story's parts outside chat: the front door, a colleague's errand, and proof by weaker means."""

import re
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Final

import httpx

from bot.sandbox.browser import Browser, log_in
from bot.sandbox.configuring import EID
from bot.sandbox.gateways import number_of
from bot.sandbox.story import Story, StoryBroken

_HEADING: Final = re.compile(r"<h1[^>]*>(.*?)</h1>", re.DOTALL)
_CODE: Final = re.compile(r"\b\d{6}\b")
_VIDEO: Final = ("challenge", "id-beside-face", "photo-on-file", "called-user")


@dataclass
class Outside:
    """Plays the parts of whoever has no chat at hand. Each step raises ``StoryBroken`` when it does not hold."""

    story: Story

    async def knock(self, name: str) -> Browser:
        """Somebody types their work address on the page of the front door."""
        who, stage = self.story.person(name), self.story.stage
        browser = Browser(stage.bot_url, who.language)
        first = await browser.get("/help")
        before = len(stage.entra.requests)
        answer = await browser.post("/help", {"address": who.mail, "lang": str(who.language)})
        if first.status_code != httpx.codes.OK or answer.status_code != httpx.codes.SEE_OTHER:
            raise StoryBroken(f"The front door is shut ({first.status_code}, {answer.status_code}).")
        page = await browser.get(answer.headers["Location"])
        if who.mail in page.text or who.name in unescape(page.text):
            raise StoryBroken("The front door says whose address was typed.")
        await stage.entra.wait_for(lambda: len(stage.entra.requests) > before)
        self.story.tell(name, f"opens /help in a browser, and types {who.mail}")
        self.story.tell(name, f"reads: {_heading(page)} – the same page for every address")
        return browser

    async def log_in(self, name: str, browser: Browser, as_whom: str | None = None) -> httpx.Response:
        """Choose eID, log in there as oneself or another, and come back."""
        person = self.story.person(as_whom or name)
        back = await browser.get(await log_in(await _depart(browser), person.object_id))
        self.story.tell(as_whom or name, "logs in by eID")
        proved = back.status_code == httpx.codes.SEE_OTHER and browser.is_bound
        if proved == (as_whom is not None):
            raise StoryBroken(f"The login of {person.name} ended with {back.status_code}.")
        self.story.cases += proved
        return back

    async def turned_away(self, name: str, browser: Browser, as_whom: str) -> None:
        """A login that is given up, and one of another person, end in the same words."""
        given_up = await browser.get(await log_in(await _depart(browser), "", action="cancel"))
        wrong = await self.log_in(name, browser, as_whom)
        if (wrong.status_code, wrong.text) != (given_up.status_code, given_up.text):
            raise StoryBroken("A wrong person reads other words than after any other failure.")
        self.story.tell(as_whom, f"reads: {_heading(wrong)} – the same as after a login that was given up")

    async def ask_for(self, asker: str, name: str) -> None:
        """A colleague asks for somebody in chat; the reply is the same for an address that nobody has."""
        account = self.story.person(name)
        nobody = account.mail.replace("@", ".nobody@")
        replies = []
        for address in (account.mail, nobody):
            reply = await self.story.ask(asker, f"2fa for {address}", "")
            replies.append(reply.shown.replace(address, "•••"))
        if replies[0] != replies[1]:
            raise StoryBroken("The reply tells who has an account.")
        self.story.tell(asker, "reads the same for an address that nobody has")

    async def told(self, name: str, words: str) -> None:
        """Wait until somebody has been told so in the private chat."""
        who, chat = self.story.person(name), self.story.chat_of(name)

        def found() -> list[str]:
            return [each.shown for each in chat.messages(who) if words in each.shown]

        try:
            shown = await self.story.stage.slack.wait_for(found, 15.0)
        except TimeoutError:
            raise StoryBroken(f"{name} was not told “{words}”.") from None
        self.story.tell(name, f"reads: {shown[-1]}")

    async def seen_on_video(self, agent: str, name: str) -> Browser:
        """An agent sees somebody on live video, who types the code at /case: weak, and not enough alone."""
        code = await self.story.open_case(agent, name, route="video", checks=_VIDEO)
        return await self.story.claim(name, code)

    async def text_message(self, name: str, browser: Browser) -> None:
        """Have a code sent to the phone that the register has, and type it."""
        gateway, number = self.story.stage.gateway, number_of(self.story.person(name))
        before = len(gateway.to(number))

        def codes() -> list[str]:
            """Beside them there are notices about the case."""
            found = (_CODE.search(each.text) for each in gateway.to(number)[before:])
            return [code[0] for code in found if code]

        await browser.post("/case/code/send", {"record": "sms"})
        try:
            [code, *_] = await gateway.wait_for(codes, 15.0)
        except TimeoutError:
            raise StoryBroken(f"{name} got no text message.") from None
        answer = await browser.post("/case/code", {"code": code})
        if answer.headers.get("Location") != "/case":
            raise StoryBroken(f"The code from the text message was not accepted ({answer.status_code}).")
        self.story.tell(name, "gets a text message with a code (•••), and types it on the page")

    async def waits(self, name: str, browser: Browser, hours: float) -> None:
        """The pass is approved, and can only be shown after a while."""
        made = len(self.story.stage.entra.passes_created)
        early = await browser.post("/case/show")
        if early.status_code == httpx.codes.OK or len(self.story.stage.entra.passes_created) > made:
            raise StoryBroken("A pass was shown before the wait was over.")
        self.story.tell(name, f"presses Show too early, and reads: {_heading(early)}")
        self.story.stage.clock.move(timedelta(hours=hours))
        self.story.tell(name, f"waits; it is {self.story.stage.clock.now():%H:%M} UTC now")


async def _depart(browser: Browser) -> str:
    away = await browser.post("/help/login", {"record": EID})
    if away.status_code != httpx.codes.SEE_OTHER:
        raise StoryBroken(f"The front door leads to no eID ({away.status_code}).")
    return str(away.headers["Location"])


def _heading(page: httpx.Response) -> str:
    found = _HEADING.search(page.text)
    return unescape(found[1]).strip() if found else ""
