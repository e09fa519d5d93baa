"""Who in which chat is reminded for an account, in which language and in whose working hours."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from graph.users import User
from handlers.events import Person
from handlers.language import of_locale
from handlers.messages import Language
from handlers.ports import Chat, ChatError, Chats, NotYet, Profile, TryLater, Unreachable
from handlers.records import PlanEntry, ReachState
from handlers.rollout.rests import Rests
from handlers.rollout.when import Calendar
from handlers.store import people
from handlers.store.database import Database

log = structlog.get_logger(__name__)

_MINUTE: Final = timedelta(minutes=1)


class NobodyKnows(Exception):
    """A chat that might reach them could not be asked."""


@dataclass(frozen=True)
class Recipient:
    """Somebody who can be written to now."""

    person: Person
    language: Language
    zone: ZoneInfo | None
    """Their own time zone, where the chat knows it."""

    def earliest(self, calendar: Calendar, now: datetime) -> datetime:
        """When they can be written to today: at once, or when the working day begins where they are."""
        return max(now, calendar.window(calendar.today(now), self.zone).opens)


@dataclass(frozen=True)
class Reach:
    """Asks the chats in their order of preference; each look-up is live.

    An address is enough to remind. Nothing is pinned by it: that is for the person's own first message.
    """

    database: Database
    chats: Chats
    language: Language
    """Of people whose language nobody knows."""
    rests: Rests
    seen: dict[str, ReachState] = field(default_factory=dict)
    """What was found out on the way, by platform; not of the installer's, who keeps it on record already."""

    async def recipient(self, entry: PlanEntry, user: User) -> Recipient | None:
        """Whom to remind; nobody when every chat says so. ``NobodyKnows`` when one of them cannot be asked."""
        async with self.database.reading() as session:
            linked = await people.people_of(session, entry.account)
        is_certain = True
        for chat in self.chats.chats:
            if chat.platform in self.rests:
                is_certain = False
                continue
            try:
                profile = await self._in(chat, linked, user)
                can_write = profile is not None and await self._can_open(chat, profile.person)
            except NotYet:
                is_certain = False
                continue
            except ChatError as error:
                length = timedelta(seconds=error.seconds) if isinstance(error, TryLater) else _MINUTE
                self.rests.ask(chat.platform, length)
                log.warning("reminders-rest", platform=chat.platform, error=type(error).__name__)
                is_certain = False
                continue
            self._note(chat.platform, can_write=can_write)
            if profile is not None and can_write:
                return await self._as_recipient(entry, user, profile)
        if not is_certain:
            raise NobodyKnows
        return None

    async def _can_open(self, chat: Chat, person: Person) -> bool:
        """Where people need the bot's app, whether there is a conversation with this one, or there is now."""
        if not self._needs_app(chat.platform):
            return True
        try:
            await chat.private(person)
        except Unreachable:
            return False
        return True

    def _needs_app(self, platform: str) -> bool:
        installer = self.chats.installer
        return installer is not None and installer.platform == platform

    def _note(self, platform: str, *, can_write: bool) -> None:
        if not self._needs_app(platform):
            self.seen[platform] = ReachState.REACHABLE if can_write else ReachState.NO_ACCOUNT

    async def _in(self, chat: Chat, linked: list[Person], user: User) -> Profile | None:
        async for person in _candidates(chat, linked, user):
            try:
                profile = await chat.profile(person)
            except Unreachable:
                continue
            if profile.refusal is None:
                return profile
        return None

    async def _as_recipient(self, entry: PlanEntry, user: User, profile: Profile) -> Recipient:
        async with self.database.reading() as session:
            chosen = await people.language_of(session, profile.person)
        language = (
            (Language(entry.language) if entry.language else None)
            or chosen
            or of_locale(profile.locale)
            or of_locale(user.preferred_language)
            or self.language
        )
        return Recipient(profile.person, language, _zone(profile.time_zone))


async def _candidates(chat: Chat, linked: list[Person], user: User) -> AsyncIterator[Person]:
    """The linked people on this platform, then those with an address of the account."""
    for person in linked:
        if person.platform == chat.platform:
            yield person
    for address in dict.fromkeys(filter(None, (user.mail, user.upn))):
        try:
            found = await chat.find(address)
        except Unreachable:
            continue
        if found is not None and found not in linked:
            yield found


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (OSError, ValueError, KeyError):
        return None
