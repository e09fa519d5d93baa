"""More about a case, in a form that the card opens: facts to read, a ticket number, a colleague to hand it to."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import structlog

from graph.errors import GraphError
from handlers.approvals.deciding import Deciding
from handlers.approvals.holding import Holding
from handlers.approvals.tickets import ticket_of
from handlers.events import Person
from handlers.messages import CaseMore, CaseSaved
from handlers.messages.handling import TICKET_PROBLEM
from handlers.people import Known, People
from handlers.ports import ChatError, SupportIdentity
from handlers.records import CardCopy, Case
from handlers.states import CaseState
from handlers.store import approvals as store
from handlers.verification import policy
from handlers.verification.facts import Facts

log = structlog.get_logger(__name__)

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class More:
    """Whoever calls this has asked whether the reader is an approver."""

    people: People
    deciding: Deciding
    holding: Holding
    identity: SupportIdentity | None

    async def of(self, case_id: str, reader: str) -> CaseMore | None:
        """What there is to know, from what was written down at the last proof. None for no such case."""
        now = self.deciding.clock.now()
        async with self.deciding.database.reading() as session:
            case = await self.deciding.cases.get(session, case_id)
            mine = len(await store.of_approver(session, reader, now - _DAY))
        return _more(case, mine) if case is not None else None

    async def save(
        self, case_id: str, reader: str, ticket: str, colleague: Person | None
    ) -> CaseMore | CaseSaved | None:
        """Keep the number, and hand the case over: both or neither. What is wrong stands in the form again."""
        form = await self.of(case_id, reader)
        if form is None:
            return None
        number = ticket_of(ticket)
        if number is None:
            return replace(form, ticket_problem=TICKET_PROBLEM)
        handed: tuple[Known, str, str] | None = None
        if colleague is not None:
            try:
                found = await self._colleague(case_id, colleague)
            except (ChatError, GraphError) as error:
                log.warning("colleague-unknown", case=case_id, error=type(error).__name__)
                found = "directory-down"
            if isinstance(found, str):
                return replace(form, ticket=number, colleague_problem=found)
            handed = found
        name = await self._called(reader) if handed else ""
        await self._keep(case_id, reader, name, number, handed)
        return CaseSaved("handed", handed[2]) if handed else CaseSaved("saved")

    async def _colleague(self, case_id: str, person: Person) -> tuple[Known, str, str] | str:
        """Somebody who may decide on the case: as known, their account and its name; or why not them."""
        known = await self.people.known(person)
        proved = await self.identity.account(person) if self.identity else None
        account = proved or known.account
        if known.profile.refusal is not None or account is None:
            return "not-approver"
        examined = await self.deciding.examine(account, case_id)
        if isinstance(examined, str):
            return examined if examined in ("own-case", "agent-of-case") else "not-approver"
        return known, account, examined.user.display_name

    async def _called(self, account: str) -> str:
        """As the directory says it: what somebody is called in chat is theirs to choose."""
        try:
            return (await self.deciding.accounts.directory.users.get(account)).display_name
        except GraphError as error:
            log.warning("name-unknown", status=error.status)
            return ""

    async def _keep(
        self, case_id: str, reader: str, name: str, number: str, handed: tuple[Known, str, str] | None
    ) -> None:
        cases, cards, now = self.deciding.cases, self.deciding.cards, self.deciding.clock.now()
        async with self.deciding.database.transaction() as session:
            case = await cases.locked(session, case_id)
            if case is None:
                return
            if number != case.ticket:
                state = CaseState(case.state)
                kept = await cases.note(
                    session, case.id, state, "case.ticket", now=now, actor=reader, ticket=number
                )
                case = kept or case
            if handed is None or case.state != CaseState.VERIFIED:
                await cards.refresh(session, case, now)
                return
            known, account, called = handed
            given = await self.holding.give(
                session, case, account, called, now, "case.handed-over", actor=reader
            )
            person = known.person
            copy = CardCopy(
                case=case.id,
                platform=person.platform,
                tenant=person.tenant,
                user=person.user,
                account=account,
                language=known.language,
                handed_by=name,
                at=now,
            )
            await cards.show_to(session, given or case, copy, now)


def _more(case: Case, mine: int) -> CaseMore:
    facts, stood = Facts.read(case.told), policy.Standing.read(case.signs)
    return CaseMore(
        case=case.id,
        name=case.target_name,
        sensitive=stood is not None and stood.classified.account_class is policy.AccountClass.B,
        created=_day(facts.created),
        last_sign_in=_day(facts.last_sign_in),
        platform=facts.platform,
        email=facts.email,
        linked=_day(facts.linked),
        earlier=int(facts.earlier) if facts.earlier.isdecimal() else None,
        network=facts.network,
        mine=mine,
        open=case.state == CaseState.VERIFIED,
        ticket=case.ticket,
    )


def _day(told: str) -> date | None:
    try:
        return date.fromisoformat(told)
    except ValueError:
        return None
