"""``run`` and ``db upgrade``."""

import typer

from bot.clock import SystemClock
from bot.commands.context import Config, fail, out, run, settings_of
from bot.serve import CannotListen, serve
from bot.settings import Settings
from handlers.store.database import Database

db = typer.Typer(help="The database.", no_args_is_help=True)


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


async def _upgrade(settings: Settings) -> None:
    database = Database.open(settings.storage.url.get_secret_value())
    try:
        await database.upgrade()
    finally:
        await database.close()
