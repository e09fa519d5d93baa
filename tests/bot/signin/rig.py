"""The emulated Entra, the product's client of it, and a browser that follows redirects by hand."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import httpx

from bot.jose import CertifiedKey
from bot.oidc.building import client_of
from bot.oidc.metadata import Published
from bot.sandbox.browser import sign_in
from bot.sandbox.eid.keys import Key
from bot.sandbox.entra import EntraEmulator
from bot.sandbox.entra.sign_in import SignIns
from bot.sandbox.world import FJORDHEIM
from bot.signin.authority import Authority
from bot.signin.client import CALLBACK, EntraSignIn
from graph.secret import Secret
from handlers.messages import Language
from handlers.ports import BegunLogin, SignedIn

START: Final = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)
HOME: Final = "https://tofaktor.fjordheim.example"
INGRID: Final = FJORDHEIM.named("Ingrid Solbakken")
CONTEXT: Final = "c1"

Query = Sequence[tuple[str, str]]


@dataclass
class HandClock:
    """Stands still until a test moves it."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


@dataclass
class Rig:
    """A tenant with a registration, and us."""

    entra: EntraEmulator
    clock: HandClock
    client: httpx.AsyncClient
    theirs: Key
    context: str = CONTEXT
    credential: Secret | CertifiedKey | None = None
    ours: EntraSignIn = field(init=False)

    def __post_init__(self) -> None:
        self.entra.sign_ins.registration.redirect_uris.add(f"{HOME}{CALLBACK}")
        self.entra.sign_ins.__dict__["key"] = self.theirs
        self.ours = sign_in_at(self.entra, self.client, self.context, self.credential)

    @property
    def sign_ins(self) -> SignIns:
        """The emulator's side."""
        return self.entra.sign_ins

    async def begun(self, *, step_up: bool = True) -> BegunLogin:
        """Set out."""
        return await self.ours.begin(step_up=step_up, language=Language.NN, now=self.clock.now())

    async def query(self, begun: BegunLogin) -> Query:
        """Sign in as Ingrid; what stands in the callback's address."""
        back = await sign_in(begun.address, INGRID.object_id)
        assert back.startswith(f"{HOME}{CALLBACK}?"), back
        return parse_qsl(urlsplit(back).query)

    async def end(self, begun: BegunLogin, query: Query) -> SignedIn:
        """Come back."""
        return await self.ours.end(query, begun.asked, self.clock.now())

    async def signed_in(self, *, step_up: bool = True) -> SignedIn:
        """From beginning to end."""
        begun = await self.begun(step_up=step_up)
        return await self.end(begun, await self.query(begun))


def sign_in_at(
    entra: EntraEmulator,
    client: httpx.AsyncClient,
    context: str = CONTEXT,
    credential: Secret | CertifiedKey | None = None,
    home: str = HOME,
) -> EntraSignIn:
    """The product's client of this emulator."""
    registration = entra.sign_ins.registration
    authority = Authority(
        authority_url=entra.authority_url,
        tenant_id=entra.tenant_id,
        client_id=registration.client_id,
        credential=credential or Secret(registration.secret),
        auth_context=context,
    )
    return EntraSignIn(authority, Published(authority, client), client, home)


@asynccontextmanager
async def rig_of(
    folder: Path, theirs: Key, *, context: str = CONTEXT, credential: Secret | CertifiedKey | None = None
) -> AsyncIterator[Rig]:
    """Up and running."""
    clock = HandClock()
    async with EntraEmulator(FJORDHEIM, clock, folder) as entra, client_of(entra.ca_file) as client:
        yield Rig(entra, clock, client, theirs, context, credential)


def asked_for(begun: BegunLogin) -> dict[str, str]:
    """What stands in the address that the browser is sent to."""
    pairs = parse_qsl(urlsplit(begun.address).query, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def words_of(response: httpx.Response) -> str:
    """A page without its tags."""
    return re.sub(r"<[^>]+>", " ", response.text)
