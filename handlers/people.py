"""Who is it: from a person in chat to an account, a language, or a polite refusal."""

from dataclasses import dataclass

import structlog

from graph.errors import Ambiguous, GraphError
from graph.users import User, Users
from handlers import language as languages
from handlers.events import Person
from handlers.messages import Language
from handlers.ports import Chats, Clock, Profile
from handlers.records import Link
from handlers.store import people as store
from handlers.store.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Known:
    """A person as known at this moment."""

    person: Person
    profile: Profile
    language: Language
    account: str | None
    """Object id, by the pinned link. Enough to answer, remind and open a case; never to approve or attest."""
    flagged: str | None = None
    form: Language = Language.NB
    """The form of Norwegian that is theirs, for whoever asks for Norwegian and names none."""


@dataclass(frozen=True)
class People:
    """Looks people up on their platform, live, and ties them to accounts once."""

    database: Database
    chats: Chats
    users: Users
    clock: Clock

    async def known(self, person: Person, text: str = "", *, tie: bool = True) -> Known:
        """The person with profile, language and account. Raises ``ChatError`` when the platform cannot tell.

        With ``tie`` off nobody new is tied to an account, and Graph is not asked.
        """
        profile = await self.chats.of(person.platform).profile(person)
        async with self.database.transaction() as session:
            link = await store.link(session, person)
            chosen = await store.language_of(session, person)
            last = await store.last_language(session, person)
        reading, local = languages.read(text), languages.of_locale(profile.locale)
        language = languages.choose(
            chosen=chosen, written=reading.language, profile=local, last=last, clear=reading.is_clear
        )
        form = languages.form(local, last)
        if profile.refusal is not None:
            return Known(person, profile, language, None, form=form)
        if link is None:
            pinned = await self._pin(person, profile) if tie else profile.account
            return Known(person, profile, language, pinned, form=form)
        flagged = link.flagged
        if flagged is None and not _is_same(link, profile):
            async with self.database.transaction() as session:
                await store.flag(session, person, "email-changed")
            flagged = "email-changed"
            log.warning("link-flagged", platform=person.platform, user=person.user, reason=flagged)
        return Known(person, profile, language, None if flagged else link.account, flagged, form)

    async def _pin(self, person: Person, profile: Profile) -> str | None:
        """Tie once: to the account they signed in with, else by e-mail: one match or none; two are a refusal."""
        account, email = profile.account, profile.email or ""
        if account is None and email:
            user = await self._unambiguous(email)
            account = user.id if user is not None else None
        if account is None:
            return None
        async with self.database.transaction() as session:
            link = await store.pin(session, person, account, email, self.clock.now())
        return link.account

    async def _unambiguous(self, email: str) -> User | None:
        """Nobody also when Graph does not answer: questions go on without it, and the next one looks again."""
        try:
            return await self.users.find(email)
        except Ambiguous:
            log.warning("link-ambiguous")
        except GraphError as error:
            log.warning("link-unknown", status=error.status)
        return None


def _is_same(link: Link, profile: Profile) -> bool:
    """Whether this is still who was tied: by the account they sign in with, else by their address."""
    if profile.account is not None:
        return profile.account == link.account
    return (profile.email or "").casefold() == link.email.casefold()
