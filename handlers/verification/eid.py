"""Verification by eID: a link and a code in chat, a login in the browser, and a yes or a no from the directory.

The chat proves nothing: it opens the case and is told how it stands. What counts is that the number of whoever logged
in is the number that the directory has for the account of the case.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

import structlog

from graph.errors import GraphError
from graph.users import User
from handlers.accounts import Accounts
from handlers.messages import Language
from handlers.ports import Clock, Eid, EidRoute, Identity, LoginError, LoginUnavailable
from handlers.records import Case, Invitation
from handlers.states import CaseState
from handlers.store import eid as store
from handlers.store import limits
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy
from handlers.verification.browsers import Claimed, browser_hash
from handlers.verification.opening import Opening, Refused
from handlers.verification.proving import Given, Proving

log = structlog.get_logger(__name__)

ROUTE: Final = "eid"
LINK_LIFE: Final = timedelta(minutes=15)
LOGIN_LIFE: Final = timedelta(minutes=10)
LOGINS_PER_CASE: Final = 3
CODES_PER_CASE: Final = 5
"""How often a code may be typed for one case in all: a new code does not count anew (NIST SP 800-63B-4, 3.2.2)."""
_CODE_DIGITS: Final = 6
_WINDOW: Final = timedelta(hours=1)
_TRIES_PER_ADDRESS: Final = 20
_PROVABLE: Final = frozenset({CaseState.OPEN, CaseState.VERIFYING})
_AGAIN: Final = frozenset({CaseState.VERIFIED, CaseState.APPROVED, CaseState.ISSUE_UNKNOWN})


@dataclass(frozen=True)
class Link:
    """What the chat is told: neither half works without the other, and both die with their use."""

    case: Case
    token: str = field(repr=False)
    code: str = field(repr=False)
    until: datetime


@dataclass(frozen=True)
class Intent:
    """What a link leads to, before anything has happened."""

    case: Case
    asked_at: datetime
    routes: tuple[EidRoute, ...]


@dataclass(frozen=True)
class Departure:
    """Where to send the browser, and the secret by which it is known when it comes back."""

    address: str = field(repr=False)
    cookie: str = field(repr=False)


@dataclass(frozen=True)
class ByEid:
    """Opens cases for people who ask in chat, and takes their logins."""

    database: Database
    accounts: Accounts
    cases: Cases
    proving: Proving
    keys: EvidenceKeys
    clock: Clock
    eid: Eid

    async def invite(self, account: str, language: Language) -> Link | Refused:
        """A link to one's own case, opened if need be. An older link of the case stops working."""
        try:
            target = await self.accounts.directory.users.get(account)
            refusal = await self._refusal(target)
            if refusal is None and not await self._routes(account):
                refusal = "no-route"
        except GraphError as error:
            log.warning("invite-failed", status=error.status)
            return Refused("directory-down")
        if refusal is not None:
            return Refused(refusal)
        now = self.clock.now()
        token = secrets.token_urlsafe(32)
        code = "".join(secrets.choice("0123456789") for _ in range(_CODE_DIGITS))
        async with self.database.transaction() as session:
            case = await Opening(self.cases).open(
                session, target, starter=target.id, language=language, now=now
            )
            if isinstance(case, Refused):
                return case
            if CaseState(case.state) not in _PROVABLE:
                return Refused("case-open")
            hashed = _hash(token)
            invitation = Invitation(
                token_hash=hashed,
                case=case.id,
                code_mac=self.keys.sign(_signed(hashed, code)),
                asked_at=now,
                until=now + LINK_LIFE,
            )
            await store.invite(session, invitation)
        return Link(case, token, code, now + LINK_LIFE)

    async def look(self, token: str) -> Intent | None:
        """What a link leads to. Looking changes nothing, however often: previews and scanners do."""
        async with self.database.transaction() as session:
            found = await store.invitation(session, _hash(token), self.clock.now())
            case = await self.cases.get(session, found.case) if found else None
        if found is None or case is None or CaseState(case.state) not in _PROVABLE:
            return None
        return Intent(case, found.asked_at, await self._routes(case.target))

    async def depart(
        self, token: str, typed: str, provider: str, *, address: str, language: Language
    ) -> Departure | Refused:
        """The code was typed: use the link up and send the browser to the provider."""
        now, hashed = self.clock.now(), _hash(token)
        async with self.database.transaction() as session:
            if not await limits.hit(session, f"link:{address}", now, _WINDOW, _TRIES_PER_ADDRESS):
                return Refused("too-many")
            found = await store.invitation(session, hashed, now)
            case = await self.cases.get(session, found.case) if found else None
        if found is None or case is None or CaseState(case.state) not in _PROVABLE:
            return Refused("link-over")
        async with self.database.transaction() as session:
            if not await limits.hit(
                session, f"link-code:{case.id}", now, policy.CASES_WINDOW, CODES_PER_CASE
            ):
                return Refused("link-over")
        digits = "".join(letter for letter in typed if letter.isdigit())
        expected = self.keys.all_signatures(_signed(hashed, digits))
        if not any(compare_digest(found.code_mac, mac) for mac in expected):
            return Refused("wrong-code")
        return await self._depart(case, provider, language, hashed)

    async def again(self, browser: str, provider: str, language: Language) -> Departure | Refused:
        """The proof has grown old: the browser of the case goes to the provider once more."""
        async with self.database.transaction() as session:
            case = await self.cases.by_browser_hash(session, browser_hash(browser))
        if case is None or CaseState(case.state) not in (*_PROVABLE, *_AGAIN):
            return Refused("link-over")
        return await self._depart(case, provider, language, None)

    async def come_back(
        self, provider: str, cookie: str | None, browser: str | None, query: Sequence[tuple[str, str]]
    ) -> Claimed | Refused:
        """The browser is back. Whatever is wrong with what it brings is told in the same words (``not-proved``)."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            taken = await store.take(session, _hash(cookie or ""), provider, now - LOGIN_LIFE, now)
            case = await self.cases.get(session, taken[0]) if taken else None
        if taken is None or case is None:
            return Refused("other-browser")
        try:
            identity = await self.eid.end(provider, query, taken[1], now)
            target = await self.accounts.directory.users.get(case.target)
            classified = await self.accounts.classify(target)
            same = await self.eid.matches(provider, case.target, identity.number)
        except LoginUnavailable as error:
            log.warning("eid-unavailable", case=case.id, provider=provider, reason=error.reason)
            return Refused("eid-down")
        except LoginError as refused:
            return await self._refuse(case, provider, refused.reason)
        except GraphError as error:
            log.warning("eid-check-failed", case=case.id, status=error.status)
            return Refused("directory-down")
        if classified.is_unknown:
            return Refused("directory-down")
        if not classified.may_have_pass:
            return await self._refuse(case, provider, "class")
        if not same:
            return await self._refuse(case, provider, "other-number")
        return await self._prove(case, provider, identity, browser, now)

    async def _depart(
        self, case: Case, provider: str, language: Language, token_hash: str | None
    ) -> Departure | Refused:
        try:
            if provider not in {route.name for route in await self._routes(case.target)}:
                return Refused("no-route")
            async with self.database.transaction() as session:
                if await store.attempts(session, case.id) >= LOGINS_PER_CASE:
                    return Refused("too-many-logins")
            begun = await self.eid.begin(provider, language, self.clock.now())
        except GraphError as error:
            log.warning("depart-failed", case=case.id, status=error.status)
            return Refused("directory-down")
        except LoginUnavailable as error:
            log.warning("eid-unavailable", case=case.id, provider=provider, reason=error.reason)
            return Refused("eid-down")
        now, cookie = self.clock.now(), secrets.token_urlsafe(32)
        async with self.database.transaction() as session:
            if token_hash is not None and not await store.use(session, token_hash, now):
                return Refused("link-over")
            if case.state == CaseState.OPEN and not await self.cases.move(
                session, case.id, CaseState.OPEN, CaseState.VERIFYING, now=now, actor=case.target
            ):
                return Refused("link-over")
            await store.begin(
                session, cookie_hash=_hash(cookie), case=case.id, provider=provider, asked=begun.asked
            )
        return Departure(begun.address, cookie)

    async def _prove(
        self, case: Case, provider: str, identity: Identity, browser: str | None, now: datetime
    ) -> Claimed | Refused:
        """Write the evidence; the browser that gave it is the one that may show the pass."""
        given = Given(ROUTE, identity.level, detail=self._label(provider))
        async with self.database.transaction() as session:
            claimed = await self.proving.take(session, case.id, given, browser, now)
        return claimed or Refused("other-browser")

    async def _refuse(self, case: Case, provider: str, reason: str) -> Refused:
        """A login that is no proof is a security event: written to the audit, and told to nobody in detail."""
        log.warning("eid-refused", case=case.id, provider=provider, reason=reason)
        async with self.database.transaction() as session:
            await self.cases.audit.append(
                session,
                at=self.clock.now(),
                actor=None,
                action="eid.refused",
                case=case.id,
                data={"provider": provider, "reason": reason},
            )
        return Refused("not-proved")

    async def _refusal(self, target: User) -> str | None:
        classified = await self.accounts.classify(target)
        if classified.is_unknown:
            return "directory-down"
        return None if classified.may_have_pass else "class"

    def _label(self, provider: str) -> str:
        return next(route.label[Language.NB] for route in self.eid.routes if route.name == provider)

    async def choices(self, case: Case) -> tuple[EidRoute, ...]:
        """The eIDs by which the browser of this case can prove who sits at it once more; none while nobody can tell."""
        try:
            return await self._routes(case.target)
        except GraphError as error:
            log.warning("choices-unknown", case=case.id, status=error.status)
            return ()

    async def _routes(self, account: str) -> tuple[EidRoute, ...]:
        """The providers whose population this account belongs to. Raises ``GraphError``."""
        groups = sorted({group for route in self.eid.routes for group in route.groups})
        mine = await self.accounts.directory.groups.is_member(account, groups) if groups else set()
        return tuple(route for route in self.eid.routes if not route.groups or route.groups & set(mine))


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _signed(token_hash: str, code: str) -> bytes:
    """A code counts for its own link alone."""
    return f"link:{token_hash}:{code}".encode()
