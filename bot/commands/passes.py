"""``passes stop`` and ``passes start``: for whoever sits at the machine."""

from datetime import datetime
from typing import Annotated

import typer

from bot.commands.context import Config, clock_of, database_of, out, run, settings_of
from bot.settings import Settings
from bot.support import support_channels_of
from handlers.passes.brakes import Brakes
from handlers.store.audit import SYSTEM, Audit
from handlers.store.cleaning import clean
from handlers.store.keys import AuditKeys

passes = typer.Typer(help="Stop passes for everybody, and start them again.", no_args_is_help=True)
_AT_THE_MACHINE = "tofaktor passes stop"


@passes.command()
def stop(
    context: typer.Context,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; support reads it.")] = "",
    config: Config = None,
) -> None:
    """From now on nobody gets a pass. Every case stays as it is."""
    settings, now = settings_of(config, complete=True), clock_of(context).now()
    done = run(_stop(settings, clean(reason)[:200], now))
    out.print("Passes are stopped." if done else "Passes were stopped already.")


@passes.command()
def start(
    context: typer.Context,
    name: Annotated[str, typer.Option(metavar="NAME", help="In whose name: the audit and support are told.")],
    config: Config = None,
) -> None:
    """People get passes again."""
    settings, now = settings_of(config, complete=True), clock_of(context).now()
    done = run(_start(settings, clean(name)[:200], now))
    out.print("Passes are given again." if done else "Passes were not stopped.")


async def _stop(settings: Settings, why: str, now: datetime) -> bool:
    async with database_of(settings) as database, database.transaction() as session:
        return await _brakes(settings).stop(session, by=_AT_THE_MACHINE, actor=SYSTEM, now=now, why=why)


async def _start(settings: Settings, name: str, now: datetime) -> bool:
    async with database_of(settings) as database, database.transaction() as session:
        return await _brakes(settings).start(session, by=name, actor=name, now=now)


def _brakes(settings: Settings) -> Brakes:
    audit = Audit(AuditKeys([key.get_secret_value() for key in settings.secrets.audit_key]))
    return Brakes(audit, support_channels_of(settings))
