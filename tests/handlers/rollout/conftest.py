"""A university with its directory on a socket, a chat in memory and a database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.entra.emulator import EntraEmulator
from bot.sandbox.world import FJORDHEIM, Resident
from graph.audits import Audits
from graph.client import GraphClient
from graph.groups import Groups
from graph.methods import Methods
from graph.passes import Passes
from graph.photos import Photos
from graph.reports import Reports
from graph.roles import Roles
from graph.secret import Secret
from graph.sending import Limits
from graph.tokens import ClientSecret, Tokens
from graph.users import Users
from handlers.accounts import Directory
from handlers.events import Person
from handlers.messages import Language
from handlers.ports import Chats, Profile
from handlers.rollout.remind import Remind
from handlers.store.database import Database
from tests.handlers.rollout.given import CALENDAR, OFFSETS
from tests.memory_chat import MemoryChat


@dataclass
class SetClock:
    """A clock that a test sets."""

    time: datetime = datetime(2026, 12, 1, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def move(self, by: timedelta) -> None:
        self.time += by


def profile_of(
    resident: Resident, *, zone: str | None = "Europe/Oslo", refusal: str | None = None
) -> Profile:
    """What the chat says about a resident."""
    return Profile(
        person=Person("slack", FJORDHEIM.slack_workspace, resident.slack_id or "U0"),
        name=resident.name,
        email=resident.mail,
        locale=resident.preferred_language,
        time_zone=zone,
        refusal=refusal,
    )


@pytest.fixture
def chat() -> MemoryChat:
    """Everybody of the university who is in Slack."""
    return MemoryChat([profile_of(r) for r in FJORDHEIM.residents if r.slack_id])


@pytest.fixture
async def entra(tmp_path: Path) -> AsyncIterator[EntraEmulator]:
    """The directory of the university."""
    async with EntraEmulator(FJORDHEIM, SetClock(), tmp_path) as emulator:
        yield emulator


@pytest.fixture
async def directory(entra: EntraEmulator) -> AsyncIterator[Directory]:
    """Our own client at that directory. It does not wait and try again."""
    tokens = Tokens(
        authority_url=entra.authority_url,
        tenant_id=entra.tenant_id,
        client_id=entra.client_id,
        credential=ClientSecret(Secret(entra.client_secret)),
        scope="https://graph.microsoft.com/.default",
        ca_file=entra.ca_file,
    )
    async with GraphClient(entra.graph_url, tokens, limits=Limits(tries=1)) as client:
        yield Directory(
            Users(client),
            Groups(client),
            Roles(client),
            Methods(client),
            Passes(client),
            Photos(client),
            Audits(client),
            Reports(client),
        )
    await tokens.aclose()


@pytest.fixture
def remind(database: Database, directory: Directory, chat: MemoryChat) -> Remind:
    """The planner of one replica."""
    return Remind(database, directory, Chats([chat]), CALENDAR, OFFSETS, False, Language.NB)
