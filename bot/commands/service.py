"""``run``, ``db upgrade`` and ``audit verify``."""

from datetime import datetime
from typing import Annotated

import typer

from bot.clock import SystemClock
from bot.commands.context import Config, clock_of, database_of, fail, out, run, settings_of
from bot.serve import CannotListen, serve
from bot.settings import Settings
from handlers.store.audit import Audit, Verdict
from handlers.store.database import Database
from handlers.store.keys import AuditKeys

db = typer.Typer(help="The database.", no_args_is_help=True)
audit = typer.Typer(help="The audit chain.", no_args_is_help=True)


def start(config: Config = None) -> None:
    """Run the bot until it is told to stop."""
    settings = settings_of(config, complete=True)
    try:
        run(serve(settings, SystemClock()))
    except CannotListen as error:
        fail(str(error))


@db.command()
def upgrade(config: Config = None) -> None:
    """Bring the tables up to date. Safe while several start it at once."""
    settings = settings_of(config)
    run(_upgrade(settings))
    out.print("The database is up to date.")


@audit.command()
def verify(
    context: typer.Context,
    accept: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Take note of a break, in this name: passes may be issued again."),
    ] = None,
    config: Config = None,
) -> None:
    """Walk the whole chain: any change, gap or cut end is named."""
    settings = settings_of(config)
    keys = [key.get_secret_value() for key in settings.secrets.audit_key]
    if not keys:
        fail("secrets.audit_key is not set: the chain cannot be verified without it.", 2)
    verdict = run(_verify(settings, Audit(AuditKeys(keys)), accept, clock_of(context).now()))
    if verdict.ok:
        out.print("The chain is whole.")
        return
    told = f"The chain is broken at row {verdict.bad_seq}: {verdict.problem}."
    if accept is None:
        fail(told)
    out.print(f"{told} {accept} has taken note of it; the chain says so.")


async def _upgrade(settings: Settings) -> None:
    database = Database.open(settings.storage.url.get_secret_value())
    try:
        await database.upgrade()
    finally:
        await database.close()


async def _verify(settings: Settings, chain: Audit, accept: str | None, now: datetime) -> Verdict:
    async with database_of(settings) as database:
        async with database.reading() as session:
            verdict = await chain.verify(session)
        if accept is not None and not verdict.ok:
            async with database.transaction() as session:
                await chain.accept(session, at=now, name=accept, verdict=verdict)
    return verdict
