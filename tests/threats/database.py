"""Whoever reads or writes the database behind the bot's back."""

import asyncio
import sqlite3
from contextlib import closing

from tests.threats.rig import Rig

Statement = tuple[str, tuple[object, ...]]


async def change(rig: Rig, *statements: Statement) -> None:
    """Write into it; in a thread, since it may have to wait for the bot."""

    def written() -> None:
        file = rig.playing.folder / "tofaktor.db"
        with closing(sqlite3.connect(file, timeout=10, isolation_level=None)) as database:
            for words, values in statements:
                database.execute(words, values)

    await asyncio.to_thread(written)
