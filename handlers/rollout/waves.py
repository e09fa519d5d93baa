"""Groups of the directory as waves: read live, nested groups included, and followed whole or not at all."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from graph.errors import NotFound
from graph.groups import Groups, Member
from handlers.records import LeftOut, PlanEntry, Source
from handlers.rollout import writing
from handlers.rollout.batches import batches
from handlers.rollout.difference import Tally
from handlers.rollout.membership import Joined, Membership, Wave
from handlers.rollout.plan import ImportReport
from handlers.rollout.progress import Progress, untold
from handlers.rollout.when import Calendar
from handlers.rollout.writing import Author
from handlers.store import limits
from handlers.store.database import Database

log = structlog.get_logger(__name__)

_OFTEN: Final = timedelta(minutes=30)
_SUBJECT: Final = "rollout.waves"
_TOLD: Final = 999
"""Members of one page."""


@dataclass(frozen=True)
class GroupsReport:
    """What following the groups did, or would have done."""

    plan: ImportReport = field(default_factory=ImportReport)
    empty: tuple[str, ...] = ()
    """Waves whose group has nobody in it though the plan does: then nothing is done."""
    unknown: tuple[str, ...] = ()
    """Waves, and excluded groups by their id, that the directory does not know: then nothing is done."""
    in_several: int = 0
    """Accounts in more than one wave's group: the earliest day counts."""
    held_by_file: int = 0
    """Accounts in a wave's group whose day a file has set."""
    left_out: int = 0
    """Accounts in a wave's group that a file took out of the plan."""

    @property
    def is_accepted(self) -> bool:
        """Whether the groups can be followed."""
        return not self.empty and not self.unknown


@dataclass(frozen=True)
class Waves:
    """Keeps the plan as the groups say. A row of a file beats a group; nothing is ever changed in a group."""

    database: Database
    groups: Groups
    calendar: Calendar
    waves: tuple[Wave, ...]
    exclude_groups: tuple[str, ...]

    @property
    def is_on(self) -> bool:
        """Whether the settings name any group."""
        return bool(self.waves or self.exclude_groups)

    async def tick(self, now: datetime) -> None:
        """Follow the groups, every half hour in one of the replicas. Raises ``GraphError``: then nothing is done."""
        if not await self._is_wanted():
            return
        async with self.database.transaction() as session:
            if not await limits.hit(session, _SUBJECT, now, _OFTEN, 1):
                return
        report = await self.follow(Author("tofaktor", "", now))
        if not report.is_accepted:
            log.error("waves-refused", empty=len(report.empty), unknown=len(report.unknown))

    async def follow(self, author: Author, *, dry_run: bool = False, told: Progress = untold) -> GroupsReport:
        """Read every group, then make the plan what they say in one transaction. Raises ``GraphError``."""
        members, unknown = await self._read(told)
        if unknown:
            return GroupsReport(unknown=unknown)
        counted = _Counted()
        empty: tuple[str, ...] = ()
        with suppress(_Refused):
            async with self.database.reading() if dry_run else self.database.transaction() as session:
                if not dry_run:
                    await writing.lock(session)
                empty = await self._emptied(session, members)
                if empty:
                    raise _Refused
                accounts = await _concerned(session, members)
                for batch in batches(accounts):
                    await _apply(session, members, batch, counted, author, dry_run=dry_run)
                    told("accounts followed", counted.seen, len(accounts))
                if not dry_run:
                    await _forget(session, members)
        if empty:
            return GroupsReport(empty=empty)
        report = counted.report(members, self.calendar)
        if not dry_run and (report.plan.added or report.plan.moved or report.plan.removed):
            log.info(
                "waves-followed",
                added=report.plan.added,
                moved=report.plan.moved,
                removed=report.plan.removed,
            )
        return report

    async def _is_wanted(self) -> bool:
        """Whether there is anything to follow: also when the last wave has gone from the settings."""
        if self.is_on:
            return True
        async with self.database.reading() as session:
            kept = or_(col(PlanEntry.source) == Source.GROUP, col(PlanEntry.excluded))
            return await session.scalar(select(col(PlanEntry.account)).where(kept).limit(1)) is not None

    async def _read(self, told: Progress) -> tuple[Membership, tuple[str, ...]]:
        """Who is in which group, and the groups that are not there."""
        found, unknown, seen = Membership(), [], 0
        for wave in self.waves:
            try:
                async for member in self.groups.members(wave.group):
                    _join(found, member, wave)
                    seen += 1
                    if seen % _TOLD == 0:
                        told("members of groups read", seen)
            except NotFound:
                unknown.append(wave.name)
        for group in self.exclude_groups:
            try:
                async for member in self.groups.members(group):
                    found.excluded.add(member.id)
            except NotFound:
                unknown.append(group)
        return found, tuple(unknown)

    async def _emptied(self, session: AsyncSession, members: Membership) -> tuple[str, ...]:
        """Somebody's slip of the hand must not take a whole wave's reminders away."""
        there = {wave.name for joined in members.joined.values() for wave in joined.waves}
        suspects = [wave.name for wave in self.waves if wave.name not in there]
        held = await session.scalars(
            select(col(PlanEntry.wave))
            .where(col(PlanEntry.wave).in_(suspects), col(PlanEntry.source) == Source.GROUP)
            .distinct()
        )
        return tuple(sorted(filter(None, held)))


class _Refused(Exception):
    """Ends the transaction."""


@dataclass
class _Counted:
    changed: Tally = field(default_factory=Tally)
    seen: int = 0
    held_by_file: int = 0
    left_out: int = 0

    def report(self, members: Membership, calendar: Calendar) -> GroupsReport:
        return GroupsReport(
            plan=ImportReport.of(self.changed, calendar),
            in_several=sum(len(joined.waves) > 1 for joined in members.joined.values()),
            held_by_file=self.held_by_file,
            left_out=self.left_out,
        )


def _join(found: Membership, member: Member, wave: Wave) -> None:
    before = found.joined.get(member.id)
    if before is not None:
        found.joined[member.id] = replace(before, waves=(*before.waves, wave))
        return
    upn = member.upn or member.id
    mail = upn if member.mail == upn else member.mail
    found.joined[member.id] = Joined(member.id, upn, mail, (wave,))


async def _concerned(session: AsyncSession, members: Membership) -> Sequence[str]:
    """Everybody in a wave's group, and whom the plan holds by one or has as excluded, in order."""
    account = col(PlanEntry.account)
    kept = or_(col(PlanEntry.source) == Source.GROUP, col(PlanEntry.excluded))
    concerned = set(await session.scalars(select(account).where(kept)))
    concerned |= members.joined.keys() | members.excluded
    return sorted(concerned)


async def _apply(
    session: AsyncSession,
    members: Membership,
    accounts: Sequence[str],
    counted: _Counted,
    author: Author,
    *,
    dry_run: bool,
) -> None:
    held = await writing.held_by(session, accounts, lock=not dry_run)
    out = set(await session.scalars(select(col(LeftOut.account)).where(col(LeftOut.account).in_(accounts))))
    made = []
    for account in accounts:
        before = held.get(account)
        change = members.by_group(account, before, is_left_out=account in out)
        if change.before is not None or change.after is not None:
            made.append(change)
        if account in members.joined:
            counted.held_by_file += before is not None and before.source == Source.FILE
            counted.left_out += account in out
    counted.changed.add(made)
    counted.seen += len(accounts)
    if not dry_run:
        await writing.write(session, made, author, members.why)


async def _forget(session: AsyncSession, members: Membership) -> None:
    """Who is in no wave's group is not left out of any: joining one later counts anew."""
    out = await session.scalars(select(col(LeftOut.account)))
    for batch in batches(account for account in out if account not in members.joined):
        await session.execute(delete(LeftOut).where(col(LeftOut.account).in_(batch)))
