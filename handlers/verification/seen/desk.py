"""An agent sees the requester, at a desk or on live video: opens the case, and gives a code once all is checked.

Who the agent is must be proved by whoever calls this; membership is asked live here, at every step.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from graph.errors import Ambiguous, GraphError
from graph.photos import Photo
from graph.users import User
from handlers.accounts import Accounts
from handlers.cards import Cards
from handlers.messages.agents import CHALLENGES, COMPARED, DOCUMENTS
from handlers.ports import Clock
from handlers.records import Case
from handlers.relay.hours import Opens, opening
from handlers.rollout.when import Calendar
from handlers.states import CaseState
from handlers.store import claims
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.verification import policy
from handlers.verification.opening import Opening, Refused
from handlers.verification.seen.agents import Agents
from handlers.verification.seen.codes import Code
from handlers.verification.seen.giving import COLLEAGUE, Giving, seen_route, takes_code
from handlers.verification.seen.vouching import answer_of

log = structlog.get_logger(__name__)

_UNPROVED: Final = frozenset({CaseState.OPEN, CaseState.VERIFYING})
_SHOWN: Final = 30
"""How many of the cases that wait an agent sees."""


@dataclass(frozen=True)
class Seat:
    """What an agent has before them: a case, the account it is about, and the routes that are open."""

    case: Case
    user: User
    account_class: policy.AccountClass
    has_photo: bool
    routes: tuple[policy.Route, ...]
    closed: tuple[policy.Route, ...]
    """Routes that are open only while support is at work."""
    manager: User | None
    """Whoever is the account's manager now, where a route asks them."""
    asked_at: datetime | None = None
    """When the manager was asked last."""
    answer: str = ""
    """``reached``, ``unreached``, ``vouched`` or ``declined``."""


@dataclass(frozen=True)
class Desk:
    """What agents do. Each act answers with its outcome, or with the reason why it was not done."""

    database: Database
    accounts: Accounts
    agents: Agents
    cases: Cases
    cards: Cards
    giving: Giving
    clock: Clock
    rules: policy.Rules
    calendar: Calendar
    """When support is at work."""

    async def waiting(self, agent: str) -> list[Case] | Refused:
        """The cases that a code would help, the oldest first."""
        me = await self.agents.get(agent)
        if isinstance(me, Refused):
            return me
        async with self.database.reading() as session:
            live = await self.cases.live(session)
        return [case for case in live if takes_code(case) and case.target != agent][:_SHOWN]

    async def open(self, agent: str, account: str) -> Case | Refused:
        """Open a case for an account, or take up the one that stands. ``account`` is a UPN, mail or object id.

        A case that a colleague opened ends now that its owner is here, and theirs is a new one.
        """
        me = await self.agents.get(agent)
        if isinstance(me, Refused):
            return me
        try:
            found = await self._find(account)
            if isinstance(found, Refused):
                return found
            if found.id == agent:
                return Refused("self")
            classified = await self.accounts.classify(found)
        except GraphError as error:
            log.warning("desk-open-failed", status=error.status)
            return Refused("directory-down")
        if classified.is_unknown:
            return Refused("directory-down")
        if not classified.may_have_pass:
            return Refused("class")
        return await self._open(me, found, await self._end_of_colleague(found.id, me))

    async def sit(self, agent: str, case_id: str) -> Seat | Refused:
        """The case, with what the directory says of its account now."""
        me = await self.agents.get(agent)
        if isinstance(me, Refused):
            return me
        case = await self.of_id(case_id)
        if case is None or not takes_code(case):
            return Refused("too-late")
        if case.target == agent:
            return Refused("self")
        try:
            user = await self.accounts.directory.users.get(case.target)
            classified = await self.accounts.classify(user)
            has_photo = await self.accounts.directory.photos.has(case.target)
            manager = await self._manager(case.target)
        except GraphError as error:
            log.warning("desk-unknown", case=case_id, status=error.status)
            return Refused("directory-down")
        if not classified.may_have_pass:
            return Refused("directory-down" if classified.is_unknown else "class")
        async with self.database.reading() as session:
            given = await claims.of_case(session, case.id)
        offered = [route for route in _seen(self.rules) if has_photo or "photo-on-file" not in route.checks]
        return Seat(
            case,
            user,
            classified.account_class,
            has_photo,
            tuple(route for route in offered if self._is_open(route)),
            tuple(route for route in offered if not self._is_open(route)),
            manager,
            *answer_of(given),
        )

    async def photo(self, agent: str, case_id: str) -> Photo | None:
        """The photo of the account of a case. Raises ``GraphError``."""
        case = await self.of_id(case_id)
        me = await self.agents.get(agent)
        if case is None or isinstance(me, Refused) or not takes_code(case):
            return None
        return await self.accounts.directory.photos.of(case.target)

    def challenge(self, case: Case, agent: str) -> str:
        """What the requester has to do in front of the camera, on the spot.

        Nobody can know it before: it is drawn by a key. Looking again shows the same one, until a code was given.
        """
        drawn = self.giving.keys.sign(f"challenge:{case.id}:{agent}:{case.claim_tries}".encode())
        return CHALLENGES[int(drawn, 16) % len(CHALLENGES)]

    async def seen(
        self, agent: str, case_id: str, route: str, checks: Collection[str], extra: Collection[str] = ()
    ) -> Code | Refused:
        """Everything was checked: make the claim code. An older code of this agent for it stops working.

        ``extra`` says which document was seen, and whether the photo on file was compared as well.
        """
        way = seen_route(self.rules, route)
        if way is None or way.attester != "agent":
            return Refused("no-route")
        if not self._is_open(way):
            return Refused("closed")
        documents = [each for each in extra if each in DOCUMENTS]
        if set(checks) != set(way.checks) or (needs_document(way) and len(documents) != 1):
            return Refused("unchecked")
        me = await self.agents.get(agent)
        if isinstance(me, Refused):
            return me
        case = await self.of_id(case_id)
        if case is None:
            return Refused("too-late")
        compares = COMPARED in way.checks or COMPARED in extra
        if compares and not await self._has_photo(case.target):
            return Refused("no-photo")
        told = [*way.checks, *([COMPARED] if compares and COMPARED not in way.checks else []), *documents]
        async with self.database.transaction() as session:
            given = await claims.of_case(session, case_id)
            if any(claim.attester == agent and claim.asked_by is not None for claim in given):
                return Refused("same-person")
            return await self.giving.give(session, case_id, me, way, told, self.clock.now())

    async def of_id(self, case_id: str) -> Case | None:
        """A case by its id."""
        async with self.database.transaction() as session:
            return await self.cases.get(session, case_id)

    def _is_open(self, route: policy.Route) -> bool:
        return not route.staffed_hours or opening(self.calendar, self.clock.now()).opens is Opens.NOW

    async def _find(self, account: str) -> User | Refused:
        try:
            found = await self.accounts.directory.users.find(account)
        except Ambiguous:
            found = None
        return found or Refused("unknown-account")

    async def _manager(self, account: str) -> User | None:
        if not any(route.attester == "manager" for route in _seen(self.rules)):
            return None
        return await self.accounts.directory.users.manager(account)

    async def _has_photo(self, account: str) -> bool:
        try:
            return await self.accounts.directory.photos.has(account)
        except GraphError as error:
            log.warning("photo-unknown", status=error.status)
            return False

    async def _end_of_colleague(self, target: str, agent: User) -> str | None:
        """End a case that a colleague opened and nobody has given a proof in; its id."""
        now = self.clock.now()
        async with self.database.transaction() as session:
            case = await self.cases.live_of(session, target)
            if case is None or case.opened_by != COLLEAGUE or case.state not in _UNPROVED:
                return None
            moved = await self.cases.move(
                session,
                case.id,
                CaseState(case.state),
                CaseState.CANCELLED,
                now=now,
                actor=agent.id,
                reason="owner-came",
                expected={"browser_hash": None},
            )
            if moved is not None:
                await self.cards.tell(session, moved, now)
        return moved.id if moved is not None else None

    async def _open(self, agent: User, target: User, previous: str | None) -> Case | Refused:
        now = self.clock.now()
        async with self.database.transaction() as session:
            case = await Opening(self.cases, self.rules).open(
                session, target, starter=agent.id, now=now, opened_by="agent", previous=previous
            )
        if isinstance(case, Case) and not takes_code(case):
            return Refused("case-open")
        return case


def needs_document(route: policy.Route) -> bool:
    """Whether the agent holds a document in their hand, and says of which kind it is. Never its number."""
    return "photo-id" in route.checks


def _seen(rules: policy.Rules) -> list[policy.Route]:
    """The routes of the settings on which somebody sees the requester."""
    return [route for route in rules.routes if route.kind is policy.RouteKind.SEEN]
