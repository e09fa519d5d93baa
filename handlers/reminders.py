"""What a person can press in a reminder."""

from dataclasses import dataclass

import structlog

from graph.errors import GraphError
from handlers.accounts import Directory
from handlers.events import Pressed
from handlers.messages import Progress
from handlers.people import People
from handlers.ports import Clock
from handlers.readiness import missing
from handlers.rollout import plan, registered
from handlers.store import outbox
from handlers.store.database import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Reminders:
    """Answers "I have done it" by a look in Graph."""

    database: Database
    people: People
    directory: Directory
    clock: Clock
    own_telecom: bool

    async def done(self, event: Pressed) -> None:
        """Say what Graph sees, to the owner of the account alone."""
        known = await self.people.known(event.person)
        if known.profile.refusal is not None:
            return
        async with self.database.transaction() as session:
            await outbox.add(
                session,
                outbox.Post(
                    key=f"reply:{event.id}:0",
                    target=event.person,
                    data=Progress(await self._missing(known.account)),
                    language=known.language,
                    due_at=self.clock.now(),
                    priority=1,
                ),
                tenant=event.person.tenant,
            )

    async def _missing(self, account: str | None) -> str:
        if account is None:
            return "unknown"
        async with self.database.transaction() as session:
            planned = await plan.entry(session, account)
        day = planned.activation_day if planned else self.clock.now().date()
        try:
            methods = await self.directory.methods.list(account)
        except GraphError as error:
            log.warning("progress-unknown", status=error.status)
            return "unknown"
        await registered.seen(self.database, account, methods, self.clock.now(), own_telecom=self.own_telecom)
        return missing(methods, day, own_telecom=self.own_telecom)
