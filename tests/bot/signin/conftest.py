"""Entra's key is made once: that takes a moment."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.eid.keys import Key
from tests.bot.signin.rig import Rig, rig_of


@pytest.fixture(scope="session")
def theirs() -> Key:
    """What signs tokens."""
    return Key.new("entra-1")


@pytest.fixture
async def rig(theirs: Key, tmp_path: Path) -> AsyncIterator[Rig]:
    """The usual way: a secret, and the authentication context demanded."""
    async with rig_of(tmp_path, theirs) as made:
        yield made
