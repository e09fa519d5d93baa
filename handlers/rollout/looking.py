"""What is to become of a reminder: a look at the account, and at the chats that may reach its owner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from graph.errors import Ambiguous, BadRequest, GraphError, NotFound, Throttled, Unreadable
from graph.users import User
from handlers.accounts import Directory
from handlers.messages import Language
from handlers.ports import Chats
from handlers.readiness import Missing, has_spare_of, missing_of
from handlers.records import PlanEntry, ReachState
from handlers.rollout.keys import Outcome
from handlers.rollout.lookups import METHODS, Lookups
from handlers.rollout.reach import NobodyKnows, Reach, Recipient
from handlers.rollout.rests import Rests
from handlers.store import reaching, registrations
from handlers.store.database import Database
from handlers.store.registrations import FRESH, Facts

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
    as_of: datetime | None = None
    """When it was so, if that is longer ago than one would wish."""
    has_spare: bool = False


@dataclass(frozen=True)
class Looking:
    """Looks at one account at a time. What cannot be read now rests, and is left for a later tick."""

    database: Database
    directory: Directory
    chats: Chats
    lookups: Lookups
    language: Language
    """Of people whose language nobody knows."""
    rests: Rests
    now: datetime
    ready_note: bool = False
    """Whether who is ready is written to as well."""

    async def look(self, entry: PlanEntry, *, may_guess: bool = False) -> Finding | None:
        """What is to become of this account's message; nothing when that cannot be told now.

        ``may_guess``: somebody whom nobody could look at is to be reminded all the same.
        """
        try:
            return await self._finding(entry, may_guess=may_guess)
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

    async def _finding(self, entry: PlanEntry, *, may_guess: bool) -> Finding:
        if entry.excluded:
            return Finding(Outcome.EXCLUDED)
        async with self.database.reading() as session:
            known = await registrations.of(session, entry.account)
        if known is None and METHODS in self.rests:
            raise NobodyKnows
        try:
            user = await self.directory.users.get(entry.account)
        except NotFound:
            return Finding(Outcome.GONE)
        if (refused := _refused(user)) is not None:
            return Finding(refused)
        finding = await self._lacking(entry, known)
        if finding.lacking is Missing.UNKNOWN and not may_guess:
            raise NobodyKnows
        if finding.lacking is Missing.NOTHING and not self.ready_note:
            return finding
        reach = Reach(self.database, self.chats, self.language, self.rests)
        recipient = await reach.recipient(entry, user)
        if finding.lacking is not Missing.NOTHING:
            outcome = Outcome.QUEUED if recipient else Outcome.UNREACHABLE
        else:
            outcome = Outcome.TOLD_READY if recipient else Outcome.READY
        return replace(finding, outcome=outcome, recipient=recipient, seen=reach.seen)

    async def _lacking(self, entry: PlanEntry, known: Facts | None) -> Finding:
        """What the account lacks: by what was seen lately, else by a look, else by what was seen before."""
        kinds, as_of = known.kinds if known else None, known.as_of if known else None
        if kinds is None or as_of is None or as_of <= self.now - FRESH:
            seen = await self.lookups.one(entry.account, self.now)
            kinds, as_of = (kinds, as_of) if seen is None else (seen, None)
        else:
            as_of = None
        if kinds is None:
            return Finding(Outcome.QUEUED, Missing.UNKNOWN)
        own, day = self.lookups.own_telecom, entry.activation_day
        lacking = missing_of(kinds, day, own_telecom=own)
        spare = has_spare_of(kinds, day, own_telecom=own)
        outcome = Outcome.READY if lacking is Missing.NOTHING else Outcome.QUEUED
        return Finding(outcome, lacking, as_of=as_of, has_spare=spare)


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
