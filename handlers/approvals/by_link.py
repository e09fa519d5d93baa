"""Deciding with a fresh sign-in: a one-time link for whoever pressed in chat, and the decision on the way back."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from handlers.approvals.deciding import Deciding
from handlers.departures import Departure
from handlers.events import Person
from handlers.messages import Language
from handlers.ports import ChatError, Chats, Clock, Profile
from handlers.records import Case, DecisionLink
from handlers.signing_in.links import SupportLinks
from handlers.signing_in.purposes import Purpose
from handlers.signing_in.signing import Arrival, NoSignIn, Signing
from handlers.states import CaseState
from handlers.store import signing_in as store
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import hashed

log = structlog.get_logger(__name__)

LINK_LIFE: Final = timedelta(minutes=15)
APPROVE: Final = "approve"
DENY: Final = "deny"


@dataclass(frozen=True)
class Offer:
    """A link to decide, in clear only here."""

    token: str = field(repr=False)
    until: datetime


@dataclass(frozen=True)
class Intended:
    """What a link leads to."""

    case: Case
    decision: str
    pressed_by: str
    """What the chat calls them now."""


@dataclass(frozen=True)
class Decided:
    """Somebody signed in and decided: ``outcome`` is ``done`` or why not."""

    case: str
    decision: str
    outcome: str
    cookie: str = field(repr=False)
    """Of the session that the sign-in began."""


@dataclass(frozen=True)
class Decisions:
    """Links to decide. Only the hash of one is kept, and it works once."""

    database: Database
    chats: Chats
    cases: Cases
    deciding: Deciding
    signing: Signing
    links: SupportLinks
    clock: Clock

    async def offer(self, person: Person, case: str, decision: str, reason: str = "") -> Offer | None:
        """A link for whoever pressed; an older one of theirs for this case stops working. None for no such case."""
        token, until = secrets.token_urlsafe(32), self.clock.now() + LINK_LIFE
        offered = DecisionLink(
            token_hash=hashed(token),
            case=case,
            decision=decision,
            reason=reason,
            platform=person.platform,
            tenant=person.tenant,
            user=person.user,
            until=until,
        )
        async with self.database.transaction() as session:
            if await self.cases.get(session, case) is None:
                return None
            await store.offer(session, offered)
        return Offer(token, until)

    async def look(self, token: str) -> Intended | None:
        """What a link leads to. Looking changes nothing, however often: previews and scanners do.

        Raises ``ChatError`` when the chat does not say who pressed.
        """
        found = await self._found(token)
        if found is None:
            return None
        link, case = found
        return Intended(case, link.decision, (await self._profile(link)).name)

    async def depart(self, token: str, *, address: str, language: Language) -> Departure | NoSignIn:
        """Use the link up, and send the browser to sign in."""
        if await self._found(token) is None:
            return NoSignIn("link-over")
        gone = await self.signing.depart(
            Purpose.DECIDE, address=address, language=language, record=hashed(token)
        )
        if isinstance(gone, Departure):
            async with self.database.transaction() as session:
                if not await store.use(session, hashed(token), self.clock.now()):
                    return NoSignIn("link-over")
        return gone

    async def carry_out(self, arrival: Arrival) -> Decided | NoSignIn:
        """The one who pressed has signed in: tie the two together, and decide as that account."""
        now, signed = self.clock.now(), arrival.signed
        async with self.database.transaction() as session:
            link = await store.used(session, arrival.record)
        if link is None:
            return NoSignIn("link-over")
        if not self.links.stepping.enough(signed.auth_time if signed.stepped_up else None, now):
            return await self.signing.refuse(arrival.purpose, "too-old", "not-stepped-up", signed.account)
        try:
            profile = await self._profile(link)
        except ChatError as error:
            log.warning("decision-unknown", case=link.case, error=type(error).__name__)
            return NoSignIn("down")
        cookie = None
        if profile.refusal is None:
            async with self.database.transaction() as session:
                if await self.links.tie(session, profile, signed, now):
                    cookie = await self.signing.open(session, signed, now)
        if cookie is None:
            return await self.signing.refuse(
                arrival.purpose, "other-account", "other-account", signed.account
            )
        if link.decision == APPROVE:
            refusal = await self.deciding.approve(signed.account, link.case)
        else:
            refusal = await self.deciding.deny(signed.account, link.case, link.reason)
        if refusal is not None:
            log.info("decision-refused", case=link.case, reason=refusal)
        return Decided(link.case, link.decision, refusal or "done", cookie)

    async def _found(self, token: str) -> tuple[DecisionLink, Case] | None:
        async with self.database.transaction() as session:
            link = await store.offered(session, hashed(token), self.clock.now())
            case = await self.cases.get(session, link.case) if link else None
        if link is None or case is None or CaseState(case.state) is not CaseState.VERIFIED:
            return None
        return link, case

    async def _profile(self, link: DecisionLink) -> Profile:
        person = Person(link.platform, link.tenant, link.user)
        return await self.chats.of(person.platform).profile(person)
