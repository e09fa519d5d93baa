"""``python -m migrations "what changes"``: writes the next revision from what ``handlers.records`` has become."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from sqlalchemy import Connection, create_engine

from handlers.store.database import Database, migrations


async def _upgrade(url: str) -> None:
    database = Database.open(url)
    try:
        await database.upgrade()
    finally:
        await database.close()


def _write(connection: Connection, message: str) -> None:
    config = migrations()
    config.attributes["connection"] = connection
    number = len(list(Path(__file__).with_name("versions").glob("v*.py"))) + 1
    command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")


def main() -> int:
    """Compare an up-to-date scratch database with the records."""
    if len(sys.argv) != 2:
        sys.stderr.write('Use: python -m migrations "what changes"\n')
        return 2
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/scratch.db"
        asyncio.run(_upgrade(url))
        engine = create_engine(url)
        with engine.begin() as connection:
            _write(connection, sys.argv[1])
        engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
