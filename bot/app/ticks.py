"""What happens by itself, and how often."""

from datetime import timedelta
from functools import partial

import structlog

from bot.app.features import Features
from bot.schedule import Schedule
from bot.settings import Settings
from bot.support import names_on
from handlers.alarms import Alarm
from handlers.notices.segments import hand_over
from handlers.ports import Clock
from handlers.store import (
    codes,
    directory_audit,
    eid,
    guides,
    inbox,
    limits,
    not_me,
    notices,
    outbox,
    questions,
    relays,
    signing_in,
)
from handlers.store.cases import Cases
from handlers.store.database import Database

log = structlog.get_logger(__name__)


def schedule_of(settings: Settings, database: Database, features: Features, clock: Clock) -> Schedule:
    """Every tick there is, not yet started."""
    schedule = Schedule()
    keep = timedelta(days=settings.retention.questions_days)
    platforms = names_on(settings)

    async def purge() -> None:
        async with database.transaction() as session:
            await inbox.purge(session, clock.now())
            await outbox.drop_elsewhere(session, platforms)
            await limits.purge(session, clock.now())
            await notices.purge(session, clock.now())
            await not_me.purge(session, clock.now())
            await directory_audit.purge(session, clock.now())
            await guides.purge(session, clock.now())
            await codes.purge(session, clock.now())
            await signing_in.purge(session, clock.now(), clock.now() - timedelta(days=7))
            await eid.purge(session, clock.now() - timedelta(days=1))
            await relays.purge(session, clock.now(), keep)
            await questions.purge(session, clock.now(), keep)

    if (talking := features.router.relays) is not None:
        schedule.every(1, "relay", talking.tick)
    schedule.every(3, "plan", lambda: features.remind.tick(clock.now()))
    # Oftener than they are read, as below.
    schedule.every(60, "waves", lambda: features.waves.tick(clock.now()))
    # Oftener than once a day: what was seen last on a day is what the day was like.
    schedule.every(1800, "history", lambda: features.history.tick(clock.now()))
    # Oftener than it reads: which replica reads, and when, is in the database.
    schedule.every(30, "report", features.report.tick)
    schedule.every(2, "follow", lambda: features.follow.tick(clock.now()))
    schedule.every(2, "seek", lambda: features.seeking.tick(clock.now()))
    schedule.every(5, "sweep", lambda: features.follow.sweep(clock.now()))
    schedule.every(60, "clock", lambda: features.clocks.tick(clock.now()))
    # Oftener than it reads: which replica reads, and when, is in the database.
    schedule.every(60, "directory", lambda: features.reconcile.tick(clock.now()))
    schedule.every(300, "segments", lambda: hand_over(database, features.cases, clock.now()))
    schedule.every(300, "learn", lambda: features.weekly.tick(clock.now()))
    schedule.every(300, "figures", lambda: features.figures.tick(clock.now()))
    schedule.every(300, "daily", lambda: features.daily.tick(clock.now()))
    schedule.every(3600, "purge", purge)
    schedule.every(24 * 3600, "audit", partial(check_chain, database, features.cases, clock))
    return schedule


async def check_chain(database: Database, cases: Cases, clock: Clock) -> None:
    """Walk the audit chain; a break wakes security, and stops issuing until a named person accepts it."""
    async with database.reading() as session:
        verdict = await cases.audit.verify(session)
    if not verdict.ok and verdict.bad_seq is not None:
        async with database.transaction() as session:
            facts: dict[str, str | int] = {"row": verdict.bad_seq, "problem": str(verdict.problem)}
            once = f"row {verdict.bad_seq}"
            await cases.alarms.raise_(session, Alarm.AUDIT_BROKEN, now=clock.now(), facts=facts, once=once)
            await cases.audit.mark(session, verdict)
