"""Follows a case to its end: pass used, new method there, old one answered for; and sweeps what ran out of time."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Unpack

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import GraphError, NotFound
from graph.methods import Method
from graph.passes import Reason, TemporaryAccessPass
from handlers.accounts import Directory
from handlers.cards import Cards
from handlers.passes import finishing, old_phones
from handlers.passes.finishing import Seen
from handlers.passes.issue import ANSWER_WITHIN, ATTEMPTS
from handlers.passes.unseen import Unseen
from handlers.records import Case, OldMethod
from handlers.states import CaseState, Finding
from handlers.store import approvals, old_methods
from handlers.store.cases import Cases, Changes
from handlers.store.database import Database
from handlers.verification.policy import EVIDENCE_AGE

log = structlog.get_logger(__name__)

_BATCH: Final = 50
_LEASE: Final = timedelta(minutes=4)
"""How long whoever looks has for it, before somebody else does: longer than Graph's client tries."""
_SOON: Final = timedelta(seconds=15)
_OPEN_FOR: Final = timedelta(hours=24)
_USED_FOR: Final = timedelta(days=14)
_UNSURE: Final = frozenset({CaseState.ISSUE_UNKNOWN, CaseState.FAILED, CaseState.STOPPED})
"""States in which a pass may be there that has to go."""
_OVER: Final = frozenset({CaseState.EXPIRED, CaseState.CLOSED})
"""Ends at which the pass of the case may be left over."""


@dataclass(frozen=True)
class Follow:
    """One tick looks at what is due. Every replica may tick: a case is looked at by whoever claims it first."""

    database: Database
    directory: Directory
    cases: Cases
    cards: Cards

    async def tick(self, now: datetime) -> None:
        """Look in Graph for every case whose time has come."""
        async with self.database.transaction() as session:
            due = await self.cases.to_follow(session, now, _BATCH)
        for each in due:
            case = await self._claim(each, now)
            if case is None:
                continue
            try:
                await self._look(case, now)
            except GraphError as error:
                log.warning("follow-failed", case=case.id, status=error.status)
                await self._again(case, finishing.after_trouble(case, now))

    async def sweep(self, now: datetime) -> None:
        """Move what ran out of time: evidence, patience, the time to press *Show*, an answer that never came."""
        async with self.database.transaction() as session:
            live = await self.cases.live(session)
        for case in live:
            after = overdue(case, now)
            if after is CaseState.VERIFYING and await self._is_half_approved(case, now):
                continue
            if after is not None and case.state == CaseState.USED:
                found = Finding.UNANSWERED if case.registered_at else Finding.UNREGISTERED
                await self._move(case, after, now, reason="time", found=found)
            elif after is not None:
                await self._move(case, after, now, reason="time")

    async def _is_half_approved(self, case: Case, now: datetime) -> bool:
        """The first approver decided on fresh evidence: the others have a day."""
        async with self.database.transaction() as session:
            votes = await approvals.of_case(session, case.id)
            return bool(votes) and now - votes[0].at <= _OPEN_FOR

    async def _claim(self, case: Case, now: datetime) -> Case | None:
        """The case, if nobody else looks at it just now; should we die, somebody does when the lease is over."""
        async with self.database.transaction() as session:
            state, expected = CaseState(case.state), {"follow_at": case.follow_at}
            return await self.cases.change(session, case.id, state, expected, follow_at=now + _LEASE)

    async def _look(self, case: Case, now: datetime) -> None:
        match CaseState(case.state):
            case CaseState.ISSUED:
                await self._look_for_use(case, now)
            case CaseState.USED:
                await self._look_for_method(case, now)
            case state if state in _UNSURE:
                await self._again(case, None if await self._clear(case) else now + _SOON)
            case state if state in _OVER:
                await self._leave_no_pass(case)
                await self._again(case, None)
            case _:
                await self._again(case, None)

    async def _clear(self, case: Case) -> bool:
        """Nothing of this case may live on: neither a pass that nobody saw nor, once it is stopped, the one shown."""
        unseen = Unseen(self.database, self.cases, self.directory.passes)
        if case.state == CaseState.STOPPED and case.pass_id is not None:
            await unseen.take_back(case, case.pass_id)
        return await unseen.clear(case)

    async def _leave_no_pass(self, case: Case) -> None:
        """Delete what is left of the pass. A used one works no more, and with it would go what began by it."""
        found = await self._pass(case)
        if found is not None and found.reason is not Reason.USED:
            unseen = Unseen(self.database, self.cases, self.directory.passes)
            await unseen.take_back(case, found.id)

    async def _look_for_use(self, case: Case, now: datetime) -> None:
        finding = finishing.of_pass(await self._pass(case), now)
        if finding in (Finding.UNUSED, Finding.GONE):
            # It may have been used while nobody looked, and have run out since.
            if finishing.compare(await self._methods(case), case).new is None:
                await self._move(case, CaseState.EXPIRED, now, reason=f"pass-{finding}", found=finding)
                return
            finding = Finding.USED
        if finding is Finding.USED:
            until = finishing.register_until(case, now)
            await self._move(
                case, CaseState.USED, now, used_at=now, register_until=until, found=finding, follow_at=now
            )
            return
        async with self.database.transaction() as session:
            noted = await self._note(session, case, finishing.next_look(case, now), found=finding)
            if noted is not None and finding is Finding.POLICY and case.found != finding:
                await self.cards.news(session, noted, now)

    async def _look_for_method(self, case: Case, now: datetime) -> None:
        """The new method, then what became of the old ones; or nothing came of the pass."""
        methods = await self._methods(case)
        seen = finishing.compare(methods, case)
        if case.registered_at is None and seen.new is None and finishing.is_too_late(case, now):
            await self._move(case, CaseState.EXPIRED, now, reason="no-method", found=Finding.UNREGISTERED)
            return
        async with self.database.transaction() as session:
            held = await self.cases.locked(session, case.id)
            if held is None or held.state != CaseState.USED or held.state_at != case.state_at:
                return
            if seen.new is not None and held.registered_at is None:
                held = await self._registered(session, held, seen.new, seen, now)
            rows = await old_phones.looked(session, self.cases, held, methods, now)
            is_done = held.registered_at is not None and (
                held.old_kept or all(old_phones.is_answered(row) for row in rows)
            )
            if is_done and seen.new is not None:
                await self._close(session, held, rows, seen, now)
            else:
                await self._note(session, case, finishing.next_look(case, now))

    async def _registered(
        self, session: AsyncSession, case: Case, new: Method, seen: Seen, now: datetime
    ) -> Case:
        """Write down that it is there, with what is left of the old phone; ask what is to become of that."""
        noted = await self.cases.change(
            session,
            case.id,
            CaseState.USED,
            {},
            registered_at=now,
            registered_kind=new.kind,
            registered_name=old_phones.called(new),
            found=Finding.REGISTERED,
        )
        data = {"kind": str(new.kind)}
        await self.cases.audit.append(
            session, at=now, actor=None, action="case.registered", case=case.id, data=data
        )
        if noted is None or noted.old_kept:
            return noted or case
        await old_methods.remember(session, old_phones.rows_of(case, seen.old))
        await old_phones.show(session, noted, now)
        return noted

    async def _close(
        self, session: AsyncSession, case: Case, rows: list[OldMethod], seen: Seen, now: datetime
    ) -> None:
        gone = {row.method for row in rows if old_phones.is_answered(row)}
        found = Finding.SPARE if seen.others - gone else Finding.REGISTERED
        closed = await self.cases.move(
            session,
            case.id,
            CaseState.USED,
            CaseState.CLOSED,
            now=now,
            actor=None,
            found=found,
            follow_at=now,
        )
        if closed is not None:
            await old_phones.show(session, closed, now)
            await self.cards.tell(session, closed, now)

    async def _methods(self, case: Case) -> tuple[Method, ...]:
        """None for an account that is no more."""
        try:
            return await self.directory.methods.list(case.target)
        except NotFound:
            return ()

    async def _pass(self, case: Case) -> TemporaryAccessPass | None:
        try:
            return await self.directory.passes.get(case.target, case.pass_id or "")
        except NotFound:
            return None

    async def _move(
        self, case: Case, after: CaseState, now: datetime, *, reason: str = "", **changes: Unpack[Changes]
    ) -> None:
        if after in _UNSURE or (after in _OVER and case.pass_id is not None):
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
                await old_phones.show(session, moved, now)
                await self.cards.tell(session, moved, now)

    async def _again(self, case: Case, at: datetime | None) -> None:
        """Look again at a time, or not at all."""
        async with self.database.transaction() as session:
            await self._note(session, case, at)

    async def _note(
        self, session: AsyncSession, case: Case, at: datetime | None, **changes: Unpack[Changes]
    ) -> Case | None:
        """After a look; None when somebody wants the case looked at again by now, and that stands."""
        changes["follow_at"] = at
        expected = {"follow_at": case.follow_at}
        return await self.cases.change(session, case.id, CaseState(case.state), expected, **changes)


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
