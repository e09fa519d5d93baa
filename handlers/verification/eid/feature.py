"""The route put together: two ways out, from a link in chat or from the front door, and one way back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from graph.errors import GraphError
from handlers.accounts import Accounts
from handlers.departures import Departure
from handlers.messages import Language
from handlers.ports import Clock, Eid, EidRoute
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import eid as store
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.store.keys import EvidenceKeys, hashed
from handlers.verification.browsers import Claimed, browser_hash
from handlers.verification.eid.admitting import COLLEAGUE, Admitting
from handlers.verification.eid.doors import FromDoor
from handlers.verification.eid.links import PROVABLE, Intent, Link, Links
from handlers.verification.eid.logins import Against, Logins
from handlers.verification.eid.parts import LOGIN_LIFE
from handlers.verification.opening import Refused
from handlers.verification.proving import Proving

log = structlog.get_logger(__name__)

_AGAIN: Final = frozenset({CaseState.VERIFIED, CaseState.APPROVED, CaseState.ISSUE_UNKNOWN})


@dataclass(frozen=True)
class ByEid:
    """Opens cases for people who ask in chat or come to the front door, and takes their logins."""

    database: Database
    accounts: Accounts
    cases: Cases
    proving: Proving
    keys: EvidenceKeys
    clock: Clock
    eid: Eid
    other_ways: bool = False
    """Whether somebody without an eID can prove who they are on the page that the link leads to."""
    logins: Logins = field(init=False)
    links: Links = field(init=False)
    doors: FromDoor = field(init=False)

    def __post_init__(self) -> None:
        """The parts share what they need."""
        logins = Logins(self.database, self.accounts, self.cases, self.proving, self.clock, self.eid)
        object.__setattr__(self, "logins", logins)
        object.__setattr__(self, "links", Links(logins, self.keys, self.other_ways))
        object.__setattr__(self, "doors", FromDoor(logins))

    async def invite(self, account: str, language: Language) -> Link | Refused:
        """See ``Links.invite``."""
        return await self.links.invite(account, language)

    async def look(self, token: str) -> Intent | None:
        """See ``Links.look``."""
        return await self.links.look(token)

    async def depart(
        self, token: str, typed: str, provider: str, *, address: str, language: Language
    ) -> Departure | Refused:
        """See ``Links.depart``."""
        return await self.links.depart(token, typed, provider, address=address, language=language)

    async def pass_link(self, token: str, typed: str, *, address: str) -> str | Refused:
        """See ``Links.pass_link``."""
        return await self.links.pass_link(token, typed, address=address)

    async def again(self, browser: str, provider: str, language: Language) -> Departure | Refused:
        """The proof has grown old: the browser of the case goes to the provider once more."""
        async with self.database.transaction() as session:
            case = await self.cases.by_browser_hash(session, browser_hash(browser))
        if case is None or CaseState(case.state) not in (*PROVABLE, *_AGAIN):
            return Refused("link-over")
        return await self.links.leave(case, provider, language)

    async def come_back(
        self,
        provider: str,
        cookie: str | None,
        browser: str | None,
        query: Sequence[tuple[str, str]],
        language: Language = Language.NB,
        address: str = "",
    ) -> Claimed | Refused:
        """The browser is back. Whatever is wrong with what it brings is told in the same words (``not-proved``).

        ``language`` is that of a case which is opened by it.
        """
        now = self.clock.now()
        async with self.database.transaction() as session:
            taken = await store.take(session, hashed(cookie or ""), provider, now - LOGIN_LIFE, now)
            case = await self.cases.get(session, taken.case) if taken and taken.case else None
        if taken is None or (case is None and taken.door is None):
            return Refused("other-browser")
        of = Against(case.target, case.id) if case else await self.doors.whose(taken)
        identity = await self.logins.identity(taken, provider, query, of)
        if isinstance(identity, Refused):
            return identity
        counts = case is not None or await self.doors.counts(taken, of)
        proof = await self.logins.judge(provider, identity, of)
        if isinstance(proof, Refused):
            return proof
        if not counts:
            return await self.logins.refuse(of, provider, "too-many-logins")
        admitting = Admitting(self.logins)
        if case is not None and case.opened_by != COLLEAGUE:
            return await admitting.to_case(case, proof, provider, browser, address)
        return await admitting.to_own(proof, provider, browser, language, taken.cookie_hash, address)

    async def choices(self, case: Case) -> tuple[EidRoute, ...]:
        """The eIDs by which the browser of this case can prove who sits at it once more; none while nobody can tell."""
        try:
            return await self.logins.routes(case.target)
        except GraphError as error:
            log.warning("choices-unknown", case=case.id, status=error.status)
            return ()

    async def provider_of(self, case: Case) -> str | None:
        """Where whoever proved this case logged in last."""
        async with self.database.transaction() as session:
            return await store.provider_of(session, case.id)
