"""Support decides on a case from the card in its channel.

The button names a case and nothing else. A press decides by itself only where ``ports.SupportIdentity`` says that the
one who pressed has just proved who they are; everybody else is whispered a link to decide with a sign-in.
"""

from dataclasses import dataclass

import structlog

from graph.errors import GraphError
from handlers.approvals.by_link import APPROVE, DENY, Decisions
from handlers.approvals.deciding import Deciding
from handlers.events import Pressed
from handlers.messages import Data, DecideLink, NotAllowed
from handlers.people import Known, People
from handlers.ports import ChatError, Chats, SupportIdentity

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Approvals:
    """Approve and deny. A second press, from anybody, finds the case moved and changes nothing."""

    people: People
    chats: Chats
    deciding: Deciding
    identity: SupportIdentity | None
    decisions: Decisions | None = None
    """Where those are sent who have to sign in first; without it they decide nothing."""
    public_url: str = ""

    async def approve(self, event: Pressed) -> None:
        """One approver's yes."""
        await self._decide(event, APPROVE)

    async def deny(self, event: Pressed) -> None:
        """An approver's no."""
        await self._decide(event, DENY)

    async def opened(self, event: Pressed) -> None:
        """The button that opens the page was pressed: the platform tells of it, and there is nothing to do."""

    async def _decide(self, event: Pressed, decision: str) -> None:
        known = await self.people.known(event.person, tie=False)
        account = await self.identity.deciding(event.person) if self.identity else None
        if account is not None:
            decide = self.deciding.approve if decision == APPROVE else self.deciding.deny
            refusal = await decide(account, event.record)
        else:
            refusal = await self._refusal(event, known)
        if refusal is not None:
            log.info("decision-refused", case=event.record, reason=refusal)
            await self._whisper(event, known, NotAllowed(refusal))
        elif account is None and self.decisions is not None:
            await self._send_to_sign_in(event, known, decision, self.decisions)

    async def _refusal(self, event: Pressed, known: Known) -> str | None:
        """Why a sign-in would not help, as far as anybody can tell before it: that is asked again after it."""
        if self.decisions is None or self.identity is None or known.profile.refusal is not None:
            return "not-approver"
        likely = await self.identity.account(event.person) or known.account
        if likely is None:
            return None
        try:
            return await self.deciding.refusal(likely, event.record)
        except GraphError as error:
            log.warning("approver-unknown", case=event.record, status=error.status)
            return "directory-down"

    async def _send_to_sign_in(
        self, event: Pressed, known: Known, decision: str, decisions: Decisions
    ) -> None:
        offer = await decisions.offer(event.person, event.record, decision)
        if offer is None:
            await self._whisper(event, known, NotAllowed("too-late"))
            return
        address = f"{self.public_url}/case/decide/{offer.token}"
        await self._whisper(event, known, DecideLink(event.record, decision, address, offer.until))

    async def _whisper(self, event: Pressed, known: Known, data: Data) -> None:
        """A private word; when it cannot be delivered nothing else depends on it."""
        try:
            await self.chats.of(event.person.platform).whisper(
                event.place, event.person, data, known.language
            )
        except ChatError as error:
            log.info("whisper-lost", error=type(error).__name__)
