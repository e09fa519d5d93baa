"""What has to be true when a pass is made: everything that was true at the approval, read anew and at once.

Whatever cannot be read is a refusal. All of it is one request to Graph, as a rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from graph.errors import GraphError
from graph.methods import Kind
from graph.together import together
from handlers.accounts import Accounts
from handlers.alarms import Alarm
from handlers.passes.brakes import Limit, limit_of
from handlers.records import Approval, Case, Evidence
from handlers.store import approvals, evidence
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.errors import EvidenceForged
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy
from handlers.verification.proving import proofs_of
from handlers.verification.standing import Standings

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Refused:
    """No pass now, and why, by the name that the page uses."""

    reason: str
    until: datetime | None = None
    """From when on there may be one, where that is why."""


@dataclass(frozen=True)
class Ready:
    """Everything was checked: the pass may be created with this lifetime."""

    case: Case
    lifetime: timedelta
    methods: str
    """The ids of every method that is there."""
    limit: Limit
    older: tuple[str, ...] = ()
    """The pass that the account has already, whoever made it."""


@dataclass(frozen=True)
class Kept:
    """What our records say of a case: who proved what, and who decided."""

    case: Case
    rows: Sequence[Evidence]
    votes: Sequence[Approval]

    @property
    def good(self) -> Sequence[Approval]:
        """The approvals of those who had no other part in the case."""
        agents = frozenset(row.actor for row in self.rows if row.actor)
        roles = policy.Roles(self.case.target, self.case.starter, agents)
        return [vote for vote in self.votes if policy.may_approve(roles, vote.approver) is None]


@dataclass(frozen=True)
class Preflight:
    """Looks whether a case may have its pass now."""

    database: Database
    accounts: Accounts
    cases: Cases
    keys: EvidenceKeys
    lifetime: timedelta
    standings: Standings

    async def look(self, case: Case, now: datetime) -> Ready | Refused:
        """Everything that was true at the approval must be true now."""
        if (
            case.show_until is None
            or case.approved_at is None
            or not case.approved_at <= now < case.show_until
        ):
            return Refused("too-late")
        kept = await self._kept(case, now)
        if isinstance(kept, Refused):
            return kept
        try:
            async with together() as group:
                looking = group.create_task(self.standings.of(case.target))
                asking = group.create_task(self.accounts.directory.passes.policy())
                voters = [
                    group.create_task(self.accounts.approving(vote.approver, case, vote.at))
                    for vote in kept.good
                ]
            limit = await limit_of(self.standings, now)
        except GraphError as error:
            log.warning("show-check-failed", case=case.id, status=error.status, code=error.code)
            return Refused("directory-down")
        if self.accounts.directory.clock_is_off:
            return Refused("stopped-all")
        stands, rules, approvers = (
            looking.result(),
            asking.result(),
            sum(bool(each.result()) for each in voters),
        )
        if stands.standing.classified.is_unknown:
            return Refused("directory-down")
        refusal = self._proved(kept, stands.standing, approvers, now)
        if refusal is not None:
            return refusal
        looked = stands.looked
        lifetime = policy.pass_lifetime(self.lifetime, rules.minimum_lifetime, rules.maximum_lifetime)
        if lifetime is None or not rules.covers(case.target, looked.groups or ()):
            return Refused("policy")
        if looked.methods is None:
            return Refused("directory-down")
        older = tuple(method.id for method in looked.methods if method.kind is Kind.PASS)
        return Ready(case, lifetime, ",".join(method.id for method in looked.methods), limit, older)

    async def _kept(self, case: Case, now: datetime) -> Kept | Refused:
        """Read in one view: an act that somebody else writes to the audit meanwhile must not look like a break."""
        async with self.database.reading() as session:
            if not await self.cases.audit.trusted(session):
                await self._wake(Alarm.AUDIT_BROKEN, case, now)
                return Refused("directory-down")
            try:
                rows = await evidence.of_case(session, self.keys, case.id)
            except EvidenceForged:
                await self._wake(Alarm.EVIDENCE_FORGED, case, now)
                return Refused("class")
            return Kept(case, rows, await approvals.of_case(session, case.id))

    async def _wake(self, alarm: Alarm, case: Case, now: datetime) -> None:
        """Somebody has changed what this case rests on."""
        async with self.database.transaction() as session:
            await self.cases.alarms.raise_(session, alarm, now=now, case=case.id)

    def _proved(self, kept: Kept, standing: policy.Standing, approvers: int, now: datetime) -> Refused | None:
        """Evidence, its freshness, and as many approvers as are wanted who still are, and are somebody else."""
        case, votes, own, proofs = kept.case, kept.votes, self.standings.rules, proofs_of(kept.rows)
        decided_at = votes[0].at if votes else None
        verdict = policy.judge_as(standing, proofs, now, decided_at=decided_at, rules=own)
        if not verdict.enough:
            return Refused(verdict.reason if verdict.reason in ("class", "evidence-old") else "not-enough")
        if approvers < max(verdict.approvals, case.approvals_wanted):
            return Refused("approver-gone")
        waits = (case.not_before, policy.not_before(votes[-1].at, verdict.bar, self.standings.calendar))
        until = max((wait for wait in waits if wait is not None), default=None)
        if until is not None and now < until:
            return Refused("not-yet-delay", until)
        return None if policy.renewed(verdict.basis, proofs, now, own) else Refused("evidence-old")
