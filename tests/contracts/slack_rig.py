"""Slack for the contract: the real ``SlackChat`` against the emulator, over a socket."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.render.words import Words
from bot.sandbox.slack import Json, SlackEmulator, SlackUser
from bot.sandbox.slack.records import texts
from bot.settings import Links, Organisation
from bot.slack import blocks, payloads
from bot.slack.chat import SlackChat
from bot.slack.client import web_client
from handlers.events import Person, Place, Submitted
from handlers.messages import Data, Language, name_of
from handlers.ports import Profile

TEAM, FOREIGN = "T0SANDBOX", "T0FOREIGN"
ANNA = SlackUser("U0ANNA", "Anna Ås", "anna.aas@fjordheim.example", locale="nn-NO")
BERIT = SlackUser("U0BERIT", "Berit Bø", "berit.boe@fjordheim.example", locale="nb-NO")
REFUSED = (
    (SlackUser("U0GUEST", "Gjest", "u0guest@fjordheim.example", is_restricted=True), "guest"),
    (SlackUser("U0SINGLE", "Enkelt", "u0single@fjordheim.example", is_ultra_restricted=True), "guest"),
    (SlackUser("U0BOT", "Robot", is_bot=True), "bot"),
    (SlackUser("U0GONE", "Sluttet", "u0gone@fjordheim.example", deleted=True), "deactivated"),
    (SlackUser("U0SHARED", "Partner", "u0shared@fjordheim.example", team_id=FOREIGN), "other-workspace"),
    (SlackUser("U0STRANGE", "Fremmed", team_id=FOREIGN, is_stranger=True), "other-workspace"),
)
PORT_TO_API = {
    "send": "chat.postMessage",
    "update": "chat.update",
    "whisper": "chat.postEphemeral",
    "private": "conversations.open",
    "profile": "users.info",
    "find": "users.lookupByEmail",
    "home": "views.publish",
    "open_form": "views.open",
}


class FixedClock:
    """A clock that stands."""

    def now(self) -> datetime:
        """A Tuesday morning."""
        return datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@cache
def words() -> Words:
    """The product's own templates, with nothing set about the organisation."""
    organisation = {language: Organisation().said_in(language) for language in Language}
    return Words(Path("templates"), organisation, dict(Links()), False, ZoneInfo("Europe/Oslo"))


def person(user: SlackUser) -> Person:
    """Somebody as the product knows them."""
    return Person("slack", user.team_id or TEAM, user.id)


class SlackRig:
    """A ``ChatRig``. Openers come from the payloads that the emulator builds."""

    def __init__(self, emulator: SlackEmulator, chat: SlackChat) -> None:
        self.emulator = emulator
        self.chat = chat
        self.age = 0.0
        self.anna = Profile(person(ANNA), ANNA.name, ANNA.email, ANNA.locale, ANNA.tz, None)
        self.berit = person(BERIT)
        self.refused = [(person(user), reason) for user, reason in REFUSED]
        self.nobody = Person("slack", TEAM, "U0NOBODY")
        self.channel = Place("slack", emulator.general)
        self.elsewhere = Place("slack", "C0NOWHERE")

    has_pages = True
    answers_forms = False

    def seen(self, person: Person, place: Place) -> Sequence[str]:
        """What the client shows."""
        return [message.shown for message in self.emulator.visible(person.user, place.conversation)]

    def said(self, data: Data, language: Language) -> str:
        """The words of the blocks."""
        return "\n".join(texts(blocks.message(words().message(data, language)).blocks))

    def page(self, person: Person) -> str | None:
        """The words of the Home tab."""
        view = self.emulator.home(person.user)
        return None if view is None else "\n".join(texts(view.blocks))

    def published(self, data: Data, language: Language) -> str:
        """The words of a Home tab with these data."""
        view: Json = blocks.home(words().message(data, language))
        return "\n".join(texts(view["blocks"]))

    def form(self, person: Person) -> str | None:
        """The words of the modal on top."""
        view = self.emulator.view(person.user)
        return (
            None
            if view is None
            else "\n".join([view.callback_id, view.private_metadata, *texts(view.blocks)])
        )

    def asked(self, data: Data, language: Language) -> str:
        """The words of a modal with these data."""
        view: Json = blocks.modal(words().message(data, language), name_of(type(data)), data.record)
        return "\n".join([view["callback_id"], view["private_metadata"], *texts(view["blocks"])])

    async def pressed(self, person: Person) -> str:
        """A command gives a trigger, as a press does."""
        delivery = await self.emulator.slash(person.user, "/2fa")
        return f"trigger:{delivery.payload['trigger_id']}"

    async def expire(self, opener: str) -> None:
        """Slack's three seconds."""
        self.age += 3.1

    async def submitted(self, person: Person) -> str:
        """Send in what is open; nobody answers, so it stays."""
        view = self.emulator.view(person.user)
        assert view is not None
        event = payloads.read(
            (await self.emulator.submit(person.user, view.id, {"topic": "setup"})).payload, [TEAM]
        )
        assert isinstance(event, Submitted)
        assert event.opener
        return event.opener

    async def closed(self, person: Person) -> None:
        """Close what is open."""
        view = self.emulator.view(person.user)
        assert view is not None
        await self.emulator.close(view)

    def busy(self, method: str, seconds: int) -> None:
        """429 with Retry-After."""
        self.emulator.faults.rate_limit(PORT_TO_API[method], retry_after=seconds)

    def lose_answer(self, method: str) -> None:
        """The connection breaks after the effect."""
        self.emulator.faults.lose_answer(PORT_TO_API[method])

    def without_pages(self) -> None:
        """An administrator switches the Home tab off."""
        self.emulator.set_tabs(home=False)

    def revoke(self) -> None:
        """An administrator revokes the token."""
        self.emulator.revoke_token()


@asynccontextmanager
async def slack_rig() -> AsyncIterator[SlackRig]:
    """A rig that is up for as long as it is used."""
    rig: SlackRig | None = None
    users = (ANNA, BERIT, *(user for user, _ in REFUSED))
    emulator = SlackEmulator(
        users, FixedClock(), team_id=TEAM, echoes=False, monotonic=lambda: rig.age if rig else 0.0
    )
    await emulator.start()
    try:
        async with web_client(emulator.api_url, emulator.installation.bot_token, None) as client:
            rig = SlackRig(emulator, SlackChat(client, words(), [TEAM]))
            yield rig
    finally:
        await emulator.stop()
