"""The target's manager is asked whether they know the requester, and gives a code if they do.

Whoever the manager is comes from the directory, never from the requester; and the chat only tells that there is a
question. Who answers must be proved by whoever calls this, and how long ago they signed in is asked here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import GraphError
from graph.photos import Photo
from graph.users import User
from handlers.accounts import Accounts
from handlers.events import Person, Pressed
from handlers.language import of_locale
from handlers.messages import Language, VouchAsked, VouchLink
from handlers.people import People
from handlers.ports import ChatError, Chats, Clock
from handlers.records import Case, Claim
from handlers.relay.hours import Opens, opening
from handlers.rollout.when import Calendar
from handlers.states import CaseState
from handlers.store import claims, limits, outbox
from handlers.store import people as store
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.verification import policy
from handlers.verification.opening import Refused
from handlers.verification.seen.agents import Agents
from handlers.verification.seen.codes import Code
from handlers.verification.seen.giving import Giving, seen_route, takes_code

log = structlog.get_logger(__name__)

FRESH: Final = timedelta(minutes=10)
"""How long ago a manager may have signed in when they answer."""
ASK_LIFE: Final = timedelta(hours=4)
"""How long a question stands."""
_ASKS_PER_CASE: Final = 3
_DECLINED: Final = "declined"


@dataclass(frozen=True)
class Asked:
    """Somebody was asked; and whether a chat could be found to tell them in."""

    manager: str
    reached: bool


@dataclass(frozen=True)
class Question:
    """What a manager is asked, with what the directory says of its account now."""

    claim: Claim
    case: Case
    user: User
    route: policy.Route
    manager: User
    has_photo: bool


@dataclass(frozen=True)
class Vouching:
    """Asks managers, and takes their answers. Each act answers with its outcome, or why it was not done."""

    database: Database
    accounts: Accounts
    agents: Agents
    people: People
    chats: Chats
    cases: Cases
    giving: Giving
    clock: Clock
    rules: policy.Rules
    calendar: Calendar
    """When support is at work."""
    public_url: str

    async def ask(self, agent: str, case_id: str, route: str) -> Asked | Refused:
        """An agent asks the manager, in every chat they are known in, at most three times for a case."""
        way, now = self._route(route), self.clock.now()
        if way is None:
            return Refused("no-route")
        if not self._is_open(way):
            return Refused("closed")
        me = await self.agents.get(agent)
        if isinstance(me, Refused):
            return me
        async with self.database.reading() as session:
            case = await self.cases.get(session, case_id)
        if case is None or not takes_code(case):
            return Refused("too-late")
        try:
            manager = await self.accounts.directory.users.manager(case.target)
        except GraphError as error:
            log.warning("manager-unknown", case=case.id, status=error.status)
            return Refused("directory-down")
        refusal = _refusal(case, agent, manager)
        if manager is None or refusal is not None:
            return Refused(refusal or "no-manager")
        people = await self._people(manager)
        claim = Claim(
            case=case.id,
            route=way.name,
            attester=manager.id,
            attester_name=manager.display_name,
            asked_by=agent,
            detail="reached" if people else "unreached",
            at=now,
            until=now + ASK_LIFE,
        )
        async with self.database.transaction() as session:
            return await self._ask(session, case, claim, manager, people)

    async def questions(self, manager: str) -> list[Question] | Refused:
        """What somebody is asked now. What they were asked about people who are no longer theirs is left out."""
        async with self.database.reading() as session:
            asked = await claims.asked_of(session, manager, self.clock.now())
        found = []
        for claim in asked:
            question = await self._question(claim)
            if isinstance(question, Question):
                found.append(question)
            elif question.reason == "directory-down":
                return question
        return found

    async def question(self, manager: str, case_id: str) -> Question | Refused:
        """One of these."""
        async with self.database.reading() as session:
            asked = await claims.asked_of(session, manager, self.clock.now())
        for claim in asked:
            if claim.case == case_id:
                return await self._question(claim)
        return Refused("not-asked")

    async def photo(self, manager: str, case_id: str) -> Photo | None:
        """The photo of whom they are asked about. Raises ``GraphError``."""
        found = await self.question(manager, case_id)
        return (
            None if isinstance(found, Refused) else await self.accounts.directory.photos.of(found.case.target)
        )

    async def confirm(self, manager: str, signed_in: datetime, case_id: str, how: str) -> Code | Refused:
        """They know the requester, and say how: the code to tell them. Wants a sign-in of the last ten minutes."""
        found, now = await self.question(manager, case_id), self.clock.now()
        if isinstance(found, Refused):
            return found
        if not timedelta(0) <= now - signed_in < FRESH:
            return Refused("sign-in-old")
        if how not in found.route.checks:
            return Refused("unchecked")
        async with self.database.transaction() as session:
            return await self.giving.give(
                session, case_id, found.manager, found.route, (how,), now, found.claim.asked_by
            )

    async def decline(self, manager: str, case_id: str) -> Question | Refused:
        """They do not know the requester, or are not sure. A code that they gave before stops working."""
        found, now = await self.question(manager, case_id), self.clock.now()
        if isinstance(found, Refused):
            return found
        async with self.database.transaction() as session:
            settled = await claims.settle(session, found.claim, now, _DECLINED)
            if settled:
                await self.cases.audit.append(
                    session, at=now, actor=manager, action="case.vouch-declined", case=case_id, data={}
                )
        return found if settled else Refused("not-asked")

    async def pressed(self, event: Pressed) -> None:
        """The button under the message: only who asks for the link is sent it."""
        known = await self.people.known(event.person)
        chat = self.chats.of(event.person.platform)
        link = VouchLink(f"{self.public_url}/case/manager")
        await chat.send(await chat.private(event.person), link, Language(known.language))

    async def _ask(
        self, session: AsyncSession, case: Case, claim: Claim, manager: User, people: list[Person]
    ) -> Asked | Refused:
        now = claim.at
        if not await limits.hit(session, f"vouch:{case.id}", now, policy.CASES_WINDOW, _ASKS_PER_CASE):
            return Refused("too-many")
        noted = await self.cases.note(
            session, case.id, CaseState(case.state), "case.vouch-asked", now=now, actor=claim.asked_by
        )
        if noted is None:
            return Refused("too-late")
        await claims.give(session, claim)
        for person in people:
            chosen = await store.language_of(session, person)
            post = outbox.Post(
                key=f"vouch:{claim.id}:{person.platform}:{person.user}",
                target=person,
                data=VouchAsked(case.id, case.target_name),
                language=chosen or of_locale(manager.preferred_language) or Language.NB,
                due_at=now,
                priority=1,
            )
            await outbox.add(session, post, tenant=person.tenant)
        return Asked(manager.display_name, bool(people))

    async def _question(self, claim: Claim) -> Question | Refused:
        """A question that was asked, as long as it may be answered by whom it was put to."""
        route = self._route(claim.route)
        async with self.database.reading() as session:
            case = await self.cases.get(session, claim.case)
        if case is None or route is None or not takes_code(case):
            return Refused("not-asked")
        if not self._is_open(route):
            return Refused("closed")
        try:
            manager = await self.accounts.directory.users.manager(case.target)
            user = await self.accounts.directory.users.get(case.target)
            has_photo = await self.accounts.directory.photos.has(case.target)
        except GraphError as error:
            log.warning("manager-unknown", case=case.id, status=error.status)
            return Refused("directory-down")
        if manager is None or manager.id != claim.attester or not manager.account_enabled:
            return Refused("not-asked")
        return Question(claim, case, user, route, manager, has_photo)

    async def _people(self, manager: User) -> list[Person]:
        """The manager in chat: by their links, else by their address. An address is enough to be asked."""
        async with self.database.reading() as session:
            found = await store.people_of(session, manager.id)
        if found or manager.mail is None:
            return found
        for chat in self.chats.chats:
            try:
                person = await chat.find(manager.mail)
            except ChatError as error:
                log.warning("manager-not-found", platform=chat.platform, error=type(error).__name__)
                continue
            if person is not None:
                found.append(person)
        return found

    def _route(self, name: str) -> policy.Route | None:
        route = seen_route(self.rules, name)
        return route if route is not None and route.attester == "manager" else None

    def _is_open(self, route: policy.Route) -> bool:
        return not route.staffed_hours or opening(self.calendar, self.clock.now()).opens is Opens.NOW


def answer_of(given: list[Claim]) -> tuple[datetime | None, str]:
    """When a manager was asked last, and what came of it: ``reached``, ``unreached``, ``vouched``, ``declined``."""
    asked = [claim for claim in given if claim.asked_by is not None]
    if not asked:
        return None, ""
    last = asked[-1]
    vouched = last.code_mac is not None or (last.used_at is not None and last.detail != _DECLINED)
    return last.at, "vouched" if vouched else last.detail


def _refusal(case: Case, agent: str, manager: User | None) -> str | None:
    """Three people take part: the requester, the agent, and somebody else who vouches."""
    if manager is None or not manager.account_enabled or manager.id == case.target:
        return "no-manager"
    if agent == case.target:
        return "self"
    return "same-person" if manager.id in (agent, case.agent) else None
