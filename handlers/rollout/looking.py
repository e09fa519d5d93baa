"""What is to become of a reminder: a look at the account, and at the chats that may reach its owner."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog

from graph.errors import Ambiguous, BadRequest, GraphError, NotFound, Throttled, Unreadable
from graph.users import User
from handlers.accounts import Directory
from handlers.messages import Language
from handlers.ports import Chats
from handlers.readiness import Missing, missing
from handlers.records import PlanEntry
from handlers.rollout.keys import Outcome
from handlers.rollout.reach import NobodyKnows, Reach, Recipient
from handlers.rollout.rests import Rests
from handlers.store.database import Database

log = structlog.get_logger(__name__)

GRAPH: Final = "graph"
"""What rests while the directory has asked for a pause."""
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Finding:
    """What is to become of one reminder."""

    outcome: Outcome
    lacking: Missing = Missing.NOTHING
    recipient: Recipient | None = None


@dataclass(frozen=True)
class Looking:
    """Looks at one account at a time. What cannot be read now rests, and is left for a later tick."""

    database: Database
    directory: Directory
    chats: Chats
    own_telecom: bool
    language: Language
    """Of people whose language nobody knows."""
    rests: Rests

    async def look(self, entry: PlanEntry) -> Finding | None:
        """What is to become of this account's message; nothing when that cannot be told now."""
        try:
            return await self._finding(entry)
        except Throttled as pause:
            self.rests.ask(GRAPH, timedelta(seconds=pause.retry_after))
            log.info("reminders-rest", why="throttled", seconds=pause.retry_after)
        except (BadRequest, Unreadable, Ambiguous) as error:
            self.rests.ask(entry.account, 10 * _MINUTE)
            log.warning("reminder-put-off", account=entry.account, error=type(error).__name__)
        except GraphError as error:
            self.rests.ask(GRAPH, _MINUTE)
            log.warning("reminders-rest", why=type(error).__name__, status=error.status)
        except NobodyKnows:
            self.rests.ask(entry.account, _MINUTE)
        return None

    async def _finding(self, entry: PlanEntry) -> Finding:
        if entry.excluded:
            return Finding(Outcome.EXCLUDED)
        try:
            user = await self.directory.users.get(entry.account)
        except NotFound:
            return Finding(Outcome.GONE)
        if (refused := _refused(user)) is not None:
            return Finding(refused)
        methods = await self.directory.methods.list(entry.account)
        lacking = missing(methods, entry.activation_day, own_telecom=self.own_telecom)
        if lacking is Missing.NOTHING:
            return Finding(Outcome.READY)
        reach = Reach(self.database, self.chats, self.language, self.rests)
        recipient = await reach.recipient(entry, user)
        return Finding(Outcome.QUEUED if recipient else Outcome.UNREACHABLE, lacking, recipient)


def _refused(user: User) -> Outcome | None:
    if not user.account_enabled:
        return Outcome.DISABLED
    return Outcome.GUEST if user.is_external_guest else None
