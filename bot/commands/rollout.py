"""``rollout …``: the plan of activation days."""

import getpass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.microsoft import directory_of
from bot.settings import Settings
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
