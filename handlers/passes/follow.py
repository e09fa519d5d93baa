"""Follows a case to its end: pass used, new method there, old one answered for; and sweeps what ran out of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Unpack

import structlog

from graph.errors import GraphError, NotFound
from graph.methods import Kind, Method
from graph.passes import Reason, TemporaryAccessPass
from handlers.accounts import Directory
from handlers.cards import Cards
from handlers.passes.issue import ANSWER_WITHIN, ATTEMPTS
from handlers.passes.unseen import Unseen
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import approvals
from handlers.store.cases import Cases, Changes
from handlers.store.database import Database
from handlers.verification.policy import EVIDENCE_AGE

log = structlog.get_logger(__name__)

_BATCH = 50
_SOON = timedelta(seconds=15)
_LATER = timedelta(minutes=5)
_OPEN_FOR = timedelta(hours=24)
_USED_FOR = timedelta(days=14)
_UNSURE = frozenset({CaseState.ISSUE_UNKNOWN, CaseState.FAILED, CaseState.STOPPED})
"""States in which a pass may be there that has to go."""
_PHONE = frozenset({Kind.AUTHENTICATOR, Kind.SOFTWARE_OATH})
"""Kinds of method that live in a lost phone. A number does not: it moves with the SIM card."""


@dataclass(frozen=True)
class Seen:
    """What Graph's list of methods says of a case."""

    new: bool
    old_left: bool


def compare(methods: Sequence[Method], before: str) -> Seen:
    """New strong methods since the pass was issued, and phone methods from before it that are still there."""
    known = set(before.split(",")) if before else set()
    return Seen(
        new=any(method.is_strong and method.id not in known for method in methods),
        old_left=any(method.kind in _PHONE and method.id in known for method in methods),
    )


@dataclass(frozen=True)
class Follow:
    """One tick looks at what is due; every replica may tick, since each move is conditional."""

    database: Database
    directory: Directory
    cases: Cases
    cards: Cards

    async def tick(self, now: datetime) -> None:
        """Look in Graph for every case whose time has come."""
        async with self.database.transaction() as session:
            due = await self.cases.to_follow(session, now, _BATCH)
        for case in due:
            try:
                await self._look(case, now)
            except GraphError as error:
                log.warning("follow-failed", case=case.id, status=error.status)
                await self._again(case, now, now + _LATER)

    async def sweep(self, now: datetime) -> None:
        """Move what ran out of time: evidence, patience, the time to press *Show*, an answer that never came."""
        async with self.database.transaction() as session:
            live = await self.cases.live(session)
        for case in live:
            after = overdue(case, now)
            if after is CaseState.VERIFYING and await self._is_half_approved(case, now):
                continue
            if after is not None:
                await self._move(case, after, now, reason="time")

    async def _is_half_approved(self, case: Case, now: datetime) -> bool:
        """The first approver decided on fresh evidence: the others have a day."""
        async with self.database.transaction() as session:
            votes = await approvals.of_case(session, case.id)
            return bool(votes) and now - votes[0].at <= _OPEN_FOR

    async def _look(self, case: Case, now: datetime) -> None:
        if case.state == CaseState.ISSUED:
            await self._look_for_use(case, now)
        elif case.state == CaseState.USED:
            await self._look_for_method(case, now)
        else:
            cleared = case.state not in _UNSURE or await self._clear(case)
            await self._again(case, now, None if cleared else now + _SOON)

    async def _clear(self, case: Case) -> bool:
        """Nothing of this case may live on: neither a pass that nobody saw nor, once it is stopped, the one shown."""
        unseen = Unseen(self.database, self.cases, self.directory.passes)
        if case.state == CaseState.STOPPED and case.pass_id is not None:
            await unseen.take_back(case, case.pass_id)
        return await unseen.clear(case)

    async def _look_for_use(self, case: Case, now: datetime) -> None:
        found = await self._pass(case.target, case.pass_id or "")
        if found is None:
            await self._move(case, CaseState.EXPIRED, now, reason="pass-gone")
        elif found.reason is Reason.USED:
            await self._move(case, CaseState.USED, now, used_at=now, follow_at=now)
        elif found.reason is Reason.EXPIRED:
            await self._move(case, CaseState.EXPIRED, now, reason="pass-expired")
        else:
            await self._again(case, now, now + _SOON)

    async def _look_for_method(self, case: Case, now: datetime) -> None:
        seen = compare(await self.directory.methods.list(case.target), case.methods_before)
        if seen.new and (case.old_kept or not seen.old_left):
            await self._move(case, CaseState.CLOSED, now)
        else:
            await self._again(case, now, now + _SOON)

    async def _pass(self, account: str, pass_id: str) -> TemporaryAccessPass | None:
        try:
            return await self.directory.passes.get(account, pass_id)
        except NotFound:
            return None

    async def _move(
        self, case: Case, after: CaseState, now: datetime, *, reason: str = "", **changes: Unpack[Changes]
    ) -> None:
        if after in _UNSURE:
            changes["follow_at"] = now
        async with self.database.transaction() as session:
            moved = await self.cases.move(
                session,
                case.id,
                CaseState(case.state),
                after,
                now=now,
                actor=None,
                reason=reason,
                expected={"state_at": case.state_at},
                **changes,
            )
            if moved is not None:
                await self.cards.tell(session, moved, now)

    async def _again(self, case: Case, now: datetime, at: datetime | None) -> None:
        """Look again at a time, or not at all; back off from seconds to minutes as the case grows old."""
        if at is not None and now - case.state_at > timedelta(minutes=30):
            at = max(at, now + _LATER)
        async with self.database.transaction() as session:
            await self.cases.change(session, case.id, CaseState(case.state), {}, follow_at=at)


def overdue(case: Case, now: datetime) -> CaseState | None:
    """Where a case belongs that has waited too long where it is, if so."""
    waited = now - case.state_at
    match CaseState(case.state):
        case CaseState.OPEN | CaseState.VERIFYING:
            return CaseState.EXPIRED if waited > _OPEN_FOR else None
        case CaseState.VERIFIED:
            return CaseState.VERIFYING if waited > EVIDENCE_AGE else None
        case CaseState.APPROVED:
            late = case.show_until is not None and now >= case.show_until
            return CaseState.EXPIRED if late else None
        case CaseState.ISSUING:
            lost = case.issuing_at is not None and now - case.issuing_at > ANSWER_WITHIN
            if not lost:
                return None
            return CaseState.ISSUE_UNKNOWN if case.issue_attempt < ATTEMPTS else CaseState.FAILED
        case CaseState.ISSUE_UNKNOWN:
            return CaseState.FAILED if case.show_until is None or now >= case.show_until else None
        case CaseState.USED:
            return CaseState.EXPIRED if waited > _USED_FOR else None
        case _:
            return None
