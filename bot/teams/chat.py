"""Teams as a chat: the port of ``handlers.ports.Chat`` on the Bot service, with Graph for who people are."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.render.message import Message
from bot.render.words import Words
from bot.teams import cards
from bot.teams.activities import PLATFORM
from bot.teams.answers import Answers
from bot.teams.connector import Connector, Json
from bot.teams.failures import PAUSE, Blocked, NotInstalled, NotThere
from graph.errors import Ambiguous, GraphError, NotFound, Throttled, Unavailable
from graph.users import User, Users
from handlers.events import Person, Place
from handlers.messages import Data, Language, ToldInPrivate, name_of
from handlers.ports import (
    ChatError,
    Clock,
    FormExpired,
    Installer,
    NotYet,
    Profile,
    Reference,
    Rejected,
    TryLater,
    Unreachable,
)
from handlers.records import ConversationReference
from handlers.store import references
from handlers.store.database import Database


@dataclass(frozen=True)
class TeamsChat:
    """Teams, as far as the features need it. Nothing is retried and nothing sent is logged.

    A person is known by the object id of their account: Teams signs them in with it.
    """

    connector: Connector
    answers: Answers
    words: Words
    users: Users
    database: Database
    clock: Clock
    app_id: str
    tenants: Sequence[str]
    installer: Installer | None = None
    """Who gives people the app; nobody does without."""

    @property
    def platform(self) -> str:
        """``teams``."""
        return PLATFORM

    async def profile(self, person: Person) -> Profile:
        """Ask the directory, every time: Teams tells nothing that a client could not have written."""
        self._is_ours(person)
        try:
            user = await self.users.get(person.user)
        except GraphError as error:
            raise _chat_error(error) from None
        return await self._described(person, user)

    async def find(self, email: str) -> Person | None:
        """Whoever has this address and may be served."""
        try:
            user = await self.users.find(email)
        except Ambiguous:
            return None
        except GraphError as error:
            raise _chat_error(error) from None
        if user is None or _refusal(user) is not None:
            return None
        return Person(PLATFORM, self.tenants[0], user.id)

    async def private(self, person: Person) -> Place:
        """The chat of this person with the bot: as Teams told of it, else opened by way of the object id."""
        self._is_ours(person)
        async with self.database.reading() as session:
            known = await references.of_person(session, person)
        if known is not None:
            return Place(PLATFORM, known.conversation, private=True)
        if self.installer is not None and await self.installer.leaves_alone(person):
            raise Unreachable("left-alone")
        return await self._opened(person)

    async def send(self, place: Place, data: Data, language: Language) -> Reference:
        """Post a card. A private chat that was deleted is begun anew, once."""
        activity = _activity(self.words.message(data, language))
        try:
            return Reference(place, await self._posted(place, activity))
        except NotThere:
            person = await self._whose(place)
        except (NotInstalled, Blocked) as lost:
            await self._lost(place, lost)
            raise
        if person is None:
            raise Unreachable("gone")
        anew = await self._opened(person)
        return Reference(anew, await self._posted(anew, activity))

    async def update(self, reference: Reference, data: Data, language: Language) -> None:
        """Replace a card for everybody."""
        activity = _activity(self.words.message(data, language))
        place = reference.place
        service = await self._service(place.conversation)
        await self.connector.put(service, place.conversation, reference.message, activity)

    async def whisper(self, place: Place, person: Person, data: Data, language: Language) -> None:
        """In a channel, a word in answer to the press; what has buttons, or comes too late for that, in private."""
        if place.private:
            await self.send(place, data, language)
            return
        said = self.words.message(data, language)
        if not said.actions and self.answers.word(person, place, cards.toast(said)):
            return
        try:
            await self.send(await self.private(person), data, language)
        except Unreachable:
            self._point(place, person, ToldInPrivate(reached=False), language)
            raise
        self._point(place, person, ToldInPrivate(), language)

    def _point(self, place: Place, person: Person, where: ToldInPrivate, language: Language) -> None:
        """Say where the answer is, if the press is still waited for."""
        self.answers.word(person, place, cards.toast(self.words.message(where, language)))

    async def home(
        self,
        person: Person,  # noqa: ARG002 – the port's
        data: Data,  # noqa: ARG002 – the port's
        language: Language,  # noqa: ARG002 – the port's
    ) -> None:
        """The bot has no page of its own in Teams."""
        raise Unreachable("no-page")

    async def open_form(self, opener: str, data: Data, language: Language) -> None:
        """A dialog, in answer to the press or the form that is waited for."""
        said = self.words.message(data, language)
        if not self.answers.form(opener, cards.dialog(said, name_of(type(data)), data.record)):
            raise FormExpired("nobody waits for it")

    async def typing(self, place: Place) -> None:
        """Show that an answer is being written."""
        await self._posted(place, {"type": "typing"})

    async def _described(self, person: Person, user: User) -> Profile:
        async with self.database.reading() as session:
            known = await references.of_person(session, person)
        return Profile(
            person=person,
            name=user.display_name,
            email=user.mail or user.upn,
            locale=(known.locale if known else "") or user.preferred_language,
            time_zone=(known.time_zone if known else "") or None,
            refusal=_refusal(user),
            account=user.id,
        )

    def _is_ours(self, person: Person) -> None:
        if person.platform != PLATFORM or person.tenant not in self.tenants:
            raise Unreachable("other-tenant")

    async def _opened(self, person: Person) -> Place:
        """Begin the chat with this person, and remember it. Who does not have the app is given it."""
        service = self.connector.services.default
        try:
            conversation = await self._created(service, person)
        except NotInstalled:
            if self.installer is None or not await self.installer.install(person):
                raise
            conversation = await self._created_at_last(service, person)
        kept = ConversationReference(
            tenant=person.tenant,
            conversation=conversation,
            user=person.user,
            service_url=service,
            seen_at=self.clock.now(),
        )
        async with self.database.transaction() as session:
            await references.renew(session, kept)
        return Place(PLATFORM, conversation, private=True)

    async def _created(self, service: str, person: Person) -> str:
        return await self.connector.create(service, f"28:{self.app_id}", person.tenant, person.user)

    async def _created_at_last(self, service: str, person: Person) -> str:
        """With who has just been given the app: not every server has heard of it at once."""
        try:
            return await self._created(service, person)
        except NotInstalled:
            raise NotYet(PAUSE) from None

    async def _lost(self, place: Place, lost: NotInstalled | Blocked) -> None:
        """Leave alone whose private chat this was, from now on. ``NotYet`` when it is too early to tell."""
        async with self.database.reading() as session:
            known = await references.of_conversation(session, place.conversation) if place.private else None
        if self.installer is None or known is None or known.user is None:
            return
        person = Person(PLATFORM, known.tenant, known.user)
        if not await self.installer.lost(person, blocked=isinstance(lost, Blocked)):
            raise NotYet(PAUSE)

    async def _whose(self, place: Place) -> Person | None:
        """Whose private chat this was. It is forgotten: it is gone."""
        async with self.database.transaction() as session:
            known = await references.of_conversation(session, place.conversation) if place.private else None
            if known is None or known.user is None:
                return None
            person = Person(PLATFORM, known.tenant, known.user)
            await references.forget(session, person)
        return person

    async def _posted(self, place: Place, activity: Json) -> str:
        conversation = place.conversation
        service = await self._service(conversation)
        if place.thread is not None and not place.private:
            conversation = f"{conversation};messageid={place.thread}"
        return await self.connector.post(service, conversation, activity)

    async def _service(self, conversation: str) -> str:
        async with self.database.reading() as session:
            known = await references.of_conversation(session, conversation)
        return known.service_url if known is not None else self.connector.services.default


def _activity(content: Message) -> Json:
    """https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference."""
    said = cards.message(content)
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": said.card}
    return {"type": "message", "summary": said.summary, "attachments": [attachment]}


def _refusal(user: User) -> str | None:
    """Why this account may not be served. What the directory does not say counts against it."""
    if user.is_external_guest or user.user_type != "Member":
        return "guest"
    return None if user.account_enabled else "deactivated"


def _chat_error(error: GraphError) -> ChatError:
    match error:
        case NotFound():
            return Unreachable("user_not_found")
        case Throttled():
            return TryLater(error.retry_after or PAUSE)
        case Unavailable():
            return TryLater(PAUSE)
        case _:
            return Rejected(f"directory: {error.code or error.status}")
