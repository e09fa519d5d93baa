"""``rollout export``: the accounts of one activation day, for the administrator's own tool."""

import csv
import sys
from datetime import datetime
from typing import Annotated

import typer

from bot.commands.context import Config, database_of, fail, run, settings_of
from bot.settings import Settings
from handlers.rollout.exports import Wanted, rows

_COLUMNS = ("account", "object_id", "activation_day", "wave", "state")


def export(
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The activation day, as 2027-01-18.")],
    ready: Annotated[bool, typer.Option("--ready", help="Only those who are ready.")] = False,
    missing: Annotated[bool, typer.Option("--missing", help="Only those who are not.")] = False,
    config: Config = None,
) -> None:
    """The accounts that are activated on a day, as CSV. Nothing is changed anywhere."""
    if ready and missing:
        fail("Choose --ready or --missing, or neither for all.", 2)
    wanted = Wanted(on.date(), is_ready=True if ready else False if missing else None)
    run(_export(settings_of(config), wanted))


async def _export(settings: Settings, wanted: Wanted) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(_COLUMNS)
    async with database_of(settings) as database:
        async for row in rows(database, wanted):
            writer.writerow((row.upn, row.account, row.activation_day.isoformat(), row.wave or "", row.state))
