"""``rollout preview``: what would be sent on a day."""

from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from bot.commands.context import Config, database_of, out, run, settings_of
from bot.plan import calendar_of
from bot.settings import Settings
from handlers.rollout import overview


def preview(
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day, as 2027-01-18.")],
    config: Config = None,
) -> None:
    """What would be sent on a day, by the plan as it is now."""
    settings = settings_of(config)
    found = run(_preview(settings, on.date()))
    if found.is_quiet:
        out.print("Nobody is reminded on that day: what would fall on it goes earlier.")
        return
    table = Table("activation day", "days from it", "accounts at most", "ready already")
    for slot in found.slots:
        table.add_row(
            f"{slot.activation_day:%Y-%m-%d}", f"{slot.as_sent:+d}", str(slot.accounts), str(slot.ready)
        )
    out.print(table)


async def _preview(settings: Settings, on: date) -> overview.Preview:
    async with database_of(settings) as database, database.reading() as session:
        return await overview.preview(
            session, on, offsets=settings.rollout.offsets, calendar=calendar_of(settings)
        )
