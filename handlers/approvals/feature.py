"""Support decides on a case from the card in its channel.

The button names a case and nothing else; who pressed is proved by ``ports.SupportIdentity``.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from handlers.approvals.deciding import Deciding
from handlers.events import Pressed
from handlers.messages import NotAllowed
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

    async def approve(self, event: Pressed) -> None:
        """One approver's yes."""
        await self._decide(event, self.deciding.approve)

    async def deny(self, event: Pressed) -> None:
        """An approver's no."""
        await self._decide(event, self.deciding.deny)

    async def _decide(self, event: Pressed, decide: Callable[[str, str], Awaitable[str | None]]) -> None:
        known = await self.people.known(event.person)
        account = await self.identity.account(event.person) if self.identity else None
        refusal = await decide(account, event.record) if account else "not-approver"
        if refusal is not None:
            log.info("decision-refused", case=event.record, reason=refusal)
            await self._whisper(event, known, refusal)

    async def _whisper(self, event: Pressed, known: Known, reason: str) -> None:
        """A private word; when it cannot be delivered nothing else depends on it."""
        try:
            await self.chats.of(event.person.platform).whisper(
                event.place, event.person, NotAllowed(reason), known.language
            )
        except ChatError as error:
            log.info("whisper-lost", error=type(error).__name__)
