"""An emulated directory, for a source that is a property of the account."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.sandbox.clock import SandboxClock
from bot.sandbox.entra import EntraEmulator
from bot.sandbox.world import FJORDHEIM
from tests.graph.rig import Pauses, Rig


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """Everything fresh."""
    clock = SandboxClock(tmp_path / "clock")
    async with AsyncExitStack() as stack:
        stack.callback(clock.close)
        entra = await stack.enter_async_context(EntraEmulator(FJORDHEIM, clock, tmp_path))
        yield Rig(entra, clock, Pauses(clock), stack)
