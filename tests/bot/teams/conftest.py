"""A started edge of Teams, behind both emulators."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.teams.edge_rig import Bot, running


@pytest.fixture
async def bot(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Bot]:
    async with running(tmp_path, sqlite_url) as bot:
        yield bot
