"""A rollout under way: three waves with a month behind them, and people whom nobody can remind."""

from datetime import date, timedelta
from typing import Final

from bot.sandbox.world import FJORDHEIM
from handlers.records import Due, PlanEntry, Reached, ReachState, WaveDay
from handlers.store.database import Database
from tests.handlers.rig import NOW

FIRST: Final = date(2026, 12, 1)
WAVES: Final = ("Library", "Faculty of Science", None)
UNREACHED: Final = {"Pål Grønvold": "unreachable", "Bjørn Sætre": "disabled", "Leif Åsen": "gone"}
CROWD: Final = 60
"""Accounts that the directory does not have."""


async def under_way(database: Database) -> None:
    """Put it there."""
    none = dict.fromkeys(("reminded", "unreachable", "disabled", "gone", "guest", "excluded"), 0)
    async with database.transaction() as session:
        for number, wave in enumerate(WAVES):
            day = FIRST + timedelta(days=14 * number)
            for back in range(30, 0, -1):
                ready = (30 - back) * (3 - number) * 40 // 90
                session.add(
                    WaveDay(
                        day=NOW.date() - timedelta(days=back),
                        wave=wave or "",
                        activation_day=day,
                        accounts=CROWD,
                        ready=ready,
                        **none,
                    )
                )
            for at in range(CROWD):
                account = f"{number:08}-0000-4000-8000-{at:012}"
                session.add(_entry(account, f"user{number}-{at:02}@fjordheim.example", day, wave, at < 40))
                if at >= 50:
                    session.add(_due(account, day, "gone"))
        for name, reason in UNREACHED.items():
            resident = FJORDHEIM.named(name)
            session.add(_entry(resident.object_id, resident.upn, FIRST, WAVES[0], is_ready=False))
            session.add(_due(resident.object_id, FIRST, reason))
        session.add(
            Reached(
                platform="teams",
                account=FJORDHEIM.named("Pål Grønvold").object_id,
                state=ReachState.LEFT,
                at=NOW,
            )
        )


def _entry(account: str, upn: str, day: date, wave: str | None, is_ready: bool) -> PlanEntry:
    return PlanEntry(
        account=account,
        upn=upn,
        activation_day=day,
        wave=wave,
        changed_at=NOW,
        ready_at=NOW if is_ready else None,
    )


def _due(account: str, day: date, outcome: str) -> Due:
    return Due(account=account, activation_day=day, offset=-14, outcome=outcome, at=NOW)
