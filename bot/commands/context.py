"""What every command needs: the settings, what is made of them, and one way to fail."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.console import Console

from bot import logs
from bot.clock import SystemClock
from bot.platforms import PlatformRefused
from bot.settings import Settings, SettingsError, load
from graph.errors import GraphError
from handlers.ports import Clock
from handlers.store.database import Database
from handlers.store.errors import StoreError

T = TypeVar("T")


@dataclass(frozen=True)
class Context:
    """What a command is given beside its words: handed in as Typer's ``obj``."""

    clock: Clock


def clock_of(context: typer.Context) -> Clock:
    """The clock that the command goes by."""
    given = context.find_object(Context)
    return given.clock if given is not None else SystemClock()


Config = Annotated[
    Path | None,
    typer.Option("--config", help="The settings file; otherwise TOFAKTOR_CONFIG, or app.yaml here."),
]
out = Console()


def fail(sentence: str, code: int = 1) -> NoReturn:
    """One plain sentence on stderr. 1: refused or failed; 2: wrong use or bad settings."""
    sys.stderr.write(f"{sentence}\n")
    raise typer.Exit(code)


def settings_of(config: Path | None, *, complete: bool = False) -> Settings:
    """The settings, or the sentence that says what is wrong with them."""
    logs.configure(os.environ.get("LOG_LEVEL", "INFO" if complete else "WARNING"))
    try:
        return load(config, os.environ, complete=complete)
    except SettingsError as error:
        fail(str(error), 2)


def run(work: Coroutine[object, object, T]) -> T:
    """Run to the end; what the product refuses becomes a sentence."""
    try:
        return asyncio.run(work)
    except (StoreError, GraphError, PlatformRefused) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("Interrupted.", 130)


@asynccontextmanager
async def database_of(settings: Settings) -> AsyncIterator[Database]:
    """The database, with its tables up to date."""
    database = Database.open(settings.storage.url.get_secret_value())
    try:
        await database.check_schema()
        yield database
    finally:
        await database.close()
