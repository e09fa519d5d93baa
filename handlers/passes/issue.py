"""Issues a pass: the one place from which the create goes to Microsoft Graph.

Order matters. Everything is checked anew, the state ``issuing`` is committed, then the create is sent, then
the answer is committed, and only then is the pass handed to the page. A create without an answer is an
unknown outcome: look first, delete what nobody saw, then one more try, by the next *Show* press.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from graph.errors import (
    GraphError,
    OutcomeUnknown,
    Throttled,
    TokenError,
    Unauthorized,
    Unavailable,
    Unreadable,
)
from graph.passes import CreatedPass, PassPolicy
from graph.secret import Secret
from graph.side_by_side import side_by_side
from handlers.accounts import Accounts
from handlers.cards import Cards
from handlers.passes import trial
from handlers.passes.brakes import Brakes, Limit, limit_of
from handlers.passes.unseen import Unseen
from handlers.ports import Clock
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import approvals, evidence
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy
from handlers.verification.browsers import browser_hash
from handlers.verification.proving import proofs_of
from handlers.verification.standing import Standings

log = structlog.get_logger(__name__)

ANSWER_WITHIN = timedelta(seconds=65)
"""Graph gives up a request after 60 s; an ``issuing`` older than this has lost its answer."""
ATTEMPTS = 2
_FOLLOW_AFTER = timedelta(seconds=10)


@dataclass(frozen=True)
class Refused:
    """No pass now, and why, by the name that the page uses."""

    reason: str
    until: datetime | None = None
    """From when on there may be one, where that is why."""


@dataclass(frozen=True)
class Shown:
    """The pass, for the one response that shows it. ``code`` masks itself."""

    case: Case
    code: Secret
    expires_at: datetime
    usable: bool


@dataclass(frozen=True)
class Ready:
    """Everything was checked: the pass may be created with this lifetime."""

    case: Case
    lifetime: timedelta
    methods: str
    limit: Limit


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

    @property
    def unseen(self) -> Unseen:
        """What takes passes back."""
        return Unseen(self.database, self.cases, self.accounts.directory.passes)

    @property
    def brakes(self) -> Brakes:
        """What stops passes for everybody."""
        return Brakes(self.cases.audit, self.cards.channel)

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
        ready = await self._check(case)
        if isinstance(ready, Refused):
            log.info("show-refused", case=case.id, reason=ready.reason)
            return ready
        issuing = await self._begin(ready)
        if isinstance(issuing, Refused):
            log.info("show-refused", case=case.id, reason=issuing.reason)
            return issuing
        return await self._create(issuing, ready.lifetime)

    async def _check(self, case: Case) -> Ready | Refused:
        """Everything that was true at the approval must be true now, read live."""
        now = self.clock.now()
        if (
            case.show_until is None
            or case.approved_at is None
            or not case.approved_at <= now < case.show_until
        ):
            return Refused("too-late")
        try:
            async with side_by_side() as group:
                looking = group.create_task(self.standings.of(case.target))
                asking = group.create_task(self.accounts.directory.passes.policy())
            stands, rules = looking.result(), asking.result()
            if stands.standing.classified.is_unknown:
                return Refused("directory-down")
            async with side_by_side() as group:
                scoped = group.create_task(self._in_scope(rules, case.target))
                proved = group.create_task(self._proved(case, stands.standing, now))
                limited = group.create_task(limit_of(self.standings, now))
            in_scope, refusal, limit = scoped.result(), proved.result(), limited.result()
        except GraphError as error:
            log.warning("show-check-failed", case=case.id, status=error.status, code=error.code)
            return Refused("directory-down")
        if self.accounts.directory.clock_is_off:
            return Refused("stopped-all")
        lifetime = policy.pass_lifetime(self.lifetime, rules.minimum_lifetime, rules.maximum_lifetime)
        if refusal is not None:
            return refusal
        if lifetime is None or not in_scope:
            return Refused("policy")
        if stands.looked.methods is None:
            return Refused("directory-down")
        return Ready(case, lifetime, ",".join(method.id for method in stands.looked.methods), limit)

    async def _proved(self, case: Case, standing: policy.Standing, now: datetime) -> Refused | None:
        """Evidence, its freshness, and approvers who still are approvers and still are somebody else.

        Read in one view: an act that somebody else writes to the audit meanwhile must not look like a break.
        """
        async with self.database.reading() as session:
            if not await self.cases.audit.trusted(session):
                log.critical("audit-broken", case=case.id)
                return Refused("directory-down")
            try:
                rows = await evidence.of_case(session, self.keys, case.id)
            except EvidenceForged:
                log.critical("evidence-forged", case=case.id)
                return Refused("class")
            votes = await approvals.of_case(session, case.id)
        proofs, own = proofs_of(rows), self.standings.rules
        decided_at = votes[0].at if votes else None
        verdict = policy.judge_as(standing, proofs, now, decided_at=decided_at, rules=own)
        if not verdict.enough:
            return Refused(verdict.reason if verdict.reason in ("class", "evidence-old") else "not-enough")
        agents = frozenset(row.actor for row in rows if row.actor)
        roles = policy.Roles(case.target, case.starter, agents)
        good = [vote for vote in votes if policy.may_approve(roles, vote.approver) is None]
        async with side_by_side() as group:
            may = [group.create_task(self.accounts.is_approver(vote.approver)) for vote in good]
        if sum(each.result() for each in may) < max(verdict.approvals, case.approvals_wanted):
            return Refused("approver-gone")
        waits = (case.not_before, policy.not_before(votes[-1].at, verdict.bar, self.standings.calendar))
        until = max((wait for wait in waits if wait is not None), default=None)
        if until is not None and now < until:
            return Refused("not-yet-delay", until)
        return None if policy.renewed(verdict.basis, proofs, now, own) else Refused("evidence-old")

    async def _in_scope(self, rules: PassPolicy, account: str) -> bool:
        """Whether the tenant's policy lets this account sign in with a pass."""
        mine = (
            await self.accounts.directory.groups.is_member(account, rules.groups) if rules.groups else set()
        )
        return rules.covers(account, mine)

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

    async def _create(self, case: Case, lifetime: timedelta) -> Shown | Refused:
        try:
            created = await self.accounts.directory.passes.create(case.target, lifetime)
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

    async def stop(self, case: Case, actor: str) -> bool:
        """ "It wasn't me", or "I don't need it": end the case, then take back its pass if it has one.

        Whatever Graph does not let us take back now is looked for again, until it does.
        """
        now = self.clock.now()
        async with self.database.transaction() as session:
            locked = await self.cases.locked(session, case.id)
            if locked is None or CaseState(locked.state).ended:
                return False
            moved = await self.cases.move(
                session,
                case.id,
                CaseState(locked.state),
                CaseState.STOPPED,
                now=now,
                actor=actor,
                follow_at=now if locked.issuing_at is not None else None,
            )
            if moved is not None:
                await self.cards.tell(session, moved, now)
        if moved is not None and moved.pass_id is not None:
            await self.take_back(moved, moved.pass_id)
        return moved is not None

    async def keep_old(self, case: Case) -> None:
        """The requester says that the old phone is to stay: nothing then waits for its removal."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            await self.cases.note(
                session,
                case.id,
                CaseState.USED,
                "case.keep-old",
                now=now,
                actor=case.target,
                old_kept=True,
                follow_at=now,
            )
