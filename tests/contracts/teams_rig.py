"""Teams for the contract: the real ``TeamsChat`` behind the real edge, against the emulators, over sockets.

A press is a press here: it comes in by the edge, and its answer goes out when the test lets the work on it end.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.sandbox.teams import Json
from bot.sandbox.teams.records import texts
from bot.sandbox.world import FJORDHEIM
from bot.teams import cards
from bot.teams.chat import TeamsChat
from handlers.events import Event, Person, Place, Pressed, Submitted
from handlers.messages import ApprovalCard, Data, Language, name_of
from handlers.ports import Profile, Reference
from tests.bot.teams.edge_rig import ANNA, BERIT, Bot, person, running
from tests.contracts.slack_rig import words

GUEST = "Kofi Mensah"
GONE = "Oddvar Nes"
_GRAPH = ("profile", "find")
_OPERATIONS = {"send": "send", "update": "update", "whisper": "send", "private": "create"}


class SettledChat:
    """The chat under test; what it answers a press with has reached the client when the call comes back."""

    def __init__(self, chat: TeamsChat, rig: "TeamsRig") -> None:
        self._chat = chat
        self._rig = rig

    def __getattr__(self, name: str) -> Any:
        return getattr(self._chat, name)

    async def open_form(self, opener: str, data: Data, language: Language) -> None:
        """And wait for the client to have it."""
        await self._chat.open_form(opener, data, language)
        await self._rig.settled()


class TeamsRig:
    """A ``ChatRig``."""

    has_pages = False
    answers_forms = True

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.chat: Any = SettledChat(bot.parts.chat, self)
        told = FJORDHEIM.named(ANNA)
        self.anna = Profile(person(ANNA), told.name, told.mail, "nb-NO", None, None, told.object_id)
        self.berit = person(BERIT)
        self.refused = [(person(GUEST), "guest"), (person(GONE), "deactivated")]
        self.nobody = Person("teams", FJORDHEIM.tenant_id, "7b1c1e0a-0000-4000-8000-9a073f1f7a9f")
        self.channel = Place("teams", bot.teams.support_channel)
        self.elsewhere = Place("teams", "19:nowhere@thread.tacv2")
        self._card: Reference | None = None
        self._going: dict[str, asyncio.Event] = {}
        self._arrived: asyncio.Queue[Event] = asyncio.Queue()
        self._deliveries: set[asyncio.Task[Any]] = set()
        bot.handler.does = self._work

    async def _work(self, event: Event) -> None:
        """Hold it until the test is done with it."""
        assert isinstance(event, Pressed | Submitted)
        going = self._going.setdefault(event.opener or "", asyncio.Event())
        self._arrived.put_nowait(event)
        await going.wait()

    async def settled(self) -> None:
        """Every answer that was given has reached its client."""
        await asyncio.gather(*self._deliveries)

    def seen(self, person: Person, place: Place) -> Sequence[str]:
        """What stands there; of a channel also what was told this person alone, which stands in their own chat."""
        teams = self.bot.teams
        there = teams.visible(person.user, place.conversation)
        shown = [each.shown for each in there if self._card is None or each.id != self._card.message]
        alone = teams.from_bot(person.user) if place == self.channel else ()
        return [*shown, *(each.shown for each in alone)]

    def said(self, data: Data, language: Language) -> str:
        """The words of the card."""
        card: Json = cards.message(words().message(data, language)).card
        return "\n".join(texts(card))

    def page(self, person: Person) -> str | None:
        """There is none."""
        return None

    def published(self, data: Data, language: Language) -> str:
        """There is none."""
        raise AssertionError("Teams has no pages")

    def form(self, person: Person) -> str | None:
        """The words of the dialog, and what it would send in."""
        dialog = self.bot.teams.dialog(person.user)
        return None if dialog is None else _asked(dialog.title, dialog.card)

    def asked(self, data: Data, language: Language) -> str:
        """The words of a dialog with these data."""
        task: Json = cards.dialog(words().message(data, language), name_of(type(data)), data.record)
        return _asked(task["title"], task["card"]["content"])

    async def pressed(self, person: Person) -> str:
        """Press a button that opens a form; nobody has answered yet."""
        if self._card is None:
            self._card = await self.bot.parts.chat.send(self.channel, ApprovalCard.examples()[0], Language.EN)
        press = self.bot.teams.press(
            person.user, self._card.message, "approvals.deny", conversation=self.channel.conversation
        )
        return await self._opener(asyncio.create_task(press))

    async def expire(self, opener: str) -> None:
        """The work ends without an answer, and so does the waiting."""
        self._going[opener].set()
        await self.settled()

    async def submitted(self, person: Person) -> str:
        """Send in what is open; nobody has answered yet."""
        return await self._opener(asyncio.create_task(self.bot.teams.submit(person.user, {"topic": "setup"})))

    async def closed(self, person: Person) -> None:
        """The dialog closes: it was answered with nothing."""
        for going in self._going.values():
            going.set()
        await self.settled()

    def busy(self, method: str, seconds: int) -> None:
        """429 with Retry-After."""
        if method in _GRAPH:
            self.bot.entra.faults.throttle(retry_after=str(seconds), times=1)
        else:
            self.bot.teams.faults.rate_limit(_OPERATIONS[method], retry_after=seconds)

    def lose_answer(self, method: str) -> None:
        """The connection breaks after the effect."""
        self.bot.teams.faults.lose_answer(_OPERATIONS[method])

    def without_pages(self) -> None:
        """There are none."""

    def revoke(self) -> None:
        """Entra's tokens are taken no longer, neither by the Bot service nor by Graph."""
        self.bot.entra.login.revoke_tokens()
        self.bot.entra.login.failure = 401

    async def _opener(self, delivery: "asyncio.Task[Any]") -> str:
        self._deliveries.add(delivery)
        delivery.add_done_callback(self._deliveries.discard)
        event = await self._arrived.get()
        assert isinstance(event, Pressed | Submitted)
        assert event.opener
        return event.opener


def _asked(title: str, card: Json) -> str:
    """Everything in a dialog that a person sees or sends."""
    sends = [str(each["data"]) for each in card.get("actions", ()) if "data" in each]
    return "\n".join([title, *texts(card), *sends])


@asynccontextmanager
async def teams_rig(folder: Path, sqlite_url: str) -> AsyncIterator[TeamsRig]:
    """A rig that is up for as long as it is used."""
    async with running(folder, sqlite_url) as bot:
        rig = TeamsRig(bot)
        try:
            yield rig
        finally:
            await rig.closed(rig.anna.person)
