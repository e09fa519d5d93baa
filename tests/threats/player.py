"""Plays the parts of everybody around one requester: what attackers do, and what people do with them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx

from bot.sandbox.browser import Browser, log_in, onward
from bot.sandbox.chats import SLACK, Messenger, Seen
from bot.sandbox.configuring import EID
from bot.sandbox.stage import Stage
from bot.sandbox.story import AT_THE_DESK, Story, StoryBroken
from bot.sandbox.world import Resident
from tests.faults.given import rows, settled

QUESTION: Final = "I have lost my phone, what now?"

Finding = Callable[[], Sequence[Seen]]


def leads(away: httpx.Response) -> str:
    """Where a page sends the browser on to."""
    address = onward(away) or away.headers.get("Location", "")
    if not address:
        raise StoryBroken(f"It led nowhere ({away.status_code}).")
    return str(address)


def silent(_who: str, _what: str) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Invited:
    """What the chat gave away: the path of the link, and the code."""

    path: str
    code: str


@dataclass
class Player(Story):
    """The story, around one person among many on the same stage."""

    name: str = ""
    platform: str = SLACK
    claims: list[str] = field(default_factory=list, repr=False)

    @classmethod
    def around(cls, playing: Stage, name: str, claims: list[str], platform: str) -> "Player":
        """Nothing has happened yet to this person."""
        shown = len(playing.entra.passes_created)
        return cls(playing, silent, passes_shown=shown, name=name, claims=claims, platform=platform)

    def chat_of(self, name: str) -> Messenger:
        """Everybody is on one platform, of whom nothing else is said."""
        return self.chats[self.where.get(name, self.platform)]

    @property
    def chat(self) -> Messenger:
        """Where the one chats whom it is about."""
        return self.chat_of(self.name)

    def person(self, name: str) -> Resident:
        """Somebody by name, or, where it is a namesake, by object id."""
        found = [each for each in self.stage.world.residents if name in (each.name, each.object_id)]
        if len(found) != 1:
            raise StoryBroken(f"{len(found)} people are called {name}.")
        return found[0]

    @property
    def who(self) -> Resident:
        """The one it is about."""
        return self.person(self.name)

    @property
    def slack_id(self) -> str:
        """Their user id in Slack."""
        return self.slack_id_of(self.name)

    def slack_id_of(self, name: str) -> str:
        """Somebody's user id in Slack."""
        found = self.person(name).slack_id
        if found is None:
            raise StoryBroken(f"{name} is not in Slack.")
        return found

    async def answered(self, name: str = "") -> Seen:
        """The answer to somebody who has lost the phone, with the button in it."""
        return await self.ask(name or self.name, QUESTION, "ID-porten")

    async def invited(self, answer: Seen | None = None) -> Invited:
        """Press the button below the answer, and get the link's path and the code."""
        answer = answer or await self.answered()
        before = len(self.seen())
        await self.press(answer, "cases.start")
        (told,) = (await self.until(lambda: self.seen()[before:]))[:1]
        code = re.search(r"\b\d{6}\b", told.shown)
        links = [urlsplit(each).path for each in told.links]
        if code is None or len(links) != 1:
            raise StoryBroken(f"{self.name} got no link and code: {told.shown}")
        return Invited(links[0], code[0])

    async def departs(self, browser: Browser, invited: Invited, by: str = EID) -> httpx.Response:
        """Type the code and choose a provider."""
        return await browser.post(invited.path, {"code": invited.code, "record": by})

    async def departed(self, browser: Browser, invited: Invited, *, as_whom: str = "", by: str = EID) -> str:
        """Type the code, and log in as oneself or another; where the provider leads the browser."""
        away = leads(await self.departs(browser, invited, by))
        back = await log_in(away, self.person(as_whom or self.name).object_id)
        return back.removeprefix(self.stage.bot_url)

    async def proved(self) -> Browser:
        """Prove that it is oneself, and wait for the card."""
        browser = Browser(self.stage.bot_url, "en")
        back = await self.departed(browser, await self.invited())
        done = await browser.get(back)
        if done.status_code != httpx.codes.SEE_OTHER or not browser.is_bound:
            raise StoryBroken(f"The login of {self.name} ended with {done.status_code}.")
        await self.card()
        return browser

    async def ready(self, approver: str) -> Browser:
        """Prove that it is oneself, and be approved: all that is left is to press *Show*."""
        browser = await self.proved()
        await self.approve(approver)
        return browser

    async def press(self, message: Seen, action: str, name: str = "") -> None:
        """Somebody presses a button of a message."""
        await self.presses(name or self.name, message, action)

    async def fills(self, name: str, values: Mapping[str, str]) -> None:
        """Somebody waits for a form that can be sent in, and does so."""
        chat, who = self.chat_of(name), self.person(name)
        await self._until(lambda: (form := chat.form(who)) and form.can_be_sent, f"{name} has a form open")
        await chat.fill(who, values)

    async def tries_to_approve(self, name: str, as_whom: str = "", *, crossed: bool = False) -> None:
        """Press Approve, follow whatever link is whispered, and sign in there: as oneself, or as another."""
        card = await self.card(self.chat_of(name))
        await self.tries_to_approve_by(card, name, as_whom, crossed=crossed)

    async def tries_to_approve_by(
        self, card: Seen, name: str, as_whom: str = "", *, crossed: bool = False
    ) -> None:
        """The same with any card."""
        chat, known = self.chat_of(name), self._asides(name)
        await chat.press(self.person(name), card, "approvals.approve", crossed=crossed)
        await settled(self)
        for told in self._new_asides(name, known):
            for link in told.links:
                await self.decide_by(link, as_whom or name)
        await settled(self)

    def seen(self, name: str = "") -> list[Seen]:
        """What the bot wrote to somebody in private."""
        name = name or self.name
        return self.chat_of(name).messages(self.person(name))

    def read_out(self, page: str) -> str:
        """The claim code on an agent's page; one more thing that must not get out."""
        found = re.search(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b", page)
        if found is None:
            raise StoryBroken("The agent sees no claim code.")
        self.claims.append(found[0])
        return found[0]

    async def open_case(
        self, agent: str, name: str, *, route: str = "desk", checks: Sequence[str] = AT_THE_DESK
    ) -> str:
        """See ``Story.open_case``; the claim code is one more thing that must not get out."""
        code = await super().open_case(agent, name, route=route, checks=checks)
        self.claims.append(code)
        return code

    @property
    def cards(self) -> list[Seen]:
        """The cards about this person, where they chat."""
        return self.posted(self.chat)

    def posted(self, chat: Messenger) -> list[Seen]:
        """The cards about this person in a support channel."""
        return [each for each in chat.support() if self.who.upn in each.shown]

    async def card(self, chat: Messenger | None = None) -> Seen:
        """The newest card about this person; without a platform where they chat."""
        return await super().card(chat or self.chat)

    async def until(self, condition: Finding, what: str = "it happens") -> list[Seen]:
        """Wait until there are such messages; ``StoryBroken`` when there are none in time."""
        return list(await self._until(lambda: condition() or None, what))

    @property
    def state(self) -> str:
        """The state of the newest case about this person; nothing when there is none."""
        query = 'SELECT state FROM "case" WHERE target = ? ORDER BY opened_at DESC LIMIT 1'
        found = rows(self.stage, query, self.who.object_id)
        return str(found[0][0]) if found else ""

    @property
    def case_id(self) -> str:
        """The id of the newest case about this person."""
        query = 'SELECT id FROM "case" WHERE target = ? ORDER BY opened_at DESC LIMIT 1'
        return str(rows(self.stage, query, self.who.object_id)[0][0])

    @property
    def evidence(self) -> int:
        """How much evidence there is about this person."""
        query = "SELECT count(*) FROM evidence WHERE target = ?"
        return int(str(rows(self.stage, query, self.who.object_id)[0][0]))
