"""``rollout status``: how far the rollout has come."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from bot.commands.context import Config, database_of, out, run, settings_of
from bot.settings import Settings
from handlers.rollout import overview


def status(
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, for other programs.")] = False,
    config: Config = None,
) -> None:
    """How far the rollout has come."""
    found = run(_status(settings_of(config)))
    if json_:
        typer.echo(json.dumps(asdict(found), default=str))
        return
    table = Table("wave", "activation day", "accounts", "ready", "")
    for wave in found.waves:
        share = wave.ready / wave.accounts if wave.accounts else 0.0
        table.add_row(
            wave.wave or "–",
            f"{wave.activation_day:%Y-%m-%d}",
            str(wave.accounts),
            str(wave.ready),
            "█" * round(20 * share) + "░" * round(20 * (1 - share)),
        )
    out.print(table)
    reasons = ", ".join(f"{count} {why}" for why, count in found.cannot_be_reminded.items() if count)
    out.print(f"{found.ready} of {found.accounts} are ready. Cannot be reminded: {reasons or 'nobody'}.")


async def _status(settings: Settings) -> overview.Status:
    async with database_of(settings) as database, database.reading() as session:
        return await overview.status(session)
