"""Conversations with support, for whoever tests a part of them."""

import pytest

from tests.handlers.relay.given import Talk
from tests.handlers.rig import Rig


@pytest.fixture
def talk(rig: Rig) -> Talk:
    """On SQLite."""
    return Talk(rig)


@pytest.fixture
def in_teams(both: Rig) -> Talk:
    """In Teams, with a support channel there too."""
    return Talk(both, "teams")


@pytest.fixture
def each_talk(each_rig: Rig) -> Talk:
    """On each kind of database."""
    return Talk(each_rig)
