"""Asking in chat for a pass to one's own account."""

from dataclasses import dataclass

import structlog

from handlers.events import Pressed
from handlers.messages import CaseLink, Data, Language, NoCase, NotServed
from handlers.people import Known, People
from handlers.ports import Chats
from handlers.verification.eid import ByEid, Link
from handlers.verification.opening import Refused

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Asking:
    """Gives the one who presses a link to their own case, in the private chat and nowhere else."""

    people: People
    chats: Chats
    by_eid: ByEid
    public_url: str

    async def start(self, event: Pressed) -> None:
        """Open the case and send the link. A press that comes again gives a new link, and the old one stops working.

        The link is sent past the outbox, which would write it down; when nobody knows whether it arrived, the
        person presses once more. Raises ``ChatError`` when it surely did not.
        """
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            if known.profile.refusal in ("guest", "other-workspace"):
                await self._say(known, NotServed(known.profile.refusal))
            return
        if known.account is None:
            await self._say(known, NoCase("unknown-account"))
            return
        outcome = await self.by_eid.invite(known.account, known.language)
        match outcome:
            case Link():
                address = f"{self.public_url}/case/start/{outcome.token}"
                await self._say(known, CaseLink(outcome.case.id, outcome.code, address, outcome.until))
            case Refused(reason):
                log.info("case-not-opened", reason=reason)
                await self._say(known, NoCase(reason))

    async def opened(self, event: Pressed) -> None:
        """A button that opens a page of ours was pressed: the platform tells of it, and there is nothing to do."""

    async def _say(self, known: Known, data: Data) -> None:
        chat = self.chats.of(known.person.platform)
        place = await chat.private(known.person)
        await chat.send(place, data, Language(known.language))
