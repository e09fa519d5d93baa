"""The routes by a code: what a case is offered, the code that is asked for, and the code that is typed.

Nothing that a browser sees tells whether an address is on file or how old it is: the look-up and the sending happen
aside, after a reply that is the same for everybody. Every code that does not work is told in the same words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import GraphError
from handlers.ports import Clock
from handlers.records import Case, RecoveryCode, SentCode
from handlers.relay.hours import Opens, opening
from handlers.rollout.when import Calendar
from handlers.states import CaseState
from handlers.store import codes as store
from handlers.store import evidence, limits
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.errors import EvidenceForged
from handlers.verification.browsers import Claimed, browser_hash
from handlers.verification.codes import ways
from handlers.verification.codes.aside import Aside
from handlers.verification.codes.recovery import Recovery, normal
from handlers.verification.codes.sending import DIGITS, Sending, facts
from handlers.verification.opening import Refused
from handlers.verification.policy import Route, RouteKind, Rules
from handlers.verification.proving import Given, Proving
from handlers.verification.standing import Stands

log = structlog.get_logger(__name__)

TRIES_PER_CASE: Final = 5
"""How often a code may be typed for one case in all: a new code does not count anew (NIST SP 800-63B-4, 3.2.2)."""
SENDS_PER_CASE: Final = 3
SENDS_PER_ADDRESS: Final = 10
TRIES_PER_ADDRESS: Final = 20
_WINDOW: Final = timedelta(hours=1)
_CASE_WINDOW: Final = timedelta(days=30)
"""Longer than any case lives."""
_PROVABLE: Final = frozenset({CaseState.OPEN, CaseState.VERIFYING})
_AGAIN: Final = frozenset({CaseState.APPROVED, CaseState.ISSUE_UNKNOWN})
_SAVED: Final = "saved"
_WRONG: Final = Refused("wrong-code")


@dataclass(frozen=True)
class Asked:
    """A case that this browser may give a code for, and the routes by which."""

    case: Case
    routes: tuple[Route, ...]

    @property
    def sendable(self) -> tuple[Route, ...]:
        """Those whose code is sent on demand."""
        return tuple(route for route in self.routes if route.address != _SAVED)

    @property
    def saved(self) -> Route | None:
        """The one whose code the owner has saved."""
        return next((route for route in self.routes if route.address == _SAVED), None)


class _Undone(Exception):
    """The proof was not taken, so the code that gave it is not used up either."""


@dataclass(frozen=True)
class _Right:
    """What a typed code turned out to be, and the route it belongs to."""

    row: SentCode | RecoveryCode
    route: Route


@dataclass(frozen=True)
class Codes:
    """Takes requests for codes and codes from two kinds of browser.

    One is bound to a case, and the other is on its way (``ways``): it has no more than the chat's link and code.
    """

    database: Database
    cases: Cases
    proving: Proving
    clock: Clock
    rules: Rules
    calendar: Calendar
    sending: Sending
    recovery: Recovery | None
    """Where owners can sign in to make a code; without it there are no saved ones."""
    aside: Aside

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes that are switched on, whoever they are for."""
        return tuple(
            route for route in self.rules.routes if route.kind is RouteKind.CODE and self._serves(route)
        )

    async def offered(self, case: Case) -> tuple[Route, ...]:
        """The routes by which this case can be proved, or proved again, now. Says nothing about its owner."""
        async with self.database.reading() as session:
            return await self._offered(session, case, self.clock.now())

    async def look(self, browser: str | None, way: str | None) -> Asked | Refused:
        """What this browser may give a code for. Looking changes nothing."""
        async with self.database.reading() as session:
            return await self._asked(session, browser, way, self.clock.now())

    async def send(self, name: str, browser: str | None, way: str | None, *, address: str) -> Asked | Refused:
        """Have a code sent by the route of this name. What it says does not depend on whether there is an address.

        ``other-browser``, ``link-over``, ``too-many``, ``no-more``, or ``no-route`` for a name that is not offered.
        """
        now = self.clock.now()
        async with self.database.transaction() as session:
            if not await limits.hit(session, f"code-send:{address}", now, _WINDOW, SENDS_PER_ADDRESS):
                return Refused("too-many")
            asked = await self._asked(session, browser, way, now)
        if isinstance(asked, Refused):
            return asked
        route = next((each for each in asked.sendable if each.name == name), None)
        if route is None:
            return Refused("no-route")
        async with self.database.transaction() as session:
            subject = f"code-sends:{asked.case.id}"
            if not await limits.hit(session, subject, now, _CASE_WINDOW, SENDS_PER_CASE):
                return Refused("no-more")
        await self._begin(asked.case, now)
        self.aside.do(self.sending.send(asked.case, route))
        return asked

    async def take(
        self, typed: str, browser: str | None, way: str | None, *, address: str
    ) -> Claimed | Refused:
        """Take a typed code: writes the evidence, and binds a browser that was on its way.

        One that is wrong, over, used, of another case, or typed too often is told in the same words (``wrong-code``).
        """
        now = self.clock.now()
        async with self.database.transaction() as session:
            if not await limits.hit(session, f"code-try:{address}", now, _WINDOW, TRIES_PER_ADDRESS):
                return Refused("too-many")
            asked = await self._asked(session, browser, way, now)
        if isinstance(asked, Refused):
            return asked
        try:
            stands = await self.proving.standing(asked.case.target)
        except GraphError as error:
            log.warning("code-check-failed", case=asked.case.id, status=error.status)
            return Refused("directory-down")
        standing = stands.standing
        if standing.classified.is_unknown:
            return Refused("directory-down")
        async with self.database.transaction() as session:
            subject = f"code-tries:{asked.case.id}"
            counted = await limits.hit(session, subject, now, _CASE_WINDOW, TRIES_PER_CASE)
            right = await self._right(session, asked, normal(typed), now)
        if not counted:
            return await self._refuse(asked.case, "tries")
        if right is None:
            return await self._refuse(asked.case, "code")
        if not standing.classified.may_have_pass:
            return await self._refuse(asked.case, "class")
        return await self._prove(asked.case, right, browser, stands, now, address) or _WRONG

    async def _asked(
        self, session: AsyncSession, browser: str | None, way: str | None, now: datetime
    ) -> Asked | Refused:
        """The case of a bound browser; else the one that the browser is on its way to, if none other is bound."""
        bound = await self.cases.by_browser_hash(session, browser_hash(browser)) if browser else None
        if bound is not None and not CaseState(bound.state).ended:
            return Asked(bound, await self._offered(session, bound, now))
        case = await ways.case_of(session, self.cases, way, now) if way else None
        if case is None:
            return Refused("other-browser" if way is None else "link-over")
        if CaseState(case.state) not in _PROVABLE:
            return Refused("link-over")
        fresh = await self._fresh(session, case, now)
        if case.browser_hash is not None and fresh:
            return Refused("other-browser")
        return Asked(case, await self._offered(session, case, now))

    async def _offered(self, session: AsyncSession, case: Case, now: datetime) -> tuple[Route, ...]:
        at_work = opening(self.calendar, now).opens is Opens.NOW
        on = tuple(route for route in self.routes if at_work or not route.staffed_hours)
        state = CaseState(case.state)
        if state in _PROVABLE:
            return on
        if state not in _AGAIN:
            return ()
        try:
            rows = await evidence.of_case(session, self.proving.keys, case.id)
        except EvidenceForged:
            await self.cases.forged(session, case.id, now)
            return ()
        used = {row.route for row in rows}
        again = tuple(route for route in on if route.name in used)
        names = {route.name for route in again}
        fresh = any(row.route in names and now - row.at <= self.rules.evidence_age for row in rows)
        return () if fresh else again

    async def _fresh(self, session: AsyncSession, case: Case, now: datetime) -> bool:
        """Whether proofs stand that still count. Forged ones count, so that nobody gets in by forging."""
        try:
            rows = await evidence.of_case(session, self.proving.keys, case.id)
        except EvidenceForged:
            await self.cases.forged(session, case.id, now)
            return True
        return any(now - row.at <= self.rules.evidence_age for row in rows)

    async def _right(self, session: AsyncSession, asked: Asked, code: str, now: datetime) -> _Right | None:
        """What this code is, if it is one of the case's own and of a route that is offered."""
        sent = {route.name: route for route in asked.sendable}
        if len(code) == DIGITS:
            for row in await store.live(session, asked.case.id, now):
                macs = self.proving.keys.all_signatures(facts(row, code))
                if any(compare_digest(row.code_mac, mac) for mac in macs) and row.route in sent:
                    return _Right(row, sent[row.route])
            return None
        if asked.saved is None or self.recovery is None:
            return None
        saved = await self.recovery.right(session, asked.case, code)
        return _Right(saved, asked.saved) if saved is not None else None

    async def _prove(
        self, case: Case, right: _Right, browser: str | None, stands: Stands, now: datetime, address: str
    ) -> Claimed | None:
        """Use the code up and write the evidence, both or neither."""
        await self._begin(case, now)
        row, route = right.row, right.route
        detail = row.detail if isinstance(row, SentCode) else row.created_at.date().isoformat()
        given = Given(route.name, route.level, detail=detail, address=address)
        try:
            async with self.database.transaction() as session:
                if not await self._use(session, case, row, now):
                    return None
                claimed = await self.proving.take(session, case.id, given, browser, now, stands)
                if claimed is None:
                    raise _Undone
        except _Undone:
            return None
        return claimed

    async def _use(
        self, session: AsyncSession, case: Case, row: SentCode | RecoveryCode, now: datetime
    ) -> bool:
        if isinstance(row, SentCode):
            return row.id is not None and await store.use(session, row.id, now)
        return self.recovery is not None and await self.recovery.use(session, case, row, now)

    async def _begin(self, case: Case, now: datetime) -> None:
        """Somebody has begun to prove it."""
        if case.state == CaseState.OPEN:
            async with self.database.transaction() as session:
                await self.cases.move(
                    session, case.id, CaseState.OPEN, CaseState.VERIFYING, now=now, actor=case.target
                )

    async def _refuse(self, case: Case, reason: str) -> Refused:
        """A wrong code is a security event: in the audit, and told to nobody in detail."""
        log.warning("code-refused", case=case.id, reason=reason)
        async with self.database.transaction() as session:
            await self.cases.audit.append(
                session,
                at=self.clock.now(),
                actor=None,
                action="code.refused",
                case=case.id,
                data={"reason": reason},
            )
        return _WRONG

    def _serves(self, route: Route) -> bool:
        if route.address == _SAVED:
            return self.recovery is not None
        return self.sending.serves(route.address)
