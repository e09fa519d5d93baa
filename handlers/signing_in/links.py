"""Which account a person in chat has proved to hold: by a sign-in, never by an e-mail address."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.events import Person
from handlers.ports import Chats, Clock, Profile, SignedIn
from handlers.records import SupportLink
from handlers.signing_in.stepping import Stepping
from handlers.store import people
from handlers.store import signing_in as store
from handlers.store.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class SupportLinks:
    """``ports.SupportIdentity``, by the ties that sign-ins make. The chat is asked live, each time."""

    database: Database
    chats: Chats
    stepping: Stepping
    clock: Clock

    async def account(self, person: Person) -> str | None:
        """See ``ports.SupportIdentity``."""
        found = await self._standing(person)
        return found.account if found else None

    async def deciding(self, person: Person) -> str | None:
        """See ``ports.SupportIdentity``."""
        found = await self._standing(person)
        if found is None or not self.stepping.one_click(found.stepped_up_at, self.clock.now()):
            return None
        return found.account

    async def tie(self, session: AsyncSession, profile: Profile, signed: SignedIn, now: datetime) -> bool:
        """A sign-in shows who a person in chat is. False where what is known already says otherwise: nothing is tied.

        The account has to be the one that the person's pinned link names, if there is one, also a flagged one, and
        that the platform signed them in with, if it did; no account belongs to two people of one workspace.
        """
        person = profile.person
        pinned = await people.link(session, person)
        holders = {
            other
            for other in (
                *await people.people_of(session, signed.account),
                *await store.people_of(session, signed.account),
            )
            if (other.platform, other.tenant) == (person.platform, person.tenant)
        }
        known = {profile.account, pinned.account if pinned is not None else None} - {None}
        if known - {signed.account} or holders - {person}:
            return False
        before = await store.link(session, person)
        kept = before.stepped_up_at if before is not None and before.account == signed.account else None
        tied = SupportLink(
            platform=person.platform,
            tenant=person.tenant,
            user=person.user,
            account=signed.account,
            email=(profile.email or "").casefold(),
            signed_in_at=now,
            stepped_up_at=signed.auth_time if signed.stepped_up else kept,
        )
        await store.tie(session, tied)
        return True

    async def _standing(self, person: Person) -> SupportLink | None:
        """The tie, unless it is suspended: in chat it is somebody else now, or nobody who is served."""
        async with self.database.transaction() as session:
            found = await store.link(session, person)
        if found is None:
            return None
        profile = await self.chats.of(person.platform).profile(person)
        if profile.refusal is not None or not _is_same(found, profile):
            log.warning("support-link-suspended", platform=person.platform, user=person.user)
            return None
        return found


def _is_same(found: SupportLink, profile: Profile) -> bool:
    """Whether this is still who was tied: by the account the platform signs them in with, else by their address."""
    if profile.account is not None:
        return profile.account == found.account
    return (profile.email or "").casefold() == found.email
