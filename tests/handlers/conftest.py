"""The features of a case, for whoever tests one of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.rig import Rig, opened_rig, teams_chat


@pytest.fixture
async def rig(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Rig]:
    """On SQLite."""
    async with opened_rig(sqlite_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def both(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Rig]:
    """The same, in Slack and in Teams."""
    async with opened_rig(sqlite_url, tmp_path, teams_chat()) as opened:
        yield opened


@pytest.fixture
async def each_rig(database_url: str, tmp_path: Path) -> AsyncIterator[Rig]:
    """On each kind of database: for what many do at once."""
    async with opened_rig(database_url, tmp_path) as opened:
        yield opened
