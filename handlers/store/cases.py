"""Cases: every move is one conditional update, with its audit row in the same transaction."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypedDict, Unpack

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, inspect, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from handlers.alarms import Alarm
from handlers.records import Case
from handlers.states import ENDS, CaseState, may_move
from handlers.store.alarms import SILENT, Alarms
from handlers.store.audit import NOBODY, NOTHING, Audit, Facts
from handlers.store.errors import IllegalMove
from handlers.store.inserting import insert_into
from handlers.store.notices import NOWHERE, Fan

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is mistaken for another when read aloud or copied by hand."""
_ID_TRIES: Final = 20
_NO_ANSWER: Final = frozenset({"no-answer", "time"})
"""Why an attempt at a pass fails of which nobody knows what became."""


class Changes(TypedDict, total=False):
    """What may change in a case, beside its state."""

    target_name: str
    target_upn: str
    target_department: str | None
    agent: str | None
    agent_name: str | None
    language: str
    claim_tries: int
    browser_hash: str | None
    approvals_wanted: int
    approved_at: datetime | None
    not_before: datetime | None
    show_until: datetime | None
    denied_by: str | None
    denied_reason: str
    held_by: str | None
    held_name: str | None
    held_at: datetime | None
    ticket: str
    told: str
    round: int
    round_at: datetime | None
    fallback_at: datetime | None
    nobody: str
    issue_attempt: int
    issuing_at: datetime | None
    pass_id: str | None
    issued_at: datetime | None
    pass_expires_at: datetime | None
    used_at: datetime | None
    register_until: datetime | None
    registered_at: datetime | None
    registered_kind: str
    registered_name: str
    found: str
    methods_before: str
    signs: str
    old_kept: bool
    follow_at: datetime | None


@dataclass(frozen=True)
class Cases:
    """The cases, and the audit that each of their moves is written to. Cases handed out are copies."""

    audit: Audit
    alarms: Alarms = SILENT
    notices: Fan = NOWHERE

    async def open_case(
        self,
        session: AsyncSession,
        *,
        now: datetime,
        actor: str | None,
        target: str,
        target_name: str,
        target_upn: str,
        target_department: str | None = None,
        language: str = "nb",
        starter: str | None = None,
        opened_by: str = "owner",
        agent: str | None = None,
        agent_name: str | None = None,
        previous: str | None = None,
    ) -> Case | None:
        """Open a case. None when one that is not at its end stands for this target."""
        values = {
            "target": target,
            "target_name": target_name,
            "target_upn": target_upn,
            "target_department": target_department,
            "language": language,
            "starter": starter,
            "opened_by": opened_by,
            "agent": agent,
            "agent_name": agent_name,
            "previous": previous,
            "state": CaseState.OPEN,
            "state_at": now,
            "opened_at": now,
        }
        for _ in range(_ID_TRIES):
            inserted = await session.scalars(
                insert_into(session, Case)
                .values(id=_new_id(), **values)
                .on_conflict_do_nothing()
                .returning(Case)
            )
            if (case := inserted.one_or_none()) is not None:
                facts = {"opened_by": opened_by, "previous": previous}
                await self._record(session, case, now, actor, facts, {"agent": agent})
                return _copy(session, case)
            if await self.live_of(session, target) is not None:
                return None
        raise RuntimeError("no free case id was found")

    async def move(
        self,
        session: AsyncSession,
        case_id: str,
        before: CaseState,
        after: CaseState,
        *,
        now: datetime,
        actor: str | None,
        reason: str = "",
        expected: Mapping[str, object] | None = None,
        facts: Facts = NOTHING,
        people: Mapping[str, str | None] = NOBODY,
        **changes: Unpack[Changes],
    ) -> Case | None:
        """Move a case from one state to the next. None: somebody was faster, and you stop.

        ``expected`` names columns that must hold these values too. What else the audit is to say of the move
        stands in ``facts`` and, by object id, in ``people``. ``IllegalMove`` when the rules do not know
        this move. One move per transaction: two at once could each wait for the other.
        """
        if not may_move(before, after):
            raise IllegalMove(before, after)
        ending = {"ended_at": now, "follow_at": None} if after.ended else {}
        values = {**ending, **changes, "state": after, "state_at": now}
        case = await _update(session, case_id, before, expected or {}, values)
        if case is not None:
            if before is CaseState.ISSUING and after is CaseState.FAILED and reason in _NO_ANSWER:
                alarm, about = Alarm.ISSUE_UNKNOWN_TWICE, {"attempts": case.issue_attempt}
                await self.alarms.raise_(session, alarm, now=now, case=case.id, facts=about)
            told = {**facts, "before": before, "reason": reason}
            await self._record(session, case, now, actor, told, people)
        return case

    async def change(
        self,
        session: AsyncSession,
        case_id: str,
        state: CaseState,
        expected: Mapping[str, object],
        **changes: Unpack[Changes],
    ) -> Case | None:
        """Change a case within its state. None: it has moved on, or a column does not hold what was expected."""
        return await _update(session, case_id, state, expected, dict(changes))

    async def note(
        self,
        session: AsyncSession,
        case_id: str,
        state: CaseState,
        action: str,
        *,
        now: datetime,
        actor: str | None,
        facts: Facts = NOTHING,
        people: Mapping[str, str | None] = NOBODY,
        **changes: Unpack[Changes],
    ) -> Case | None:
        """Change a case within its state and write the act to the audit. None: it has moved on."""
        case = await _update(session, case_id, state, {}, dict(changes))
        if case is not None:
            await self.audit.append(
                session, at=now, actor=actor, action=action, case=case.id, data=facts, people=people
            )
        return case

    async def forged(self, session: AsyncSession, case_id: str, now: datetime) -> None:
        """The evidence of this case is not as it was written: wake security."""
        await self.alarms.raise_(session, Alarm.EVIDENCE_FORGED, now=now, case=case_id)

    async def get(self, session: AsyncSession, case_id: str) -> Case | None:
        """The case of this id."""
        return await _one(session, col(Case.id) == case_id)

    async def locked(self, session: AsyncSession, case_id: str) -> Case | None:
        """The case of this id, held still until the commit: for what depends on rows beside it."""
        found = await session.scalars(select(Case).where(col(Case.id) == case_id).with_for_update())
        return _copy(session, found.one_or_none())

    async def by_browser_hash(self, session: AsyncSession, browser_hash: str) -> Case | None:
        """The case that this browser is bound to, also at its end."""
        return await _one(session, col(Case.browser_hash) == browser_hash)

    async def of_target(self, session: AsyncSession, target: str) -> list[Case]:
        """Every case about this account, the latest first."""
        return await _all(session, col(Case.target) == target, order=col(Case.opened_at).desc())

    async def live_of(self, session: AsyncSession, target: str) -> Case | None:
        """The one case about this account that is not at its end."""
        return await _one(session, col(Case.target) == target, _is_live())

    async def live(self, session: AsyncSession) -> list[Case]:
        """Every case that is not at its end, the oldest first."""
        return await _all(session, _is_live(), order=col(Case.opened_at))

    async def to_follow(self, session: AsyncSession, now: datetime, limit: int) -> list[Case]:
        """The cases to look after in Graph now; at its end a case is one only if its last move asked for it."""
        return await _all(session, col(Case.follow_at) <= now, order=col(Case.follow_at), limit=limit)

    async def to_ask(self, session: AsyncSession, now: datetime, limit: int) -> list[Case]:
        """The verified cases that somebody is to be asked about now, or to be looked at for it."""
        return await _all(
            session,
            col(Case.state) == CaseState.VERIFIED,
            col(Case.round_at) <= now,
            order=col(Case.round_at),
            limit=limit,
        )

    async def expired(
        self, session: AsyncSession, now: datetime, ages: Mapping[CaseState, timedelta], limit: int = 100
    ) -> list[Case]:
        """The cases that have stood in a state of ``ages`` for that long; the oldest first.

        The approved ones whose time to show the pass is over are among them. States not named never run out.
        """
        too_old = [
            and_(col(Case.state) == state, col(Case.state_at) <= now - age) for state, age in ages.items()
        ]
        not_shown = and_(col(Case.state) == CaseState.APPROVED, col(Case.show_until) <= now)
        return await _all(session, or_(not_shown, *too_old), order=col(Case.state_at), limit=limit)

    async def _record(
        self,
        session: AsyncSession,
        case: Case,
        now: datetime,
        actor: str | None,
        data: Facts,
        people: Mapping[str, str | None],
    ) -> None:
        await self.notices.of_case(session, case, now, str(data.get("reason", "")))
        facts = {name: value for name, value in data.items() if value}
        action = f"case.{case.state}"
        number = await self.audit.append(
            session, at=now, actor=actor, action=action, case=case.id, data=facts, people=people
        )
        before = facts.get("before")
        await self.notices.moved(session, case, now, number, str(before) if before else None)


def _new_id() -> str:
    chars = "".join(secrets.choice(_ALPHABET) for _ in range(6))
    return f"{chars[:4]}-{chars[4:]}"


def _is_live() -> ColumnElement[bool]:
    return col(Case.state).not_in(sorted(ENDS))


async def _update(
    session: AsyncSession,
    case_id: str,
    state: CaseState,
    expected: Mapping[str, object],
    values: Mapping[str, object],
) -> Case | None:
    columns = inspect(Case).columns
    updated = await session.scalars(
        update(Case)
        .where(
            col(Case.id) == case_id,
            col(Case.state) == state,
            *(columns[name] == value for name, value in expected.items()),
        )
        .values({"state": state, **values})
        .returning(Case)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return _copy(session, updated.one_or_none())


async def _one(session: AsyncSession, *where: ColumnElement[bool]) -> Case | None:
    found = await session.scalars(select(Case).where(*where).order_by(col(Case.opened_at).desc()).limit(1))
    return _copy(session, found.one_or_none())


async def _all(
    session: AsyncSession,
    *where: ColumnElement[bool],
    order: SQLColumnExpression[datetime] | SQLColumnExpression[datetime | None],
    limit: int | None = None,
) -> list[Case]:
    found = (
        await session.scalars(select(Case).where(*where).order_by(order, col(Case.id)).limit(limit))
    ).all()
    for case in found:
        session.expunge(case)
    return list(found)


def _copy(session: AsyncSession, case: Case | None) -> Case | None:
    """A case cut loose from the session: setting a field of it changes no row, so no move passes the rules by."""
    if case is not None:
        session.expunge(case)
    return case
