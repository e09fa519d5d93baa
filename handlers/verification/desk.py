"""The desk: an agent sees the requester with photo ID, and a claim code ties what was seen to one browser.

Who the agent is must be proved by whoever calls this (``ports.SupportIdentity``); membership is asked live here.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import Ambiguous, GraphError
from graph.users import User
from handlers.accounts import Accounts
from handlers.messages.desk import CHECKS
from handlers.ports import Clock
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import limits
from handlers.store.cases import Cases, Changes
from handlers.store.database import Database
from handlers.store.keys import EvidenceKeys
from handlers.verification import policy
from handlers.verification.browsers import Claimed
from handlers.verification.opening import Opening, Refused
from handlers.verification.proving import Given, Proving

log = structlog.get_logger(__name__)

ROUTE = "desk"
LEVEL = 3
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing that is misheard or misread. Eight of them are 40 bits (NIST SP 800-63B-4, 4.1.2)."""
_CODE_LENGTH = 8
_WINDOW = timedelta(minutes=10)
_TRIES_PER_ADDRESS = 10
_REOPENED = frozenset({CaseState.OPEN, CaseState.VERIFYING, CaseState.APPROVED, CaseState.ISSUE_UNKNOWN})


@dataclass(frozen=True)
class Code:
    """A claim code, in clear only here, and when it ends."""

    case: str
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class Desk:
    """Opens cases for people who stand before an agent, and takes their claim codes."""

    database: Database
    accounts: Accounts
    cases: Cases
    proving: Proving
    keys: EvidenceKeys
    clock: Clock

    async def open(self, agent: str, account: str) -> Case | Refused:
        """Open a case for an account, or take up the one that stands. ``account`` is a UPN, mail or object id."""
        try:
            if not await self.accounts.is_agent(agent):
                return Refused("not-agent")
            found = await self._find(account)
            if isinstance(found, Refused):
                return found
            if found.id == agent:
                return Refused("self")
            classified = await self.accounts.classify(found)
            if classified.is_unknown:
                return Refused("directory-down")
            if not classified.may_have_pass:
                return Refused("class")
            me = await self.accounts.directory.users.get(agent)
            if not me.account_enabled:
                return Refused("not-agent")
        except GraphError as error:
            log.warning("desk-open-failed", status=error.status)
            return Refused("directory-down")
        return await self._open(me, found)

    async def seen(self, agent: str, case_id: str, checks: Collection[str]) -> Code | Refused:
        """Everything was checked: make the claim code. An older code of this case stops working."""
        if set(checks) != set(CHECKS):
            return Refused("unchecked")
        try:
            if not await self.accounts.is_agent(agent):
                return Refused("not-agent")
            me = await self.accounts.directory.users.get(agent)
            if not me.account_enabled:
                return Refused("not-agent")
        except GraphError as error:
            log.warning("desk-seen-failed", case=case_id, status=error.status)
            return Refused("directory-down")
        now, code = self.clock.now(), "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        async with self.database.transaction() as session:
            case = await self.cases.get(session, case_id)
            if case is None or case.target == agent or case.claim_tries >= policy.CLAIM_TRIES:
                return Refused("too-late")
            given = Changes(
                claim_hash=self.keys.sign(_claim(code)),
                claim_until=now + policy.CLAIM_LIFE,
                claim_tries=case.claim_tries + 1,
                agent=agent,
                agent_name=me.display_name,
            )
            if not await self._give(session, case, given, agent, now):
                return Refused("too-late")
        return Code(case_id, f"{code[:4]}-{code[4:]}", now + policy.CLAIM_LIFE)

    async def claim(self, typed: str, *, address: str, browser: str | None) -> Claimed | Refused:
        """Take a typed claim code: writes the evidence and binds the browser.

        Every code that does not work gets the same answer (``wrong-code``), whatever the cause.
        """
        now = self.clock.now()
        async with self.database.transaction() as session:
            allowed = await limits.hit(session, f"claim:{address}", now, _WINDOW, _TRIES_PER_ADDRESS)
        if not allowed:
            return Refused("too-many")
        async with self.database.transaction() as session:
            claimed = await self._claim(session, normal(typed), browser, now)
        return claimed or Refused("wrong-code")

    async def of_id(self, case_id: str) -> Case | None:
        """A case by its id."""
        async with self.database.transaction() as session:
            return await self.cases.get(session, case_id)

    async def _find(self, account: str) -> User | Refused:
        try:
            found = await self.accounts.directory.users.find(account)
        except Ambiguous:
            found = None
        return found or Refused("unknown-account")

    async def _open(self, agent: User, target: User) -> Case | Refused:
        now = self.clock.now()
        async with self.database.transaction() as session:
            case = await Opening(self.cases).open(session, target, starter=agent.id, now=now)
        if isinstance(case, Case) and CaseState(case.state) not in _REOPENED:
            return Refused("case-open")
        return case

    async def _give(
        self, session: AsyncSession, case: Case, given: Changes, agent: str, now: datetime
    ) -> bool:
        state = CaseState(case.state)
        if state is CaseState.OPEN:
            moved = await self.cases.move(
                session, case.id, state, CaseState.VERIFYING, now=now, actor=agent, **given
            )
            return moved is not None
        if state not in _REOPENED:
            return False
        return (
            await self.cases.note(session, case.id, state, "case.code", now=now, actor=agent, **given)
        ) is not None

    async def _claim(
        self, session: AsyncSession, code: str, browser: str | None, now: datetime
    ) -> Claimed | None:
        case = None
        for mac in self.keys.all_signatures(_claim(code)):
            case = case or await self.cases.by_claim_hash(session, mac)
        if case is None or case.claim_until is None or now >= case.claim_until or case.agent is None:
            return None
        given = Given(ROUTE, LEVEL, case.agent, ",".join(CHECKS))
        return await self.proving.take(session, case.id, given, browser, now)


def normal(typed: str) -> str:
    """A code as it was meant: Crockford's base 32 reads O as 0, I and L as 1; case and separators don't count."""
    letters = typed.upper().translate(str.maketrans("OIL", "011"))
    return "".join(letter for letter in letters if letter in _ALPHABET)


def _claim(code: str) -> bytes:
    """What is signed of a code: keyed, since 40 bits could be searched by whoever has the table."""
    return f"claim:{code}".encode()
