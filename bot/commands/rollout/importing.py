"""``rollout import``: follow a plan file, or groups."""

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
from bot.plan import calendar_of, waves_of
from bot.render.values import clean
from bot.settings import Settings
from handlers.rollout.difference import Difference, OffDay
from handlers.rollout.plan import ImportReport, import_plan
from handlers.rollout.resolver import GraphResolver
from handlers.rollout.waves import GroupsReport
from handlers.rollout.when import Quiet
from handlers.rollout.writing import Author


def import_(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="CSV: account,activation_day[,wave][,language]. Without: the groups of rollout.waves."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    config: Config = None,
) -> None:
    """Follow a plan file, or the groups of the settings: all that they say, or nothing."""
    settings = settings_of(config)
    author = Author.named(getpass.getuser(), reason, clock_of(context).now())
    if file is None:
        _follow_groups(settings, author, dry_run=dry_run)
        return
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


def _follow_groups(settings: Settings, author: Author, *, dry_run: bool) -> None:
    if not settings.rollout.waves and not settings.rollout.exclude_groups:
        fail("Name a file, or groups in rollout.waves.", 2)
    report = run(_groups(settings, author, dry_run=dry_run))
    for name in report.unknown:
        typer.echo(f"{name}: there is no such group – correct its id in the settings", err=True)
    for name in report.empty:
        what = "its group has nobody in it any more, and the plan has"
        typer.echo(f"{name}: {what} – remove the wave from rollout.waves if that is meant", err=True)
    if not report.is_accepted:
        fail("Nothing was changed: these groups cannot be followed.")
    show(report.plan, dry_run=dry_run)
    for count, what in (
        (report.in_several, "are in the groups of several waves: the earliest day counts"),
        (report.held_by_file, "have their day from a file: it beats that of their wave"),
        (report.left_out, "were taken out of the plan by a file, and stay out"),
    ):
        if count:
            typer.echo(f"Warning: {count} accounts {what}.", err=True)


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


async def _groups(settings: Settings, author: Author, *, dry_run: bool) -> GroupsReport:
    with progress() as told:
        async with database_of(settings) as database, directory_of(settings) as directory:
            waves = waves_of(settings, database, directory.groups)
            return await waves.follow(author, dry_run=dry_run, told=told)


async def _import(settings: Settings, data: bytes, author: Author, *, dry_run: bool) -> ImportReport:
    with progress() as told:
        async with database_of(settings) as database, directory_of(settings) as directory:
            return await import_plan(
                database,
                GraphResolver(directory.users),
                data,
                author=author,
                calendar=calendar_of(settings),
                has_waves=bool(settings.rollout.waves),
                dry_run=dry_run,
                told=told,
            )
