"""``rollout …``: the plan of activation days."""

import getpass
import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.microsoft import directory_of
from bot.plan import calendar_of
from bot.settings import Settings
from handlers.rollout import overview
from handlers.rollout.plan import ImportReport, import_plan
from handlers.rollout.resolver import GraphResolver

rollout = typer.Typer(help="The plan of activation days.", no_args_is_help=True)


@rollout.command(name="import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: account,activation_day[,wave][,language]")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    config: Config = None,
) -> None:
    """Follow a plan file: all of its lines, or none."""
    settings = settings_of(config)
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    now = clock_of(context).now()
    report = run(_import(settings, data, now=now, reason=reason, dry_run=dry_run))
    for problem in report.problems:
        typer.echo(f"line {problem.line}: {problem.column}: {problem.what} – {problem.remedy}", err=True)
    if not report.is_accepted:
        fail(f"Nothing was imported: {len(report.problems)} lines cannot be followed.")
    would = "would be " if dry_run else ""
    out.print(
        f"{report.added} {would}added, {report.moved} {would}moved, {report.removed} {would}removed, "
        f"{report.updated} {would}changed otherwise, {report.unchanged} unchanged.",
        soft_wrap=True,
    )


@rollout.command()
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


@rollout.command()
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


async def _status(settings: Settings) -> overview.Status:
    async with database_of(settings) as database, database.reading() as session:
        return await overview.status(session)


async def _preview(settings: Settings, on: date) -> overview.Preview:
    async with database_of(settings) as database, database.reading() as session:
        return await overview.preview(
            session, on, offsets=settings.rollout.offsets, calendar=calendar_of(settings)
        )


async def _import(
    settings: Settings, data: bytes, *, now: datetime, reason: str, dry_run: bool
) -> ImportReport:
    async with database_of(settings) as database, directory_of(settings) as directory:
        return await import_plan(
            database,
            GraphResolver(directory.users),
            data,
            now=now,
            by=getpass.getuser(),
            reason=reason,
            zone=settings.rollout.time_zone,
            dry_run=dry_run,
        )
