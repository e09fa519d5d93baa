"""Support decides on a case from the card in its channel, or from the copy in a private chat.

A button names a case and nothing else. A press decides by itself only where ``ports.SupportIdentity`` says that the
one who pressed has just proved who they are; everybody else is whispered a link to decide with a sign-in.
"""

from dataclasses import dataclass
from typing import Final

import structlog

from graph.errors import GraphError
from handlers.approvals.by_link import APPROVE, DENY, Decisions
from handlers.approvals.deciding import Approver, Deciding
from handlers.approvals.holding import Holding
from handlers.approvals.more import More
from handlers.events import Person, Pressed, Submitted
from handlers.messages import (
    DENIALS,
    CaseHeld,
    CaseMore,
    CaseSaved,
    Data,
    DecideLink,
    DenyForm,
    NotAllowed,
    name_of,
)
from handlers.people import Known, People
from handlers.ports import ChatError, Chats, FormExpired, SupportIdentity

log = structlog.get_logger(__name__)

DENY_FORM: Final = name_of(DenyForm)
MORE_FORM: Final = name_of(CaseMore)


@dataclass(frozen=True)
class Approvals:
    """Approve, turn down, be on it, read more. A second press, from anybody, finds the case moved."""

    people: People
    chats: Chats
    deciding: Deciding
    identity: SupportIdentity | None
    decisions: Decisions | None = None
    """Where those are sent who have to sign in first; without it they decide nothing."""
    public_url: str = ""

    @property
    def holding(self) -> Holding:
        """Who is on which case."""
        deciding = self.deciding
        return Holding(deciding.database, deciding.cases, deciding.cards, deciding.clock)

    async def approve(self, event: Pressed) -> None:
        """One approver's yes."""
        account = await self.identity.deciding(event.person) if self.identity else None
        known = await self.people.known(event.person, tie=False)
        if not await self._is_a_colleagues(event, known):
            outcome = await self._decided(event.person, known, account, event.record, APPROVE)
            await self._answer(event, known, outcome)

    async def deny(self, event: Pressed) -> None:
        """An approver's no: asks why, since the requester is told something that fits."""
        known = await self.people.known(event.person)
        refusal = await self._refusal(event.person, known, event.record)
        if refusal is not None:
            await self._refuse(event, known, refusal)
        elif not await self._is_a_colleagues(event, known):
            name = await self._target(event.record)
            await self._open(event, known, DenyForm(event.record, name))

    async def denied(self, event: Submitted) -> None:
        """The form came back with the reason. Everything is asked anew: a form can be edited on its way."""
        known = await self.people.known(event.person)
        reason = event.values.get("reason", "")
        if reason not in DENIALS:
            log.warning("unknown-denial", case=event.record)
            return
        account = await self.identity.deciding(event.person) if self.identity else None
        outcome = await self._decided(event.person, known, account, event.record, DENY, reason)
        await self._replace(event, known, outcome or CaseSaved("denied"))

    async def hold(self, event: Pressed) -> None:
        """ "I'm on it", and the same button to let go."""
        await self._hold(event, take=False)

    async def take(self, event: Pressed) -> None:
        """Take over from a colleague."""
        await self._hold(event, take=True)

    async def more(self, event: Pressed) -> None:
        """Open what else is known of the case."""
        known = await self.people.known(event.person)
        account = await self._account(event.person, known)
        if account is None or not await self._is_approver(account, event.record):
            await self._refuse(event, known, "not-approver")
            return
        form = await self._more.of(event.record, account)
        await self._open(event, known, form or NotAllowed("too-late", in_form=True, case=event.record))

    async def saved(self, event: Submitted) -> None:
        """The form came back with a ticket number, or with a colleague to hand the case to."""
        known = await self.people.known(event.person)
        account = await self._account(event.person, known)
        if account is None or not await self._is_approver(account, event.record):
            await self._replace(event, known, NotAllowed("not-approver", in_form=True, case=event.record))
            return
        chosen = event.values.get("colleague", "")
        colleague = Person(event.person.platform, event.person.tenant, chosen) if chosen else None
        outcome = await self._more.save(event.record, account, event.values.get("ticket", ""), colleague)
        await self._replace(event, known, outcome or NotAllowed("too-late", in_form=True, case=event.record))

    async def opened(self, event: Pressed) -> None:
        """The button that opens the page was pressed: the platform tells of it, and there is nothing to do."""

    @property
    def _more(self) -> More:
        return More(self.people, self.deciding, self.holding, self.identity)

    async def _hold(self, event: Pressed, *, take: bool) -> None:
        known = await self.people.known(event.person)
        account = await self._account(event.person, known)
        examined = await self._examined(account, event.record) if account else "not-approver"
        if isinstance(examined, str) or known.profile.refusal is not None:
            await self._refuse(event, known, examined if isinstance(examined, str) else "not-approver")
            return
        approver = examined.user
        if take:
            await self.holding.take(event.record, approver.id, approver.display_name)
            return
        holder = await self.holding.press(event.record, approver.id, approver.display_name)
        if holder is not None:
            await self._whisper(event, known, CaseHeld(event.record, holder.name, holder.since))

    async def _is_a_colleagues(self, event: Pressed, known: Known) -> bool:
        """Whether a colleague is on it: whoever may decide is told, and can take over."""
        holder = await self.holding.other(event.record, await self._account(event.person, known))
        if holder is None or await self._refusal(event.person, known, event.record) is not None:
            return False
        await self._whisper(event, known, CaseHeld(event.record, holder.name, holder.since))
        return True

    async def _decided(
        self,
        person: Person,
        known: Known,
        account: str | None,
        case: str,
        decision: str,
        reason: str = "",
    ) -> Data | None:
        """Decide as the account that is proved, or say why not, or where to sign in for it."""
        if account is None:
            refusal = await self._likely_refusal(person, known, case)
            refusal = refusal or ("not-approver" if self.decisions is None else None)
        elif decision == APPROVE:
            refusal = await self.deciding.approve(account, case)
        else:
            refusal = await self.deciding.deny(account, case, reason)
        if refusal is not None:
            log.info("decision-refused", case=case, reason=refusal)
            return NotAllowed(refusal, in_form=bool(reason), case=case)
        if account is not None or self.decisions is None:
            return None
        offer = await self.decisions.offer(person, case, decision, reason)
        if offer is None:
            return NotAllowed("too-late", in_form=bool(reason), case=case)
        return DecideLink(case, decision, f"{self.public_url}/case/decide/{offer.token}", offer.until)

    async def _likely_refusal(self, person: Person, known: Known, case: str) -> str | None:
        """For who is seen for the first time: whose chat account it is, by their address; the rest after the sign-in.

        It then takes a sign-in of that account, and Graph is asked once either way.
        """
        if known.profile.refusal is None and await self._account(person, known) is None:
            await self.people.known(person)
            return None
        return await self._refusal(person, known, case)

    async def _refusal(self, person: Person, known: Known, case: str) -> str | None:
        """Why a sign-in would not help, as far as anybody can tell before it: that is asked again after it."""
        if self.identity is None or known.profile.refusal is not None:
            return "not-approver"
        likely = await self._account(person, known)
        if likely is None:
            return None
        examined = await self._examined(likely, case)
        return examined if isinstance(examined, str) else None

    async def _examined(self, account: str, case: str) -> Approver | str:
        try:
            return await self.deciding.examine(account, case)
        except GraphError as error:
            log.warning("approver-unknown", case=case, status=error.status)
            return "directory-down"

    async def _account(self, person: Person, known: Known) -> str | None:
        """The account that is proved, else the one that is likely: enough to be told something, not to decide."""
        proved = await self.identity.account(person) if self.identity else None
        return proved or known.account

    async def _is_approver(self, account: str, case_id: str) -> bool:
        async with self.deciding.database.reading() as session:
            case = await self.deciding.cases.get(session, case_id)
        try:
            return bool(await self.deciding.accounts.approving(account, case, self.deciding.clock.now()))
        except GraphError as error:
            log.warning("approver-unknown", status=error.status)
            return False

    async def _target(self, case_id: str) -> str:
        async with self.deciding.database.reading() as session:
            case = await self.deciding.cases.get(session, case_id)
        return case.target_name if case is not None else ""

    async def _answer(self, event: Pressed, known: Known, outcome: Data | None) -> None:
        if outcome is not None:
            await self._whisper(event, known, outcome)

    async def _refuse(self, event: Pressed, known: Known, reason: str) -> None:
        log.info("press-refused", case=event.record, reason=reason)
        await self._whisper(event, known, NotAllowed(reason, case=event.record))

    async def _open(self, event: Pressed, known: Known, form: Data) -> None:
        try:
            if event.opener is None:
                raise FormExpired(event.id)
            await self.chats.of(event.person.platform).open_form(event.opener, form, known.language)
        except FormExpired:
            await self._whisper(event, known, NotAllowed("expired-press", case=event.record))

    async def _replace(self, event: Submitted, known: Known, outcome: Data) -> None:
        """The outcome in the place of the form, if that is still open; what was done stands all the same."""
        try:
            if event.opener is None:
                raise FormExpired(event.id)
            await self.chats.of(event.person.platform).open_form(event.opener, outcome, known.language)
        except FormExpired:
            log.info("form-closed", form=event.form)

    async def _whisper(self, event: Pressed, known: Known, data: Data) -> None:
        """A private word; when it cannot be delivered nothing else depends on it."""
        try:
            await self.chats.of(event.person.platform).whisper(
                event.place, event.person, data, known.language
            )
        except ChatError as error:
            log.info("whisper-lost", error=type(error).__name__)
