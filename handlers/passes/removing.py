"""Removes an old phone from an account: what its owner picked, nothing else, and never the last way in."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import BadRequest, Forbidden, GraphError, NotFound
from graph.methods import Method, Methods
from graph.users import Users
from handlers.events import Pressed
from handlers.messages import OldPhone
from handlers.passes import finishing, old_phones
from handlers.people import People
from handlers.ports import Clock
from handlers.records import Case, OldMethod
from handlers.states import CaseState, OldState
from handlers.store import old_methods
from handlers.store.cases import Cases
from handlers.store.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Removing:
    """Everything is read anew right before the delete; who comes second finds it taken up."""

    database: Database
    cases: Cases
    methods: Methods
    people: People
    clock: Clock
    sessions: Users | None = None
    """Ends the sessions of an account whose old phone is gone, where that is wanted."""

    async def remove(self, record: str, actor: str) -> None:
        """Delete the one that a button names, for the account that the case is about. Anybody else changes nothing."""
        named = old_phones.read(record)
        begun = None if named is None else await self._begin(*named, actor)
        if begun is None:
            log.info("old-method-not-taken-up")
            return
        case, row = begun
        state = await self._delete(case, row)
        if state is OldState.REMOVED:
            await self._end_sessions(case)
        now = self.clock.now()
        async with self.database.transaction() as session:
            if not await old_methods.settle(session, row, state):
                return
            if state is OldState.REMOVED:
                await old_phones.record(session, self.cases, case, row, now)
            await old_phones.show(session, await self._looked_at_soon(session, case, now), now)
        log.info("old-method", case=case.id, state=state)

    async def asked(self, case: Case) -> tuple[OldPhone, ...]:
        """What stands to be answered for, and what came of it."""
        async with self.database.transaction() as session:
            return tuple(old_phones.said(row) for row in await old_methods.of_case(session, case.id))

    async def keep(self, case: Case) -> None:
        """The owner says that what is left of the old phone is to stay: nothing then waits for its removal."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            kept = await self.cases.note(
                session,
                case.id,
                CaseState.USED,
                "case.keep-old",
                now=now,
                actor=case.target,
                old_kept=True,
                follow_at=now,
            )
            if kept is not None:
                await old_phones.show(session, kept, now)

    async def remove_pressed(self, event: Pressed) -> None:
        """The same from the private chat."""
        named = old_phones.read(event.record)
        case = await self._own(event, named[0]) if named is not None else None
        if case is not None:
            await self.remove(event.record, case.target)

    async def keep_pressed(self, event: Pressed) -> None:
        """The same from the private chat."""
        case = await self._own(event, event.record)
        if case is not None:
            await self.keep(case)

    async def _own(self, event: Pressed, case_id: str) -> Case | None:
        """The case, if the presser is tied to its account now, and was before it began."""
        known = await self.people.known(event.person)
        async with self.database.transaction() as session:
            case = await self.cases.get(session, case_id)
            if case is None or known.account != case.target:
                return None
            if not await old_phones.is_owner(session, case, event.person):
                log.warning("old-phone-not-owner", case=case.id)
                return None
            # A card that somebody presses after the end says so from then on.
            await old_phones.show(session, case, self.clock.now())
            return case

    async def _begin(self, case_id: str, number: int, actor: str) -> tuple[Case, OldMethod] | None:
        now = self.clock.now()
        async with self.database.transaction() as session:
            case = await self.cases.locked(session, case_id)
            if case is None or case.state != CaseState.USED or case.target != actor:
                return None
            row = await old_methods.begin(session, case_id, number, now)
            if row is None:
                return None
            data = {"kind": row.kind, "number": str(number)}
            await self.cases.audit.append(
                session, at=now, actor=actor, action="case.remove-old", case=case_id, data=data
            )
        return case, row

    async def _delete(self, case: Case, row: OldMethod) -> OldState:
        """Look, delete; and where nobody knows whether that was done, look again."""
        found = await self._there(case, row)
        if isinstance(found, OldState):
            return found
        try:
            await self.methods.delete(case.target, found)
        except NotFound:
            return OldState.GONE
        except Forbidden as error:
            log.warning("old-method-forbidden", case=case.id, permission=error.permission)
            return OldState.FORBIDDEN
        except BadRequest as error:
            log.info("old-method-refused", case=case.id, code=error.code)
            return OldState.DEFAULT
        except GraphError as error:
            log.warning("old-method-unknown", case=case.id, status=error.status)
            left = await self._there(case, row)
            return OldState.REMOVED if left is OldState.GONE else OldState.NO_ANSWER
        return OldState.REMOVED

    async def _there(self, case: Case, row: OldMethod) -> Method | OldState:
        """The method as it is now, or why it is not to be deleted."""
        try:
            methods = await self.methods.list(case.target)
        except GraphError as error:
            log.warning("old-method-look-failed", case=case.id, status=error.status)
            return OldState.NO_ANSWER
        hindrance = finishing.hindrance(row.method, methods, case)
        return hindrance or next(method for method in methods if method.id == row.method)

    async def _end_sessions(self, case: Case) -> None:
        """Whoever has the old phone may be signed in by it still."""
        if self.sessions is None:
            return
        try:
            await self.sessions.revoke_sessions(case.target)
        except GraphError as error:
            log.warning("sessions-not-ended", case=case.id, status=error.status)

    async def _looked_at_soon(self, session: AsyncSession, case: Case, now: datetime) -> Case:
        """The case as it stands, with a look at it due: it may be done with this."""
        changed = await self.cases.change(session, case.id, CaseState.USED, {}, follow_at=now)
        return changed or await self.cases.get(session, case.id) or case
