"""What the tests of the Graph client work with: the emulator, a client of ours, and time that only moves by hand."""

import random
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.sandbox.clock import SandboxClock
from bot.sandbox.entra import EntraEmulator
from bot.sandbox.world import Resident
from graph.client import GraphClient
from graph.clouds import scope_for
from graph.groups import Groups
from graph.methods import Methods
from graph.passes import Passes
from graph.reports import Reports
from graph.roles import Roles
from graph.secret import Secret
from graph.sending import Limits
from graph.skew import ClockWatch
from graph.tokens import ClientSecret, Credential, Tokens
from graph.users import Users


@dataclass
class Pauses:
    """A sleep that takes no time: it moves the emulator's clock and remembers how far."""

    clock: SandboxClock
    taken: list[float] = field(default_factory=list)
    during: Callable[[], Awaitable[object]] | None = None
    """What happens in a pause."""

    async def sleep(self, seconds: float) -> None:
        """Stand in for ``asyncio.sleep``."""
        self.taken.append(seconds)
        self.clock.move(timedelta(seconds=seconds))
        if self.during is not None:
            await self.during()


@dataclass
class Rig:
    """One emulator, and the clients made for it; they are closed with the rig."""

    entra: EntraEmulator
    clock: SandboxClock
    pauses: Pauses
    stack: AsyncExitStack
    tokens: Tokens = field(init=False)
    client: GraphClient = field(init=False)

    def __post_init__(self) -> None:
        self.tokens = self.make_tokens()
        self.client = self.make_client()

    def make_tokens(
        self,
        credential: Credential | None = None,
        *,
        authority_url: str | None = None,
        tenant_id: str | None = None,
        ca_file: Path | None = None,
    ) -> Tokens:
        """Tokens of our own, by default with the right secret."""
        tokens = Tokens(
            authority_url=authority_url or self.entra.authority_url,
            tenant_id=tenant_id or self.entra.tenant_id,
            client_id=self.entra.client_id,
            credential=credential or ClientSecret(Secret(self.entra.client_secret)),
            scope=scope_for(self.entra.graph_url),
            ca_file=ca_file or self.entra.ca_file,
            timeout=5,
        )
        self.stack.push_async_callback(tokens.aclose)
        return tokens

    def make_client(
        self,
        tokens: Tokens | None = None,
        *,
        url: str | None = None,
        limits: Limits | None = None,
        watch: ClockWatch | None = None,
    ) -> GraphClient:
        """A client of our own, whose pauses take no time."""
        client = GraphClient(
            url or self.entra.graph_url,
            tokens or self.tokens,
            limits=limits,
            sleep=self.pauses.sleep,
            rng=random.Random(1),
            watch=watch,
        )
        self.stack.push_async_callback(client.aclose)
        return client

    def who(self, name: str) -> Resident:
        """A resident by name."""
        return self.entra.world.named(name)

    @property
    def users(self) -> Users:
        """Accounts."""
        return Users(self.client)

    @property
    def groups(self) -> Groups:
        """Groups."""
        return Groups(self.client)

    @property
    def roles(self) -> Roles:
        """Privileges."""
        return Roles(self.client)

    @property
    def methods(self) -> Methods:
        """Methods."""
        return Methods(self.client)

    @property
    def passes(self) -> Passes:
        """Passes."""
        return Passes(self.client)

    @property
    def reports(self) -> Reports:
        """The registration report."""
        return Reports(self.client)


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
