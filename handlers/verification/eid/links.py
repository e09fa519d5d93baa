"""A link and a code in chat: neither half works without the other."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

import structlog

from graph.errors import GraphError
from graph.users import User
from handlers.departures import Departure, departure
from handlers.messages import Language
from handlers.ports import EidRoute
from handlers.records import Case, Invitation
from handlers.states import CaseState
from handlers.store import eid as store
from handlers.store import limits
from handlers.store.keys import EvidenceKeys, hashed
from handlers.verification.codes import ways
from handlers.verification.eid.logins import Logins
from handlers.verification.eid.parts import LINK_LIFE
from handlers.verification.opening import Opening, Refused

log = structlog.get_logger(__name__)

PROVABLE: Final = frozenset({CaseState.OPEN, CaseState.VERIFYING})
LOGINS_PER_CASE: Final = 3
CODES_PER_CASE: Final = 5
"""How often a code may be typed for one case in all: a new code does not count anew (NIST SP 800-63B-4, 3.2.2)."""
_CODES_WINDOW: Final = timedelta(days=30)
_CODE_DIGITS: Final = 6
_WINDOW: Final = timedelta(hours=1)
_TRIES_PER_ADDRESS: Final = 20


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
class Links:
    """Opens cases for people who ask in chat, and sends those who have both halves to a provider."""

    logins: Logins
    keys: EvidenceKeys
    other_ways: bool = False
    """Whether a link is of use to somebody without an eID."""

    async def invite(self, account: str, language: Language) -> Link | Refused:
        """A link to one's own case, opened if need be. An older link of the case stops working."""
        logins = self.logins
        try:
            target = await logins.accounts.directory.users.get(account)
            refusal = await self._refusal(target)
            if refusal is None and not self.other_ways and not await logins.routes(account):
                refusal = "no-route"
        except GraphError as error:
            log.warning("invite-failed", status=error.status)
            return Refused("directory-down")
        if refusal is not None:
            return Refused(refusal)
        now = logins.clock.now()
        token = secrets.token_urlsafe(32)
        code = "".join(secrets.choice("0123456789") for _ in range(_CODE_DIGITS))
        async with logins.database.transaction() as session:
            case = await Opening(logins.cases, logins.proving.standings.rules).open(
                session, target, starter=target.id, language=language, now=now
            )
            if isinstance(case, Refused):
                return case
            if CaseState(case.state) not in PROVABLE:
                return Refused("case-open")
            token_hash = hashed(token)
            invitation = Invitation(
                token_hash=token_hash,
                case=case.id,
                code_mac=self.keys.sign(_signed(token_hash, code)),
                asked_at=now,
                until=now + LINK_LIFE,
            )
            await store.invite(session, invitation)
        return Link(case, token, code, now + LINK_LIFE)

    async def look(self, token: str) -> Intent | None:
        """What a link leads to. Looking changes nothing, however often: previews and scanners do."""
        logins = self.logins
        async with logins.database.transaction() as session:
            found = await store.invitation(session, hashed(token), logins.clock.now())
            case = await logins.cases.get(session, found.case) if found else None
        if found is None or case is None or CaseState(case.state) not in PROVABLE:
            return None
        return Intent(case, found.asked_at, await logins.routes(case.target))

    async def depart(
        self, token: str, typed: str, provider: str, *, address: str, language: Language
    ) -> Departure | Refused:
        """The code was typed: use the link up and send the browser to the provider."""
        case = await self._entitled(token, typed, address=address)
        return (
            case if isinstance(case, Refused) else await self.leave(case, provider, language, hashed(token))
        )

    async def pass_link(self, token: str, typed: str, *, address: str) -> str | Refused:
        """The code was typed: use the link up. The browser may prove the case by other means: its secret for that."""
        case = await self._entitled(token, typed, address=address)
        if isinstance(case, Refused):
            return case
        now = self.logins.clock.now()
        async with self.logins.database.transaction() as session:
            if not await store.use(session, hashed(token), now):
                return Refused("link-over")
            return await ways.begin(session, case, now)

    async def _entitled(self, token: str, typed: str, *, address: str) -> Case | Refused:
        """The case of a link, for a browser that has both halves: counts each try."""
        logins = self.logins
        now, token_hash = logins.clock.now(), hashed(token)
        async with logins.database.transaction() as session:
            if not await limits.hit(session, f"link:{address}", now, _WINDOW, _TRIES_PER_ADDRESS):
                return Refused("too-many")
            found = await store.invitation(session, token_hash, now)
            case = await logins.cases.get(session, found.case) if found else None
        if found is None or case is None or CaseState(case.state) not in PROVABLE:
            return Refused("link-over")
        async with logins.database.transaction() as session:
            if not await limits.hit(session, f"link-code:{case.id}", now, _CODES_WINDOW, CODES_PER_CASE):
                return Refused("link-over")
        digits = "".join(letter for letter in typed if letter.isdigit())
        expected = self.keys.all_signatures(_signed(token_hash, digits))
        if not any(compare_digest(found.code_mac, mac) for mac in expected):
            return Refused("wrong-code")
        return case

    async def leave(
        self, case: Case, provider: str, language: Language, token_hash: str | None = None
    ) -> Departure | Refused:
        """Send the browser of a case to a provider; with ``token_hash`` a link is used up by it."""
        logins = self.logins
        try:
            if provider not in {route.name for route in await logins.routes(case.target)}:
                return Refused("no-route")
        except GraphError as error:
            log.warning("depart-failed", case=case.id, status=error.status)
            return Refused("directory-down")
        async with logins.database.transaction() as session:
            if await store.attempts(session, case.id) >= LOGINS_PER_CASE:
                return Refused("too-many-logins")
        begun = await logins.out(provider, language)
        if isinstance(begun, Refused):
            return begun
        now, (leaving, cookie_hash) = logins.clock.now(), departure(begun)
        async with logins.database.transaction() as session:
            if token_hash is not None and not await store.use(session, token_hash, now):
                return Refused("link-over")
            if case.state == CaseState.OPEN and not await logins.cases.move(
                session, case.id, CaseState.OPEN, CaseState.VERIFYING, now=now, actor=case.target
            ):
                return Refused("link-over")
            await store.begin(session, store.Begun(cookie_hash, begun.asked, case=case.id), provider)
        return leaving

    async def _refusal(self, target: User) -> str | None:
        classified = await self.logins.accounts.classify(target)
        if classified.is_unknown:
            return "directory-down"
        return None if classified.may_have_pass else "class"


def _signed(token_hash: str, code: str) -> bytes:
    """A code counts for its own link alone."""
    return f"link:{token_hash}:{code}".encode()
