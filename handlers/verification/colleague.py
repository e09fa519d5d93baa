"""Asking for a colleague who cannot write here: it opens a case for them, and tells the one who asks nothing.

The reply comes first and is the same whoever has the address, or nobody. The case leads nowhere by itself: its owner
has to prove who they are, at the front door or at the desk.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from graph.errors import Ambiguous
from graph.users import User
from handlers.accounts import Accounts
from handlers.cards import Cards
from handlers.events import Asked, Event, Place, Pressed, Submitted
from handlers.language import of_locale
from handlers.messages import ColleagueAgain, ColleagueForm, ColleagueStart, ColleagueThanks, Data
from handlers.people import Known, People
from handlers.ports import Clock, FormExpired
from handlers.records import Case
from handlers.states import CaseState
from handlers.store import limits, outbox
from handlers.store.cases import Cases
from handlers.store.database import Database
from handlers.verification import policy
from handlers.verification.asking import Asking
from handlers.verification.eid import COLLEAGUE
from handlers.verification.opening import Opening

log = structlog.get_logger(__name__)

FORM: Final = "colleague_form"
PER_DAY: Final = 3
"""How many colleagues one can ask for in a day."""
_DAY: Final = timedelta(days=1)
_COMMAND: Final = re.compile(r"\s*(?:/?2fa\s+)?for\s+(?P<address>\S+@\S+?)[\s.,!?]*", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,189}")


@dataclass(frozen=True)
class Colleagues:
    """Takes a button, a form and a command; whoever is served and has an account may use them."""

    database: Database
    people: People
    accounts: Accounts
    cases: Cases
    cards: Cards
    clock: Clock
    asking: Asking
    rules: policy.Rules = policy.DEFAULT_RULES

    async def handle(self, event: Event) -> bool:
        """Take the event, or leave it to the others."""
        match event:
            case Asked() if event.place.private and (found := _COMMAND.fullmatch(event.text)):
                return await self._asked(event, found["address"])
            case Pressed(action="colleague.open"):
                return await self._open(event)
            case Submitted(form=form) if form == FORM:
                return await self._asked(event, event.values.get("address", ""))
            case _:
                return False

    async def _open(self, event: Pressed) -> bool:
        """False for who is not served: they are told so as for any other button."""
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            return False
        if event.opener is None:
            await self._say(event, known, ColleagueStart())
        else:
            await self._show(event, known, ColleagueForm())
        return True

    async def _asked(self, event: Asked | Submitted, typed: str) -> bool:
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            return False
        address = typed.strip()
        if not _ADDRESS.fullmatch(address):
            await self._reply(event, known, ColleagueAgain("no-address"))
            return True
        target = await self._find(address)
        if target is not None and target.id == known.account:
            place = Place(event.person.platform, event.person.user, private=True)
            await self.asking.start(Pressed(event.id, event.person, place, "cases.start", ""))
            return True
        subject, now = f"colleague:{known.account or event.person}", self.clock.now()
        async with self.database.transaction() as session:
            allowed = await limits.hit(session, subject, now, _DAY, PER_DAY)
        await self._reply(event, known, ColleagueThanks(address) if allowed else ColleagueAgain("too-many"))
        if allowed and target is not None and known.account is not None:
            await self._open_case(target, known.account, known)
        return True

    async def _find(self, address: str) -> User | None:
        """Whoever has the address. Raises ``GraphError``: then the event comes again, whoever it is for."""
        try:
            return await self.accounts.directory.users.find(address)
        except Ambiguous:
            log.warning("colleague-ambiguous")
            return None

    async def _open_case(self, target: User, starter: str, known: Known) -> None:
        """Open the case, if the account may have a pass. Nobody but its owner is told whether it was opened."""
        classified = await self.accounts.classify(target)
        if not classified.may_have_pass:
            log.info("colleague-case-not-opened", reason=classified.reason)
            return
        now = self.clock.now()
        # The case speaks its owner's language, not that of whoever asked.
        language = of_locale(target.preferred_language) or known.language
        async with self.database.transaction() as session:
            outcome = await Opening(self.cases, self.rules).open(
                session, target, starter=starter, language=language, now=now, opened_by=COLLEAGUE
            )
            if not isinstance(outcome, Case):
                log.info("colleague-case-not-opened", reason=outcome.reason)
            elif outcome.starter == starter and outcome.state == CaseState.OPEN:
                await self.cards.news(session, outcome, now)

    async def _reply(self, event: Asked | Submitted, known: Known, data: Data) -> None:
        """In private; what a form asked for, in the place of the form."""
        if isinstance(event, Submitted):
            await self._show(event, known, data)
        else:
            await self._say(event, known, data)

    async def _show(self, event: Pressed | Submitted, known: Known, data: Data) -> None:
        try:
            if event.opener is None:
                raise FormExpired(event.id)
            await self.people.chats.of(event.person.platform).open_form(event.opener, data, known.language)
        except FormExpired:
            late = ColleagueAgain("too-late") if isinstance(data, ColleagueForm) else data
            await self._say(event, known, late)

    async def _say(self, event: Asked | Pressed | Submitted, known: Known, data: Data) -> None:
        async with self.database.transaction() as session:
            await outbox.add(
                session,
                outbox.Post(
                    key=f"reply:{event.id}:0",
                    target=event.person,
                    data=data,
                    language=known.language,
                    due_at=self.clock.now(),
                    priority=1,
                ),
                tenant=event.person.tenant,
            )
