"""The contract of the chat port, over every chat there is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.chat_port import ChatContract, ChatRig
from tests.contracts.memory_rig import MemoryRig
from tests.contracts.slack_rig import slack_rig
from tests.contracts.teams_rig import teams_rig


class TestSlack(ChatContract):
    """``SlackChat`` against the emulator."""

    @pytest.fixture
    async def rig(self) -> AsyncIterator[ChatRig]:
        """A workspace."""
        async with slack_rig() as rig:
            yield rig


class TestTeams(ChatContract):
    """``TeamsChat`` behind its edge, against the emulators."""

    @pytest.fixture
    async def rig(self, tmp_path: Path, sqlite_url: str) -> AsyncIterator[ChatRig]:
        """A tenant."""
        async with teams_rig(tmp_path, sqlite_url) as rig:
            yield rig


class TestMemory(ChatContract):
    """The chat that tests of features use."""

    @pytest.fixture
    def rig(self) -> ChatRig:
        """A chat with people in it."""
        return MemoryRig()
