"""The contract of the chat port, over every chat there is."""

from collections.abc import AsyncIterator

import pytest

from tests.contracts.chat_port import ChatContract, ChatRig
from tests.contracts.memory_rig import MemoryRig
from tests.contracts.slack_rig import slack_rig


class TestSlack(ChatContract):
    """``SlackChat`` against the emulator."""

    @pytest.fixture
    async def rig(self) -> AsyncIterator[ChatRig]:
        """A workspace."""
        async with slack_rig() as rig:
            yield rig


class TestMemory(ChatContract):
    """The chat that tests of features use."""

    @pytest.fixture
    def rig(self) -> ChatRig:
        """A chat with people in it."""
        return MemoryRig()
