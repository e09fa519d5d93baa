"""Seeks somebody to decide on a verified case: in private, in rounds that grow, and says so when there is nobody.

What was done stands with the case, so that the rounds outlive a restart; of several replicas one does each round.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import GraphError, NotFound
from handlers.accounts import Accounts
from handlers.approvals import rounds
from handlers.approvals.deciding import Deciding, Waiting
from handlers.approvals.rounds import FALLBACK, ROUNDS
from handlers.cards import held
from handlers.cards.drawing import HELD_FOR
from handlers.events import Person
from handlers.messages import NoApprover
from handlers.people import Known, People
from handlers.ports import ChatError, SupportIdentity
from handlers.records import CardCopy, Case
from handlers.states import CaseState
from handlers.store import approvals, copies, people, signing_in
from handlers.store.cases import Changes
from handlers.verification.approvers import Deputies

log = structlog.get_logger(__name__)

_BATCH: Final = 50
_AGAIN: Final = timedelta(minutes=5)
"""After which it is looked once more whether somebody can decide."""


@dataclass(frozen=True)
class Groups:
    """Who could sign in and decide, read just now; None where nobody can tell."""

    approvers: frozenset[str] | None
    fallback: frozenset[str]
    on_call: frozenset[str]


@dataclass(frozen=True)
class Seeking:
    """One tick does the rounds that are due."""

    deciding: Deciding
    people: People
    identity: SupportIdentity | None
    deputies: Deputies

    @property
    def accounts(self) -> Accounts:
        """The directory."""
        return self.deciding.accounts

    async def tick(self, now: datetime) -> None:
        """The groups are read once, however many cases wait."""
        async with self.deciding.database.reading() as session:
            due = await self.deciding.cases.to_ask(session, now, _BATCH)
        if not due:
            return
        groups = await self._groups(now)
        for case in due:
            await self._look(case, groups, now)

    async def _look(self, case: Case, groups: Groups, now: datetime) -> None:
        holder = held(case, now)
        if holder is not None:
            await self._later(case, holder.since + HELD_FOR)
            return
        async with self.deciding.database.reading() as session:
            card = await self.deciding.cards.draw(session, case, now)
            asked = {copy.account for copy in await copies.of_case(session, case.id)}
            voted = {vote.approver for vote in await approvals.of_case(session, case.id)}
        waiting = await self.deciding.waiting(case.id)
        if waiting is None or card is None:
            return
        part = _taking_part(waiting, case) | voted
        missing = card.approvals_wanted - len(voted)
        free = (groups.approvers or frozenset()) - part
        at_work = self.deputies.at_work(now)
        others = (groups.fallback | (frozenset() if at_work else groups.on_call)) - part
        why = rounds.nobody(missing, groups.approvers, free, others)
        number = case.round
        if len(free) < missing and groups.fallback - part:
            number = max(number, FALLBACK)
        if why:
            await self._step(case, Changes(nobody=why, held_by=None, round_at=now + _AGAIN), [], now)
            return
        due = _due(case, number, now)
        if due is None or now < due:
            await self._step(case, Changes(nobody="", held_by=None, round_at=due), [], now)
            return
        this = ROUNDS[number]
        pool = (groups.fallback if this.fallback else free) if at_work else groups.on_call
        if this.asks and not at_work and not pool:
            await self._later(case, self.deputies.opening(now))
            return
        turns = rounds.order(case.id, pool - part - asked)
        found = await self._known(turns, this.asks)
        changes = Changes(nobody="", held_by=None, round=number + 1, round_at=_after(case, number, now))
        if this.fallback and case.fallback_at is None:
            changes["fallback_at"] = now
        await self._step(case, changes, found, now)

    async def _step(
        self, case: Case, changes: Changes, asked: list[tuple[str, Known]], now: datetime
    ) -> None:
        """One conditional update: another replica that was faster has done it all."""
        cards = self.deciding.cards
        async with self.deciding.database.transaction() as session:
            expected = {"round": case.round, "round_at": case.round_at, "held_at": case.held_at}
            changed = await self.deciding.cases.change(
                session, case.id, CaseState.VERIFIED, expected, **changes
            )
            if changed is None:
                return
            for account, known in asked:
                await copies.add(session, _copy(case.id, account, known, now))
            if changed.nobody and changed.nobody != case.nobody:
                await self._say(session, changed, now)
            if asked or changed.nobody != case.nobody or case.held_by is not None:
                await cards.refresh(session, changed, now)
        if asked:
            log.info("approvers-asked", case=case.id, round=case.round, asked=len(asked))

    async def _later(self, case: Case, at: datetime) -> None:
        async with self.deciding.database.transaction() as session:
            await self.deciding.cases.change(
                session, case.id, CaseState.VERIFIED, {"round_at": case.round_at}, round_at=at
            )

    async def _say(self, session: AsyncSession, case: Case, now: datetime) -> None:
        """To the channel and to the requester, at once."""
        log.warning("nobody-can-approve", case=case.id, reason=case.nobody)
        cards, key = self.deciding.cards, f"nobody:{case.id}:{case.state_at:%Y%m%dT%H%M%S%f}:{case.nobody}"
        told = NoApprover("support", case.id, case.nobody)
        await cards.channels.tell(session, key, told, now, priority=1)
        await cards.tell_owner(session, case, key, NoApprover("person", case.id, case.nobody), now)

    async def _known(self, turns: Collection[str], most: int) -> list[tuple[str, Known]]:
        """The first so many whom the chat knows; who is not known there reads the channel."""
        found: list[tuple[str, Known]] = []
        for account in turns:
            if len(found) >= most:
                break
            if (known := await self._in_chat(account)) is not None:
                found.append((account, known))
        return found

    async def _in_chat(self, account: str) -> Known | None:
        async with self.deciding.database.reading() as session:
            proved = await signing_in.people_of(session, account)
            linked = await people.people_of(session, account)
        for person in dict.fromkeys((*proved, *linked)):
            try:
                known = await self.people.known(person, tie=False)
                if known.profile.refusal is None and await self._is(person, known, account):
                    return known
            except ChatError as error:
                log.info("approver-not-reached", account=account, error=type(error).__name__)
        return None

    async def _is(self, person: Person, known: Known, account: str) -> bool:
        proved = await self.identity.account(person) if self.identity else None
        return account in (proved, known.account)

    async def _groups(self, now: datetime) -> Groups:
        fallback = await self._members(self.deputies.fallback)
        on_call = (
            frozenset[str]() if self.deputies.at_work(now) else await self._members(self.deputies.on_call)
        )
        approvers = await self._members(self.accounts.approvers)
        return Groups(approvers, fallback or frozenset(), on_call or frozenset())

    async def _members(self, group: str | None) -> frozenset[str] | None:
        """Those who can sign in. Groups within the group count."""
        if group is None:
            return frozenset()
        members = self.accounts.directory.groups.members(group)
        try:
            return frozenset([each.id async for each in members if each.account_enabled is not False])
        except NotFound:
            return frozenset()
        except GraphError as error:
            log.warning("approvers-unknown", status=error.status)
            return None


def _taking_part(waiting: Waiting, case: Case) -> frozenset[str]:
    """Who may not decide on it."""
    starter = {case.starter} if case.starter else set()
    return frozenset({case.target, *starter, *waiting.roles.agents})


def _due(case: Case, number: int, now: datetime) -> datetime | None:
    """When a round is to be; at once, where it comes before its turn. There is a last one."""
    if number >= len(ROUNDS):
        return None
    return case.state_at + ROUNDS[number].after if number == case.round else now


def _after(case: Case, number: int, now: datetime) -> datetime | None:
    """When the round after that one is to be."""
    return max(now, case.state_at + ROUNDS[number + 1].after) if number + 1 < len(ROUNDS) else None


def _copy(case: str, account: str, known: Known, now: datetime) -> CardCopy:
    person = known.person
    return CardCopy(
        case=case,
        platform=person.platform,
        tenant=person.tenant,
        user=person.user,
        account=account,
        language=known.language,
        at=now,
    )
