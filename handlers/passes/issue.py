"""Issues a pass: the one place from which the create goes to Microsoft Graph.

Order matters. Everything is checked anew, the state ``issuing`` is committed, then the create is sent, then
the answer is committed, and only then is the pass handed to the page. A create without an answer is an
unknown outcome: look first, delete what nobody saw, then one more try, by the next *Show* press.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from graph.errors import (
    BadRequest,
    GraphError,
    NotFound,
    OutcomeUnknown,
    Throttled,
    TokenError,
    Unauthorized,
    Unavailable,
    Unreadable,
)
from graph.passes import CreatedPass
from graph.secret import Secret
from handlers.accounts import Accounts
from handlers.cards import Cards
from handlers.passes import trial
from handlers.passes.brakes import Brakes
from handlers.passes.preflight import Preflight, Ready, Refused
from handlers.passes.unseen import Unseen
from handlers.ports import Clock
from handlers.records import Case
from handlers.states import CaseState
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import EvidenceKeys
from handlers.verification.browsers import browser_hash
from handlers.verification.standing import Standings

log = structlog.get_logger(__name__)

ANSWER_WITHIN = timedelta(seconds=65)
"""Graph gives up a request after 60 s; an ``issuing`` older than this has lost its answer."""
ATTEMPTS = 2
_FOLLOW_AFTER = timedelta(seconds=10)


@dataclass(frozen=True)
class Shown:
    """The pass, for the one response that shows it. ``code`` masks itself."""

    case: Case
    code: Secret
    expires_at: datetime
    usable: bool


@dataclass(frozen=True)
class Issue:
    """Shows the pass of a case to the browser that gave the proof."""

    database: Database
    accounts: Accounts
    cases: Cases
    cards: Cards
    keys: EvidenceKeys
    clock: Clock
    lifetime: timedelta
    standings: Standings
    evaluation: bool = False
    """Everything runs, and no pass is made."""
    ending_sessions: bool = False
    """Whether every session of the account ends before it gets its pass."""

    @property
    def unseen(self) -> Unseen:
        """What takes passes back."""
        return Unseen(self.database, self.cases, self.accounts.directory.passes)

    @property
    def preflight(self) -> Preflight:
        """What has to be true now, and is read live."""
        return Preflight(self.database, self.accounts, self.cases, self.keys, self.lifetime, self.standings)

    @property
    def brakes(self) -> Brakes:
        """What stops passes for everybody."""
        return Brakes(self.cases.audit, self.cards.channels, self.cases.alarms)

    async def of_browser(self, browser: str) -> Case | None:
        """The case that is bound to this browser."""
        async with self.database.transaction() as session:
            return await self.cases.by_browser_hash(session, browser_hash(browser))

    async def show(self, browser: str) -> Shown | Refused:
        """The *Show* press. Exactly one press gets a pass; every other one gets a refusal."""
        case = await self.of_browser(browser)
        if case is None:
            return Refused("other-browser")
        if case.state == CaseState.ISSUE_UNKNOWN:
            looked = await self._clear(case)
            if looked is not None:
                return looked
        elif case.state != CaseState.APPROVED:
            return Refused("not-yet")
        ready = await self.preflight.look(case, self.clock.now())
        if isinstance(ready, Refused):
            log.info("show-refused", case=case.id, reason=ready.reason)
            return ready
        issuing = await self._begin(ready)
        if isinstance(issuing, Refused):
            log.info("show-refused", case=case.id, reason=issuing.reason)
            return issuing
        return await self._create(issuing, ready)

    async def _begin(self, ready: Ready) -> Case | Refused:
        """Commit ``issuing`` before the create: whoever comes second finds the case moved, or passes stopped."""
        now, case = self.clock.now(), ready.case
        async with self.database.transaction() as session:
            asked = await self.brakes.ask(session, ready.limit)
            if not asked.may:
                await self.brakes.tell(session, asked, now)
                return Refused("stopped-all")
            if self.evaluation:
                done = await trial.end(session, self.cases, self.cards, case, now)
                return Refused("evaluation" if done else "not-yet")
            issuing = await self.cases.move(
                session,
                case.id,
                CaseState(case.state),
                CaseState.ISSUING,
                now=now,
                actor=case.target,
                expected={"browser_hash": case.browser_hash, "issue_attempt": case.issue_attempt},
                issue_attempt=case.issue_attempt + 1,
                issuing_at=now,
                methods_before=ready.methods,
            )
            if issuing is None:
                return Refused("not-yet")
            await self.brakes.tell(session, asked, now)
        return issuing

    async def _create(self, case: Case, ready: Ready) -> Shown | Refused:
        try:
            created = await self._make(case, ready)
        except (OutcomeUnknown, Unreadable):
            return await self._unknown(case)
        except (Throttled, Unavailable, Unauthorized, TokenError) as error:
            await self._end(case, CaseState.APPROVED, f"not-executed-{error.status}")
            return Refused("directory-down")
        except GraphError as error:
            log.error("pass-refused", case=case.id, status=error.status, code=error.code)
            await self._end(case, CaseState.FAILED, f"graph-{error.status}")
            return Refused("failed")
        return await self._issued(case, created)

    async def _make(self, case: Case, ready: Ready) -> CreatedPass:
        """A new pass. An older one ends by it, or goes before it where Graph wants that: a refusal made nothing."""
        passes = self.accounts.directory.passes
        try:
            return await passes.create(case.target, ready.lifetime, ending_sessions=self.ending_sessions)
        except BadRequest:
            if not ready.older:
                raise
        for older in ready.older:
            with suppress(NotFound):
                await passes.delete(case.target, older)
        log.info("older-pass-deleted", case=case.id)
        return await passes.create(case.target, ready.lifetime, ending_sessions=self.ending_sessions)

    async def _issued(self, case: Case, created: CreatedPass) -> Shown | Refused:
        now = self.clock.now()
        made = created.pass_
        async with self.database.transaction() as session:
            moved = await self.cases.move(
                session,
                case.id,
                CaseState.ISSUING,
                CaseState.ISSUED,
                now=now,
                actor=case.target,
                expected={"issue_attempt": case.issue_attempt},
                pass_id=made.id,
                issued_at=now,
                pass_expires_at=made.expires,
                follow_at=now + _FOLLOW_AFTER,
            )
            if moved is not None:
                await self.cards.tell(session, moved, now)
        if moved is None:
            log.warning("issued-too-late", case=case.id)
            await self.take_back(case, made.id)
            return Refused("not-yet")
        return Shown(moved, created.code, made.expires, made.usable)

    async def _unknown(self, case: Case) -> Refused:
        after = CaseState.ISSUE_UNKNOWN if case.issue_attempt < ATTEMPTS else CaseState.FAILED
        if after is CaseState.FAILED:
            log.critical("issue-unknown-twice", case=case.id)
        await self._end(case, after, "no-answer")
        await self._clear(case)
        return Refused("unknown" if after is CaseState.ISSUE_UNKNOWN else "failed")

    async def _end(self, case: Case, after: CaseState, reason: str) -> None:
        """The attempt is over without a pass. One that was never executed does not count."""
        now, executed = self.clock.now(), after is not CaseState.APPROVED
        async with self.database.transaction() as session:
            moved = await self.cases.move(
                session,
                case.id,
                CaseState.ISSUING,
                after,
                now=now,
                actor=None,
                reason=reason,
                expected={"issue_attempt": case.issue_attempt},
                issue_attempt=case.issue_attempt if executed else case.issue_attempt - 1,
                follow_at=now if executed else None,
            )
            if moved is not None:
                await self.cards.tell(session, moved, now)

    async def _clear(self, case: Case) -> Refused | None:
        """Look before a second try."""
        try:
            done = await self.unseen.clear(case)
        except GraphError as error:
            log.warning("look-failed", case=case.id, status=error.status)
            return Refused("directory-down")
        return None if done else Refused("not-yet")

    async def take_back(self, case: Case, pass_id: str) -> None:
        """At once if Graph answers; if not, following the case does it later."""
        try:
            await self.unseen.take_back(case, pass_id)
        except GraphError as error:
            log.warning("take-back-failed", case=case.id, status=error.status)
