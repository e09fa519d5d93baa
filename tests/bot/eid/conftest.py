"""Keys are made once: that takes a moment."""

from collections.abc import AsyncIterator

import pytest

from bot.eid.provider import ClientAuth
from bot.jose import SigningKey
from bot.sandbox.eid.keys import Key
from tests.bot.eid.rig import Rig, Way, new_key, rig_of


@pytest.fixture(scope="session")
def ours() -> SigningKey:
    """The bot's key."""
    return new_key("tofaktor-2027")


@pytest.fixture(scope="session")
def theirs() -> Key:
    """The provider's key."""
    return Key.new("sandbox-1")


@pytest.fixture
async def rig(ours: SigningKey, theirs: Key) -> AsyncIterator[Rig]:
    """The usual way: our key, a pushed request, the number in the id_token."""
    async with rig_of(Way(), ours, theirs) as made:
        yield made


@pytest.fixture
async def posting(ours: SigningKey, theirs: Key) -> AsyncIterator[Rig]:
    """A provider at which we have a secret to post: the shortest way for requests by hand."""
    async with rig_of(Way(ClientAuth.CLIENT_SECRET_POST), ours, theirs) as made:
        yield made
