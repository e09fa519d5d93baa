"""``questions report``: the questions that got no simple answer."""

import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bot.commands.context import Config, clock_of, database_of, out, run, settings_of
from bot.render.values import clean
from bot.settings import Settings
from handlers.messages import OpenQuestions
from handlers.questions.learning import open_questions


def report(
    context: typer.Context,
    days: Annotated[int, typer.Option(help="How far back to look.", min=1, max=3650)] = 7,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object, for other programs.")] = False,
    config: Config = None,
) -> None:
    """Questions without a simple answer, by topic. Names and numbers are cut out."""
    found = run(_report(settings_of(config), clock_of(context).now(), days))
    if json_:
        typer.echo(json.dumps(asdict(found), default=str))
        return
    table = Table("topic", "unanswered", "chosen among several", "no help", "for instance")
    for group in found.groups:
        table.add_row(
            group.topic or "–",
            str(group.unanswered),
            str(group.chosen),
            str(group.unhelpful),
            # What people wrote is neither markup nor a command to the terminal.
            Text("\n".join(map(clean, group.samples))),
        )
    if found.groups:
        out.print(table)
    open_ones = sum(group.unanswered + group.chosen + group.unhelpful for group in found.groups)
    out.print(
        f"{open_ones} of {found.questions} questions from {found.since} to {found.until} got no simple answer."
    )


async def _report(settings: Settings, now: datetime, days: int) -> OpenQuestions:
    async with database_of(settings) as database, database.reading() as session:
        return await open_questions(session, now - timedelta(days=days), now, settings.rollout.time_zone)
