"""The story's end: the bot asks which old phone is to go, and deletes it for whoever says so."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Final

import httpx

from bot.sandbox.browser import Browser
from bot.sandbox.chats import Seen
from bot.sandbox.entra.state import StoredMethod
from bot.sandbox.story import NEW_PHONE, Story, StoryBroken
from graph.methods import Kind

_WAIT: Final = 15.0
_REMOVES: Final = "cases.remove-old"
_REMOVE: Final = re.compile(r'action="/case/remove-old"[^>]*>.*?value="([^"]+)"[^>]*>([^<]+)<', re.DOTALL)
_DEFAULT: Final = ("standardmetod", "default way")


@dataclass
class OldPhone:
    """Plays the part of whoever has a new phone now. Each step raises ``StoryBroken`` when it does not hold."""

    story: Story

    async def goes(self, name: str, browser: Browser, *, in_chat: bool = False) -> None:
        """Answer in chat or on the page of the case; that then closes by itself."""
        if not self._old(name):
            return
        if in_chat:
            await self._in_chat(name)
        else:
            await self._on_page(name, browser)
        await self._fewer(name)
        self.story.stage.clock.move(timedelta(minutes=1))

    async def _in_chat(self, name: str) -> None:
        """One button after the other, until none is left: the card changes in place."""
        who, chat = self.story.person(name), self.story.chat_of(name)
        done: list[str] = []

        def asked() -> list[tuple[Seen, str]]:
            offered = [(seen, each) for seen in chat.messages(who) for each in seen.buttons]
            return [
                (seen, each.record)
                for seen, each in offered
                if each.action == _REMOVES and each.record not in done
            ]

        while left := self._old(name):
            [(card, record), *_] = await self.story.stage.slack.wait_for(asked, _WAIT)
            self.story.tell(name, f"reads: {card.shown}")
            await self.story.presses(name, card, _REMOVES, record)
            done.append(record)
            self.story.tell(name, "presses the button, and the bot deletes it")
            await self._fewer(name, len(left))

    async def _on_page(self, name: str, browser: Browser) -> None:
        offer = await self._offer(browser)
        await self._pressed(browser, offer)
        page = unescape((await browser.get("/case")).text)
        if any(each in page for each in _DEFAULT):
            self.story.tell(
                name, "is told that Microsoft keeps the default method, and chooses another default"
            )
            account = self.story.stage.entra.tenant.account(self.story.person(name))
            account.default_method = Kind.AUTHENTICATOR
            await self._pressed(browser, await self._offer(browser))
        self.story.tell(name, f"presses {offer[1]} on the page of the case, and the bot deletes it")

    async def _offer(self, browser: Browser) -> tuple[str, str]:
        """The first button that removes something: what it names, and what it says."""
        slack, until = self.story.stage.slack, time.monotonic() + _WAIT
        while time.monotonic() < until:
            found = _REMOVE.search((await browser.get("/case")).text)
            if found is not None:
                return found[1], unescape(found[2])
            await slack.next_change(0.5)
        raise StoryBroken("The page of the case does not ask which old phone is to go.")

    async def _pressed(self, browser: Browser, offer: tuple[str, str]) -> None:
        answer = await browser.post("/case/remove-old", {"record": offer[0]})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise StoryBroken(f"The old phone could not be removed ({answer.status_code}).")

    async def _fewer(self, name: str, than: int = 1) -> None:
        """Wait until there are fewer old ones: none, unless said otherwise."""
        try:
            await self.story.stage.entra.wait_for(lambda: len(self._old(name)) < than, _WAIT)
        except TimeoutError:
            raise StoryBroken(f"The old phone of {name} is still there.") from None

    def _old(self, name: str) -> Sequence[StoredMethod]:
        account = self.story.stage.entra.tenant.account(self.story.person(name))
        return [
            each
            for each in account.strong_methods
            if each.name != NEW_PHONE and each.kind in (Kind.AUTHENTICATOR, Kind.SOFTWARE_OATH, Kind.PHONE)
        ]
