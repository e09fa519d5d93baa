"""Who may stop passes and start them again: approvers stop, the security team does both. In chat and on a page.

Whoever asks has to have proved who they are as for an approval: in chat that is a sign-in a moment ago, and everybody
else is led to the page, which asks for one.
"""

import re
from dataclasses import dataclass
from typing import Final

import structlog

from graph.errors import GraphError
from handlers.accounts import Accounts
from handlers.events import Asked, Event, Pressed
from handlers.messages import PassesReply
from handlers.passes.brakes import Brakes
from handlers.people import People
from handlers.ports import Clock, SupportIdentity
from handlers.store import brakes as store
from handlers.store import outbox
from handlers.store.database import Database

log = structlog.get_logger(__name__)

STOP: Final = "stop"
START: Final = "start"
_COMMAND: Final = re.compile(r"\s*pass(?:es)?\s+(stopp?|start)[\s.!]*", re.IGNORECASE)


@dataclass(frozen=True)
class Switching:
    """Everything is asked live: being in a group yesterday opens nothing today."""

    database: Database
    people: People
    accounts: Accounts
    brakes: Brakes
    clock: Clock
    security: str | None
    """Object id of the group that starts passes again."""
    identity: SupportIdentity | None = None
    public_url: str = ""

    async def handle(self, event: Event) -> bool:
        """Take a word in private or a press, and leave everything else."""
        match event:
            case Asked() if event.place.private and (found := _COMMAND.fullmatch(event.text)):
                return await self._asked(event, START if found[1].lower() == START else STOP)
            case Pressed(action="passes.stop"):
                return await self._asked(event, STOP)
            case Pressed(action="passes.start"):
                return await self._asked(event, START)
            case Pressed(action="links.passes"):
                return True
            case _:
                return False

    async def switch(self, account: str, what: str) -> str:
        """Stop or start as this account, which has proved to be there; what became of it."""
        try:
            refusal = await self._refusal(account, what)
            by = (await self.accounts.directory.users.get(account)).display_name if refusal is None else ""
        except GraphError as error:
            log.warning("switching-unknown", status=error.status)
            return "directory-down"
        if refusal is not None:
            log.warning("switching-refused", account=account, what=what)
            return refusal
        now = self.clock.now()
        change = self.brakes.start if what == START else self.brakes.stop
        async with self.database.transaction() as session:
            done = await change(session, by=by, actor=account, now=now)
        return {START: "started", STOP: "stopped"}[what] if done else "already"

    async def stands(self) -> tuple[bool, bool]:
        """Whether passes are stopped, and whether the breaker did it."""
        async with self.database.transaction() as session:
            row = await store.held(session)
        return row.stopped_at is not None, row.reason == "breaker"

    async def _refusal(self, account: str, what: str) -> str | None:
        groups = self.accounts.directory.groups
        security = self.security is not None and self.security in await groups.is_member(
            account, [self.security]
        )
        if security or (what == STOP and await self.accounts.is_approver(account)):
            enabled = (await self.accounts.directory.users.get(account)).account_enabled
            return None if enabled else "not-approver"
        return "not-security" if what == START else "not-approver"

    async def _asked(self, event: Asked | Pressed, what: str) -> bool:
        known = await self.people.known(event.person)
        if known.profile.refusal is not None or self.identity is None:
            return isinstance(event, Pressed)
        account = await self.identity.deciding(event.person)
        if account is not None:
            reply = PassesReply(await self.switch(account, what))
        else:
            reply = PassesReply("sign-in", f"{self.public_url}/passes")
        post = outbox.Post(
            key=f"reply:{event.id}:0",
            target=event.person,
            data=reply,
            language=known.language,
            due_at=self.clock.now(),
            priority=1,
        )
        async with self.database.transaction() as session:
            await outbox.add(session, post, tenant=event.person.tenant)
        return True
