"""What is to become of a reminder: a look at the account, and at the chats that may reach its owner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import Ambiguous, BadRequest, GraphError, NotFound, Throttled, Unreadable
from graph.users import User
from handlers.accounts import Directory
from handlers.messages import Language
from handlers.ports import Chats
from handlers.readiness import Missing, missing
from handlers.records import PlanEntry, ReachState
from handlers.rollout.keys import Outcome
from handlers.rollout.reach import NobodyKnows, Reach, Recipient
from handlers.rollout.rests import Rests
from handlers.store import reaching
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
    seen: Mapping[str, ReachState] = field(default_factory=dict)
    """How it stands with the chats that were asked."""


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
        outcome = Outcome.QUEUED if recipient else Outcome.UNREACHABLE
        return Finding(outcome, lacking, recipient, reach.seen)


async def note(session: AsyncSession, settled: Iterable[tuple[PlanEntry, Finding]], now: datetime) -> None:
    """Keep how it stands with whom in which chat."""
    by_platform: dict[str, dict[str, ReachState]] = {}
    for entry, finding in settled:
        for platform, state in finding.seen.items():
            by_platform.setdefault(platform, {})[entry.account] = state
    for platform, states in by_platform.items():
        await reaching.put(session, platform, states, now)


def _refused(user: User) -> Outcome | None:
    if not user.account_enabled:
        return Outcome.DISABLED
    return Outcome.GUEST if user.is_external_guest else None
