"""Slack as a chat: the port of ``handlers.ports.Chat`` on the Web API."""

from collections.abc import Collection
from dataclasses import replace

from slack_sdk.web.async_client import AsyncWebClient

from bot.render.words import Words
from bot.shapes import at, text
from bot.slack import blocks, people
from bot.slack.failures import as_chat_errors
from bot.slack.payloads import PLATFORM, SOMEBODY
from handlers.events import Person, Place
from handlers.messages import Data, Language, name_of
from handlers.ports import FormExpired, Profile, Reference, Rejected, Unreachable


class SlackChat:
    """Slack, as far as the features need it. Nothing is retried and nothing sent is logged."""

    def __init__(self, client: AsyncWebClient, words: Words, workspace_ids: Collection[str]) -> None:
        self._client = client
        self._words = words
        self._workspaces = frozenset(workspace_ids)

    @property
    def platform(self) -> str:
        """``slack``."""
        return PLATFORM

    async def profile(self, person: Person) -> Profile:
        """Ask ``users.info``, every time."""
        with as_chat_errors(repeatable=True):
            answer = await self._client.users_info(user=person.user, include_locale=True)
        user = at(answer.data, "user")
        if text(user, "id") != person.user:
            raise Unreachable("user_not_found")
        return people.profile(person, user, self._workspaces)

    async def find(self, email: str) -> Person | None:
        """Whoever may be served and has confirmed this address."""
        try:
            with as_chat_errors(repeatable=True):
                answer = await self._client.users_lookupByEmail(email=email)
        except Unreachable:
            return None
        user = at(answer.data, "user")
        person = Person(PLATFORM, people.tenant(user), text(user, "id"))
        found = people.profile(person, user, self._workspaces)
        return person if found.refusal is None and found.email is not None else None

    async def private(self, person: Person) -> Place:
        """The direct message with this person: ``conversations.open``, which finds an old one again."""
        with as_chat_errors(repeatable=True):
            answer = await self._client.conversations_open(users=person.user)
        return Place(PLATFORM, _named(answer.data, "channel", "id"), private=True)

    async def send(self, place: Place, data: Data, language: Language) -> Reference:
        """``chat.postMessage``. Nothing in it is turned into a link, a preview or a mention by Slack."""
        said = blocks.message(self._words.message(data, language))
        stands = await self._known(place)
        with as_chat_errors(repeatable=False):
            answer = await self._client.chat_postMessage(
                channel=stands.conversation,
                thread_ts=stands.thread,
                text=said.text,
                blocks=said.blocks,
                unfurl_links=False,
                unfurl_media=False,
                link_names=False,
                parse="none",
            )
        channel = text(answer.data, "channel") or stands.conversation
        return Reference(replace(stands, conversation=channel), _named(answer.data, "ts"))

    async def update(self, reference: Reference, data: Data, language: Language) -> None:
        """``chat.update``, always with blocks: Slack drops them when only text is given."""
        said = blocks.message(self._words.message(data, language))
        with as_chat_errors(repeatable=True):
            await self._client.chat_update(
                channel=reference.place.conversation,
                ts=reference.message,
                text=said.text,
                blocks=said.blocks,
                link_names=False,
                parse="none",
            )

    async def whisper(self, place: Place, person: Person, data: Data, language: Language) -> None:
        """An ephemeral message in a channel; in private a plain one, which stays."""
        if place.private:
            await self.send(place, data, language)
            return
        said = blocks.message(self._words.message(data, language))
        with as_chat_errors(repeatable=False):
            await self._client.chat_postEphemeral(
                channel=place.conversation,
                user=person.user,
                thread_ts=place.thread,
                text=said.text,
                blocks=said.blocks,
                link_names=False,
                parse="none",
            )

    async def home(self, person: Person, data: Data, language: Language) -> None:
        """``views.publish``: the Home tab."""
        view = blocks.home(self._words.message(data, language))
        with as_chat_errors(repeatable=True):
            await self._client.views_publish(user_id=person.user, view=view)

    async def open_form(self, opener: str, data: Data, language: Language) -> None:
        """A modal: opened with a trigger, or put in the place of one that was sent in."""
        view = blocks.modal(self._words.message(data, language), name_of(type(data)), data.record)
        kind, _, key = opener.partition(":")
        match kind:
            case "trigger":
                with as_chat_errors(repeatable=False):
                    await self._client.views_open(trigger_id=key, view=view)
            case "view":
                with as_chat_errors(repeatable=True):
                    await self._client.views_update(view_id=key, view=view)
            case _:
                raise FormExpired("not an opener of Slack's")

    async def _known(self, place: Place) -> Place:
        """The place with its conversation opened, if it was known only by its person."""
        if not place.conversation.startswith(SOMEBODY):
            return place
        person = Person(PLATFORM, "", place.conversation.removeprefix(SOMEBODY))
        return replace(await self.private(person), thread=place.thread)


def _named(answer: object, *path: str) -> str:
    found = text(answer, *path)
    if not found:
        raise Rejected(f"Slack answered without {path[-1]}")
    return found
