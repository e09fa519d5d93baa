"""``rollout pause`` and ``rollout resume``: stop reminding everybody, or a wave, and go on."""

import getpass
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import typer

from bot.commands.context import Config, clock_of, database_of, fail, run, settings_of
from bot.settings import Settings
from handlers.rollout import pauses
from handlers.store.database import Database

_Change = Callable[[Database, str | None, str, datetime], Awaitable[bool]]
Wave = Annotated[str | None, typer.Argument(help="Only this wave; otherwise the whole rollout.")]


def pause(context: typer.Context, wave: Wave = None, config: Config = None) -> None:
    """Remind nobody, of a wave or at all, until it is resumed. What waits to be sent is taken back."""
    what = f"The wave {wave}" if wave else "The rollout"
    settings = settings_of(config)
    changed = run(_change(settings, wave, clock_of(context).now(), pauses.pause))
    typer.echo(f"{what} is paused{'' if changed else ' already'}.")


def resume(context: typer.Context, wave: Wave = None, config: Config = None) -> None:
    """Go on: what has become stale is dropped, and the next reminder goes."""
    what = f"The wave {wave}" if wave else "The rollout"
    settings = settings_of(config)
    changed = run(_change(settings, wave, clock_of(context).now(), pauses.resume))
    if not changed:
        fail(f"{what} is not paused.")
    typer.echo(f"{what} goes on.")
    for it in run(_lasting(settings)):
        typer.echo(f"Still paused: {it or 'the whole rollout'}.")


async def _change(settings: Settings, wave: str | None, now: datetime, change: _Change) -> bool:
    async with database_of(settings) as database:
        if wave is not None:
            async with database.reading() as session:
                known = {*await pauses.waves(session), *(it.name for it in settings.rollout.waves)}
                known |= {it.wave for it in await pauses.active(session) if it.wave}
            if wave not in known:
                listed = ", ".join(sorted(known)) or "none"
                fail(f"There is no wave called {wave}; the plan has {listed}.")
        return await change(database, wave, getpass.getuser(), now)


async def _lasting(settings: Settings) -> list[str | None]:
    async with database_of(settings) as database, database.reading() as session:
        return [it.wave for it in await pauses.active(session)]
