"""The story, step by step: told by what the emulators received and sent, and by nothing else."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from typing import Final, TypeVar

import httpx

from bot.sandbox.browser import Browser
from bot.sandbox.chats import SLACK, TEAMS, InSlack, InTeams, Messenger, Seen
from bot.sandbox.configuring import EID
from bot.sandbox.stage import Stage
from bot.sandbox.world import Resident
from bot.settings import SlackMode
from bot.settings.sections import TeamsMode

T = TypeVar("T")

Tell = Callable[[str, str], None]
"""Prints one thing that somebody sees or does: who, what."""

NEW_PHONE: Final = "New phone"
_VERDICT: Final = re.compile(r"^\*?(Godt|Ikke godt) nok:", re.MULTILINE)
_WAIT: Final = 15.0
AT_THE_DESK: Final = ("photo-id", "face", "name")
_DIGITS: Final = re.compile(r"\b\d{6}\b")
_CODE: Final = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")


class StoryBroken(Exception):
    """A step of the story did not hold."""


@dataclass
class Story:
    """Plays the parts of everybody. Each step raises ``StoryBroken`` when it does not hold."""

    stage: Stage
    tell: Tell
    pass_shown: str = field(default="", repr=False)
    passes_shown: int = 0
    cases: int = 0
    """How many have come as far as a card in the support channel."""
    where: dict[str, str] = field(default_factory=dict)
    """The platform of those who are not to be played where they are by default."""

    def person(self, name: str) -> Resident:
        """Somebody of the university."""
        return self.stage.world.named(name)

    @property
    def chats(self) -> dict[str, Messenger]:
        """The platforms that are on."""
        on: dict[str, Messenger] = {}
        if self.stage.mode is not SlackMode.OFF:
            on[SLACK] = InSlack(self.stage.slack)
        if self.stage.teams_mode is not TeamsMode.OFF:
            on[TEAMS] = InTeams(self.stage.teams)
        return on

    def chat_of(self, name: str) -> Messenger:
        """Where somebody chats: in Slack, if they and the bot are there, and nothing else is said."""
        chats, who = self.chats, self.person(name)
        default = SLACK if SLACK in chats and who.slack_id is not None else TEAMS
        return chats[self.where.get(name, default)]

    def opens(self, name: str, platform: str) -> None:
        """From now on somebody reads and writes there."""
        self.where[name] = platform
        self.tell(name, f"opens {platform.capitalize()}")

    async def ask(self, name: str, question: str, expected: str) -> Seen:
        """Somebody asks in the private chat; the answer's words must hold ``expected``."""
        chat, who = self.chat_of(name), self.person(name)
        before = len(chat.messages(who))
        await chat.say(who, question)
        self.tell(name, f"writes: {question}")
        answer = await self._until(lambda: chat.messages(who)[before:], f"{name} gets an answer")
        self.tell(name, f"reads: {answer[0].shown}")
        if expected.lower() not in answer[0].shown.lower():
            raise StoryBroken(f"{name} asked “{question}” and the answer does not say “{expected}”.")
        return answer[0]

    async def open_case(
        self, agent: str, name: str, *, route: str = "desk", checks: Sequence[str] = AT_THE_DESK
    ) -> str:
        """The agent signs in, opens a case, ticks what was checked, and reads out the claim code."""
        seen_by, owner = self.person(agent), self.person(name)
        browser = Browser(self.stage.bot_url, seen_by.language)
        await browser.sign_in("agent", seen_by.object_id)
        opened = await browser.post("/case/agent", {"account": owner.upn})
        if opened.status_code != httpx.codes.SEE_OTHER:
            raise StoryBroken(f"{agent} could not open a case ({opened.status_code}).")
        self.tell(agent, f"signs in at Microsoft, and opens a case for {owner.upn}")
        where = opened.headers["Location"]
        page, photo = await browser.get(where), await browser.get(f"{where}/photo")
        if owner.name not in unescape(page.text) or not photo.content:
            raise StoryBroken("The agent does not see whose account it is.")
        ticked = {"checks": checks, **({"document": "passport"} if "photo-id" in checks else {})}
        shown = await browser.post(f"{where}/by/{route}", ticked)
        found = _CODE.search(shown.text)
        if found is None:
            raise StoryBroken(f"The agent sees no claim code ({shown.status_code}).")
        seen = "photo ID" if route == "desk" else "the person live on video"
        self.tell(agent, f"has seen {seen}, and reads out the claim code {found[0]}")
        return found[0]

    async def claim(self, name: str, code: str) -> Browser:
        """The requester types the code at /case: that binds the browser."""
        browser = Browser(self.stage.bot_url, self.person(name).language)
        wrong = await browser.post("/case", {"code": "0000-0000"})
        if wrong.status_code == httpx.codes.SEE_OTHER:
            raise StoryBroken("A wrong claim code was accepted.")
        self.cases += 1
        answer = await browser.post("/case", {"code": code.lower().replace("-", " ")})
        if answer.status_code != httpx.codes.SEE_OTHER or not browser.is_bound:
            raise StoryBroken(f"The claim code was not accepted ({answer.status_code}).")
        self.tell(name, "types the claim code at /case; this browser is bound now")
        made = len(self.stage.entra.passes_created)
        early = await browser.post("/case/show")
        if early.status_code == httpx.codes.OK or len(self.stage.entra.passes_created) > made:
            raise StoryBroken("A pass was shown before anybody approved.")
        return browser

    async def prove(self, name: str, proof: Seen, as_whom: str | None = None) -> Browser:
        """Press the button under an answer, open the link, type the code and log in by eID, as oneself or another."""
        chat, who = self.chat_of(name), self.person(name)
        before = len(chat.messages(who))
        await self.presses(name, proof, "cases.start")
        told = await self._until(lambda: chat.messages(who)[before:], f"{name} gets a link and a code")
        links, code = told[0].links, _DIGITS.search(told[0].shown)
        if not links or code is None:
            raise StoryBroken(f"{name} got no link and code: {told[0].shown}")
        self.tell(name, "presses the button, and gets a link and a code in private (•••)")
        browser = Browser(self.stage.bot_url, who.language)
        await browser.get(links[0])
        answer = await browser.log_in(links[0], code[0], EID, self.person(as_whom or name).object_id)
        self.tell(name, f"types the code and logs in by eID{f' as {as_whom}' if as_whom else ''}")
        proved = answer.status_code == httpx.codes.SEE_OTHER and browser.is_bound
        if proved == (as_whom is not None):
            raise StoryBroken(f"The login of {name} ended with {answer.status_code}.")
        self.cases += proved
        return browser

    async def card(self, chat: Messenger | None = None) -> Seen:
        """The newest card in the support channel: of this platform, or of the first that is on."""
        at = chat or next(iter(self.chats.values()))
        return (await self._until(lambda: self.posted(at), f"the card is posted in {at.platform}"))[-1]

    def posted(self, chat: Messenger) -> list[Seen]:
        """The cards in a support channel, once each case has one. They begin with what the rules say of the proof."""
        cards = [each for each in chat.support() if _VERDICT.search(each.shown)]
        return cards if len(cards) >= max(1, self.cases) else []

    async def refused_approval(self, name: str) -> None:
        """Somebody who may not decide presses Approve, and is told so privately."""
        told = await self.told_aside(name, await self.card(self.chat_of(name)), "approvals.approve")
        self.tell(name, f"presses Approve, and reads: {told.shown}")

    async def told_aside(self, name: str, seen: Seen, action: str) -> Seen:
        """Somebody presses a button that others see too; what they alone are told."""
        known = self._asides(name)
        await self.presses(name, seen, action)
        return (await self._until(lambda: self._new_asides(name, known), f"{name} is told something"))[0]

    def _asides(self, name: str) -> set[tuple[str, str]]:
        return {(each.place, each.id) for each in self.chat_of(name).asides(self.person(name))}

    def _new_asides(self, name: str, known: set[tuple[str, str]]) -> list[Seen]:
        asides = self.chat_of(name).asides(self.person(name))
        return [each for each in asides if (each.place, each.id) not in known]

    async def approve(self, name: str) -> None:
        """An approver presses Approve, and signs in if the last sign-in is too old; the card follows."""
        await self._decide(name, "approvals.approve", "Approve")

    async def deny(self, name: str) -> None:
        """An approver presses Turn down, and signs in if the last sign-in is too old; the card follows."""
        await self._decide(name, "approvals.deny", "Turn down")

    async def sign_in_link(self, name: str, action: str) -> str:
        """Somebody presses a button of the card, and is whispered a link by which to decide."""
        known, card = self._asides(name), await self.card(self.chat_of(name))
        await self.presses(name, card, action)
        return (await self._until(lambda: self._links(name, known), f"{name} is whispered a link"))[0]

    async def decide_by(self, link: str, as_whom: str) -> httpx.Response:
        """Open a link to decide in a fresh browser, and sign in at Entra as somebody."""
        who = self.person(as_whom)
        browser = Browser(self.stage.bot_url, who.language)
        page = await browser.get(link)
        if page.status_code != httpx.codes.OK:
            return page
        decided = await browser.sign_in_from(f"{link}/begin", who.object_id)
        if decided.status_code != httpx.codes.SEE_OTHER:
            return decided
        return await browser.get(decided.headers["Location"])

    async def _decide(self, name: str, action: str, label: str) -> None:
        chat, known = self.chat_of(name), self._asides(name)
        card = await self.card(chat)
        self.tell(name, f"reads: {card.shown}")
        await self.presses(name, card, action)
        if action == "approvals.deny":
            await self._give_a_reason(name)
        links = await self._until(
            lambda: self._links(name, known) or ([""] if self._is_decided(chat, card) else None),
            f"{name} decides, or is whispered a link",
        )
        if links[0]:
            self.tell(name, f"presses {label}, opens the link that only they see, and signs in at Microsoft")
            answer = await self.decide_by(links[0], name)
            if answer.status_code != httpx.codes.OK:
                raise StoryBroken(f"The decision of {name} ended with {answer.status_code}.")
        await self._until(lambda: self._is_decided(chat, card), "the card follows")
        await chat.close(self.person(name))
        self.tell(name, f"has pressed {label}; the card says: {(await self.card(chat)).shown}")

    async def _give_a_reason(self, name: str) -> None:
        """A form asks why; in its place comes the outcome, or the link by which to decide."""
        chat, who = self.chat_of(name), self.person(name)
        await self._until(lambda: (form := chat.form(who)) and form.can_be_sent, f"{name} is asked why")
        await chat.fill(who, {"reason": "desk"})
        self.tell(name, "says why: they should come in person")

    def _links(self, name: str, known: set[tuple[str, str]]) -> list[str] | None:
        """Addresses by which to decide, told aside or in place of the form. The newest first: it ends the others."""
        told = [link for each in self._new_asides(name, known)[::-1] for link in each.links]
        form = self.chat_of(name).form(self.person(name))
        return told or list(form.links if form is not None else ()) or None

    def _is_decided(self, chat: Messenger, card: Seen) -> bool:
        return any(each.is_at(card) and _has_moved(each, card) for each in chat.support())

    async def card_shows(self, condition: Callable[[Seen], bool], what: str) -> None:
        """Wait until the card says so, in the support channel of every platform."""
        for chat in self.chats.values():
            await self._until(self._shown_in(chat, condition), f"{what} in {chat.platform}")

    def _shown_in(self, chat: Messenger, condition: Callable[[Seen], bool]) -> Callable[[], list[Seen]]:
        return lambda: [each for each in self.posted(chat)[-1:] if condition(each)]

    async def case_is(self, word: str) -> None:
        """Wait until the card says so, in the support channel's language."""
        await self.card_shows(lambda now: word in now.shown, f"the card says “{word}”")
        self.tell("Support channel", f"the card says: {(await self.card()).shown}")

    async def show(self, name: str, browser: Browser) -> None:
        """The requester presses Show: only now is the pass made, and it is shown once."""
        before = len(self.stage.entra.passes_created)
        if before != self.passes_shown:
            raise StoryBroken("The pass was made before Show was pressed.")
        stranger = Browser(self.stage.bot_url, "en")
        if (await stranger.post("/case/show")).status_code != httpx.codes.FORBIDDEN:
            raise StoryBroken("Another browser was not refused.")
        answer = await browser.post("/case/show")
        made = self.stage.entra.passes_created
        if answer.status_code != httpx.codes.OK or len(made) != before + 1:
            raise StoryBroken(f"Show gave no pass ({answer.status_code}, {len(made) - before} made).")
        self.passes_shown += 1
        self.pass_shown = made[-1].code
        if self.pass_shown not in unescape(answer.text):
            raise StoryBroken("The page does not hold the pass.")
        self.tell(name, "presses Show: the pass is made now, and stands on this page once (•••)")
        again = await browser.post("/case/show")
        if again.status_code == httpx.codes.OK or len(made) != before + 1:
            raise StoryBroken("A second Show gave a second pass.")

    async def use(self, name: str) -> None:
        """Sign in with the pass, and set up the new phone."""
        session = self.stage.entra.devices.sign_in_with_pass(self.person(name), self.pass_shown)
        self.tell(name, "signs in with the pass")
        self.stage.clock.move(timedelta(minutes=1))
        await self.case_is("Passet er brukt")
        self.stage.entra.devices.register_authenticator(session, NEW_PHONE)
        self.tell(name, "registers the new phone")
        self.stage.clock.move(timedelta(minutes=1))

    async def reminded(self, name: str, count: int) -> list[Seen]:
        """Wait until somebody has had that many reminders in all."""
        return await self._until(
            lambda: found if len(found := self.reminders(name)) >= count else [], f"{name} is reminded"
        )

    def reminders(self, name: str) -> list[Seen]:
        """The reminders in somebody's private chats, wherever the bot sends them."""
        who = self.person(name)
        written = [each for chat in self.chats.values() if chat.has(who) for each in chat.messages(who)]
        return [each for each in written if each.offers("reminders.done")]

    def nothing_leaked(self) -> None:
        """The pass is in no message, no log and no file of the bot."""
        for chat in self.chats.values():
            if self.pass_shown and self.pass_shown in chat.sent():
                raise StoryBroken(f"The pass was sent to {chat.platform}.")
        for file in self.stage.folder.iterdir():
            if file.is_file() and self.pass_shown.encode() in file.read_bytes():
                raise StoryBroken(f"The pass stands in {file.name}.")

    async def presses(self, name: str, seen: Seen, action: str, record: str = "") -> None:
        """Somebody presses a button of a message."""
        await self.chat_of(name).press(self.person(name), seen, action, record)

    async def _until(self, condition: Callable[[], T | None], what: str) -> T:
        """The first true value of the condition."""
        try:
            found = await self.stage.slack.wait_for(condition, _WAIT)
        except TimeoutError:
            found = None
        if found is None:
            raise StoryBroken(f"It did not happen that {what}.")
        return found


def _has_moved(now: Seen, before: Seen) -> bool:
    """Whether a card tells of a decision since then; where two are wanted, it keeps its buttons after the first."""
    return not now.buttons or now.shown != before.shown
