"""A sign-in from its beginning to its end, whatever it is for: once, in one browser, within ten minutes."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.departures import Departure, departure
from handlers.messages import Language
from handlers.ports import Clock, LoginError, LoginUnavailable, SignedIn, SignIn
from handlers.records import StaffSession
from handlers.signing_in.purposes import Purpose
from handlers.signing_in.sessions import LIFE
from handlers.store import limits
from handlers.store import signing_in as store
from handlers.store.audit import Audit
from handlers.store.cleaning import clean
from handlers.store.database import Database
from handlers.store.keys import hashed

log = structlog.get_logger(__name__)

ATTEMPT_LIFE: Final = timedelta(minutes=10)
_WINDOW: Final = timedelta(minutes=10)
_BEGUN_PER_ADDRESS: Final = 60
"""A whole service desk may share an address."""


@dataclass(frozen=True)
class NoSignIn:
    """It comes to nothing; ``reason`` is one of ``messages.signing_in.SIGN_IN_PROBLEMS``."""

    reason: str


@dataclass(frozen=True)
class Arrival:
    """Somebody has signed in: who, and for what."""

    purpose: Purpose
    record: str
    signed: SignedIn


@dataclass(frozen=True)
class Signing:
    """Begins sign-ins and ends them. What is wrong with one is told in few words; logs get the reason."""

    database: Database
    sign_in: SignIn
    audit: Audit
    clock: Clock
    stepping_up: bool
    """Whether ``signin.auth_context`` is set."""

    async def depart(
        self, purpose: Purpose, *, address: str, language: Language, record: str = ""
    ) -> Departure | NoSignIn:
        """Send the browser to Entra. ``record`` is what the purpose is about, and comes back with it."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            if not await limits.hit(session, f"signin:{address}", now, _WINDOW, _BEGUN_PER_ADDRESS):
                return NoSignIn("too-many")
        # The test shows what is there, and so asks for everything and insists on nothing.
        demanded = self.stepping_up and (purpose.steps_up or purpose is Purpose.TEST)
        try:
            begun = await self.sign_in.begin(step_up=demanded, language=language, now=now)
        except LoginUnavailable as error:
            log.warning("signin-unavailable", purpose=purpose, reason=error.reason)
            return NoSignIn("down")
        leaving, cookie_hash = departure(begun)
        attempt = store.Begun(purpose, record, demanded and purpose is not Purpose.TEST, begun.asked)
        async with self.database.transaction() as session:
            await store.begin(session, cookie_hash, attempt)
        return leaving

    async def come_back(self, cookie: str | None, query: Sequence[tuple[str, str]]) -> Arrival | NoSignIn:
        """The browser is back. The attempt is used up, whatever comes of it."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            begun = await store.take(session, hashed(cookie or ""), now - ATTEMPT_LIFE, now)
        if begun is None:
            return NoSignIn("other-browser")
        try:
            signed = await self.sign_in.end(query, begun.asked, now)
        except LoginUnavailable as error:
            log.warning("signin-unavailable", purpose=begun.purpose, reason=error.reason)
            return NoSignIn("down")
        except LoginError as refused:
            told = "denied" if refused.reason == "denied" else "not-believed"
            return await self.refuse(begun.purpose, refused.reason, told, None)
        if begun.stepping_up and not signed.stepped_up:
            return await self.refuse(begun.purpose, "no-context", "not-stepped-up", signed.account)
        return Arrival(Purpose(begun.purpose), begun.record, signed)

    async def refuse(self, purpose: str, reason: str, told: str, account: str | None) -> NoSignIn:
        """A sign-in that proves nothing is a security event: written to the audit, and told in few words."""
        log.warning("signin-refused", purpose=purpose, reason=reason)
        async with self.database.transaction() as session:
            await self.audit.append(
                session,
                at=self.clock.now(),
                actor=account,
                action="signin.refused",
                data={"purpose": purpose, "reason": reason},
            )
        return NoSignIn(told)

    async def sign_in_to_pages(self, signed: SignedIn) -> str:
        """``open``, where nothing else is to be written with it."""
        async with self.database.transaction() as session:
            return await self.open(session, signed, self.clock.now())

    async def open(self, session: AsyncSession, signed: SignedIn, now: datetime) -> str:
        """Whoever signed in is signed in to our pages; the secret that their browser keeps."""
        cookie = secrets.token_urlsafe(32)
        opened = StaffSession(
            cookie_hash=hashed(cookie),
            account=signed.account,
            name=clean(signed.name) or signed.account,
            auth_time=signed.auth_time,
            stepped_up=signed.stepped_up,
            at=now,
            until=now + LIFE,
        )
        await store.open_session(session, opened)
        await self.audit.append(
            session,
            at=now,
            actor=signed.account,
            action="signin.done",
            data={"stepped_up": signed.stepped_up},
        )
        return cookie
