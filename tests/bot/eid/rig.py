"""A provider on loopback, the client of the product, and a browser that follows redirects by hand."""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl, urlsplit

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.eid.client import EidClient
from bot.eid.provider import ClientAuth, Provider
from bot.eid.service import Eids, Offered
from bot.jose import SigningKey
from bot.oidc.building import client_of
from bot.oidc.metadata import Published
from bot.sandbox.eid import EidEmulator, Level, Registration
from bot.sandbox.eid.keys import Key
from bot.sandbox.world import FJORDHEIM
from graph.secret import Secret
from handlers.messages import Language
from handlers.ports import AskedLogin, BegunLogin, EidRoute, Identity

START: Final = datetime(2027, 1, 18, 8, 0, tzinfo=UTC)
HOME: Final = "https://tofaktor.fjordheim.example"
NAME: Final = "idporten"
CALLBACK: Final = f"{HOME}/eid/{NAME}/callback"
CLIENT_ID: Final = "0f3c2a4e-tofaktor"
SECRET: Final = "hemmeleg+og/litt=rar%& secret"
NORA: Final = FJORDHEIM.named("Nora Lindqvist")
EMIL: Final = FJORDHEIM.named("Emil Aasen")
ACR: Final[Mapping[str, int]] = {Level.SUBSTANTIAL: 3, Level.HIGH: 4}

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
class Stopwatch:
    """A monotonic clock in the hands of the test."""

    seconds: float = 1000.0
    step: float = 0.0
    """How much goes by between two looks."""

    def __call__(self) -> float:
        self.seconds += self.step
        return self.seconds


@dataclass
class Numbers:
    """An organisation's register, in memory."""

    held: Mapping[str, str] = field(
        default_factory=lambda: {
            each.object_id: each.person_number for each in FJORDHEIM.residents if each.person_number
        }
    )

    async def matches(self, account: str, number: Secret) -> bool:
        return self.held.get(account) == number.reveal()


@dataclass(frozen=True)
class Way:
    """One way to set up a provider."""

    auth: ClientAuth = ClientAuth.PRIVATE_KEY_JWT
    pushed: bool = True
    userinfo: bool = False

    def __str__(self) -> str:
        return f"{self.auth}-{'pushed' if self.pushed else 'direct'}-{'userinfo' if self.userinfo else 'id_token'}"


class Stopped(AssertionError):
    """The browser got a page where it should have been led on."""


@dataclass
class Browser:
    """Keeps cookies and follows nothing by itself."""

    client: httpx.AsyncClient

    async def open(self, address: str) -> httpx.Response:
        return await self.client.get(address)

    async def log_in(self, address: str, **choices: str) -> str:
        """Open the login page and answer it; where that leads."""
        return led(await self.answer(await self.open(address), **choices))

    async def answer(self, page: httpx.Response, **choices: str) -> httpx.Response:
        """Send the form of a login page."""
        found = re.search(r'name="login" value="([^"]+)"', page.text)
        if page.status_code not in (200, 400) or found is None:
            raise Stopped(f"{page.status_code} {page.text}")
        form = {"person": NORA.object_id, "level": str(Level.HIGH), "action": "go"} | choices
        return await self.client.post(page.url.join("/login"), data={"login": found[1], **form})


def led(response: httpx.Response) -> str:
    """Where a response leads."""
    if response.status_code != httpx.codes.SEE_OTHER:
        raise Stopped(f"{response.status_code} {response.text}")
    return response.headers["Location"]


def query_of(address: str) -> Query:
    """What a callback's address holds, as our web server reads it."""
    assert address.startswith(f"{CALLBACK}?")
    return parse_qsl(urlsplit(address).query, keep_blank_values=True)


@dataclass
class Rig:
    """Everything for a login. ``end`` is not called when ``begin`` raises."""

    idp: EidEmulator
    clock: HandClock
    watch: Stopwatch
    eids: Eids
    outside: httpx.AsyncClient
    browser: Browser

    async def begin(self, language: Language = Language.NN) -> BegunLogin:
        return await self.eids.begin(NAME, language, self.clock.now())

    async def end(self, query: Query, asked: AskedLogin) -> Identity:
        return await self.eids.end(NAME, query, asked, self.clock.now())

    async def log_in(self, **choices: str) -> Identity:
        """The whole way."""
        begun = await self.begin()
        back = await self.browser.log_in(begun.address, **choices)
        return await self.end(query_of(back), begun.asked)

    @property
    def provider(self) -> Provider:
        return self.eids.offered[NAME].client.provider

    def count(self, path: str) -> int:
        """How often the provider was asked there."""
        return len(self.idp.journal.to(path))


def new_key(kid: str | None = None) -> SigningKey:
    """A key of the bot's."""
    private = Key.new("").private
    return SigningKey(
        Secret(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()), kid
    )


def registration(way: Way, key: SigningKey) -> Registration:
    """How we are entered at the provider."""
    return Registration(
        CLIENT_ID,
        frozenset({CALLBACK}),
        auth=way.auth,
        keys=(key.public,),
        secret=SECRET,
        after_logout=frozenset({f"{HOME}/case"}),
        logout_uri=f"{HOME}/eid/{NAME}/logout",
        number_in_userinfo=way.userinfo,
    )


def provider_of(issuer: str, way: Way, key: SigningKey) -> Provider:
    """The provider as the settings would describe it."""
    return Provider(
        name=NAME,
        issuer=issuer,
        client_id=CLIENT_ID,
        client_auth=way.auth,
        accept_acr=ACR,
        claim="userinfo:pid" if way.userinfo else "pid",
        keys=(key,),
        secret=Secret(SECRET),
        acr_values=(str(Level.SUBSTANTIAL),),
    )


def eids_of(provider: Provider, client: httpx.AsyncClient, watch: Stopwatch) -> Eids:
    """The port over this one provider."""
    eid = EidClient(provider, Published(provider, client, watch), client)
    route = EidRoute(NAME, dict.fromkeys(Language, "ID-porten"), frozenset())
    return Eids({NAME: Offered(route, eid, Numbers())}, HOME)


@asynccontextmanager
async def rig_of(way: Way, ours: SigningKey, theirs: Key) -> AsyncIterator[Rig]:
    """A rig that is taken down at the end."""
    clock, watch = HandClock(), Stopwatch()
    async with (
        EidEmulator(FJORDHEIM, clock, key=theirs) as idp,
        client_of(None) as outside,
        httpx.AsyncClient(trust_env=False, verify=False) as browsing,
    ):
        idp.register(registration(way, ours))
        idp.takes_pushed = way.pushed
        eids = eids_of(provider_of(idp.issuer, way, ours), outside, watch)
        yield Rig(idp, clock, watch, eids, outside, Browser(browsing))
