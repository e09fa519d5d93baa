"""``rollout import``: follow a plan file."""

import getpass
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.commands.progress import progress
from bot.microsoft import directory_of
from bot.plan import calendar_of
from bot.render.values import clean
from bot.settings import Settings
from handlers.rollout.difference import Difference, OffDay
from handlers.rollout.plan import Author, ImportReport, import_plan
from handlers.rollout.resolver import GraphResolver
from handlers.rollout.when import Quiet


def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV: account,activation_day[,wave][,language]")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    config: Config = None,
) -> None:
    """Follow a plan file: all of its lines, or none."""
    settings = settings_of(config)
    author = Author(getpass.getuser(), reason, clock_of(context).now())
    try:
        data = file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.")
    report = run(_import(settings, data, author, dry_run=dry_run))
    for problem in report.problems:
        typer.echo(f"line {problem.line}: {problem.column}: {problem.what} – {problem.remedy}", err=True)
    if not report.is_accepted:
        fail(f"Nothing was imported: {len(report.problems)} lines cannot be followed.")
    show(report, dry_run=dry_run)


def show(report: ImportReport, *, dry_run: bool) -> None:
    """Print what an import did, or would do."""
    would = "would be " if dry_run else ""
    out.print(
        f"{report.added} {would}added, {report.moved} {would}moved, {report.removed} {would}removed, "
        f"{report.updated} {would}changed otherwise, {report.unchanged} unchanged.",
        soft_wrap=True,
    )
    if report.differences:
        out.print(_table(report.differences))
    for off in report.off_days:
        typer.echo(warning(off), err=True)


def warning(off: OffDay) -> str:
    """One sentence on an activation day on which nobody is at work."""
    what = {
        Quiet.WEEKEND: f"a {off.day:%A}",
        Quiet.HOLIDAY: "a public holiday",
        Quiet.OWN: "one of rollout.quiet_days",
    }[off.why]
    return f"Warning: {off.day:%Y-%m-%d}, the activation day of {off.accounts} accounts, is {what}."


def _table(differences: tuple[Difference, ...]) -> Table:
    table = Table("change", "wave", "day so far", "day from now on", "accounts", "for instance")
    for it in differences:
        group = it.group
        table.add_row(
            group.kind,
            Text(clean(group.wave or "–")),
            _day(group.before),
            _day(group.after),
            str(it.accounts),
            Text(", ".join(map(clean, it.examples)) + (" …" if it.accounts > len(it.examples) else "")),
        )
    return table


def _day(day: date | None) -> str:
    return f"{day:%a %Y-%m-%d}" if day else "–"


async def _import(settings: Settings, data: bytes, author: Author, *, dry_run: bool) -> ImportReport:
    with progress() as told:
        async with database_of(settings) as database, directory_of(settings) as directory:
            return await import_plan(
                database,
                GraphResolver(directory.users),
                data,
                author=author,
                calendar=calendar_of(settings),
                dry_run=dry_run,
                told=told,
            )
