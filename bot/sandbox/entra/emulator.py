"""Entra and Microsoft Graph for one invented tenant, on loopback."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Self, TypeVar

import trustme
from aiohttp import web

from bot.sandbox.entra.audits import Audits
from bot.sandbox.entra.authentication import Authentication, MadePass
from bot.sandbox.entra.devices import Devices
from bot.sandbox.entra.directory import Directory
from bot.sandbox.entra.faults import Faults
from bot.sandbox.entra.journal import Journal, Recorded
from bot.sandbox.entra.login import Login
from bot.sandbox.entra.mail import Post
from bot.sandbox.entra.pages import Paging
from bot.sandbox.entra.photos import Photos
from bot.sandbox.entra.reports import Limiter, Reports
from bot.sandbox.entra.sign_in import SignIns
from bot.sandbox.entra.state import PassPolicy, Tenant
from bot.sandbox.entra.surface import ROOT, Surface
from bot.sandbox.entra.teams_apps import TeamsApps
from bot.sandbox.world import World
from handlers.ports import Clock

T = TypeVar("T")

_HOST = "127.0.0.1"


class EntraEmulator:
    """The sign-in service over TLS with a CA of its own; its page for people, and Graph, over plain HTTP.

    State moves with the clock that is given; tokens run out in real time.
    """

    def __init__(self, world: World, clock: Clock, folder: Path) -> None:
        self.world = world
        self.tenant = Tenant(world, clock)
        self.faults = Faults()
        self.paging = Paging()
        self.photos = Photos(self.tenant)
        self.sign_ins = SignIns(self.tenant)
        self.login = Login(world, self.sign_ins)
        self.post = Post(self.tenant)
        self.reports = Reports(self.tenant, self.paging)
        self.audits = Audits(self.tenant, self.paging)
        self.teams_apps = TeamsApps(self.tenant, self.paging)
        self.limiter = Limiter(clock, 5)
        self.passes_created: list[MadePass] = []
        self.ca_file = folder / "entra-ca.pem"
        self._journal = Journal()
        self.devices = Devices(self.tenant, self.audits, self._journal.changed)
        self._surface = Surface(
            [
                *Directory(self.tenant, self.paging, lambda: self.reports.premium).routes(),
                *self.photos.routes(),
                *Authentication(self.tenant, self.audits, self.passes_created.append).routes(),
                *self.audits.routes(),
                *self.reports.routes(),
                *self.post.routes(),
                *self.teams_apps.routes(),
            ],
            login=self.login,
            faults=self.faults,
            journal=self._journal,
            limiter=self.limiter,
            clock=clock,
        )
        self._runners: list[web.AppRunner] = []
        self._graph_site: web.TCPSite | None = None
        self._graph_port = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on two free ports, and write the CA's certificate to ``ca_file``."""
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(_HOST, "localhost").configure_cert(context)
        login = await self._runner(self.login.application())
        await web.TCPSite(login, _HOST, 0, ssl_context=context).start()
        self.login.url = f"https://{_HOST}:{_port(login)}"
        people = await self._runner(self.sign_ins.application())
        await web.TCPSite(people, _HOST, 0).start()
        self.sign_ins.url = f"http://{_HOST}:{_port(people)}"
        self._graph = await self._runner(self._surface.application())
        await self.accept_connections()
        self._surface.url = self.graph_url

    async def stop(self) -> None:
        """Stop listening and let everybody who waits go."""
        self.faults.clear()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()

    def limit_methods(self) -> None:
        """Count the methods of accounts among the reports: five requests in ten seconds for both."""
        self._surface.limits_methods = True

    async def refuse_connections(self) -> None:
        """Close Graph's port, as if the network were down."""
        if self._graph_site is not None:
            await self._graph_site.stop()
            self._graph_site = None

    async def accept_connections(self) -> None:
        """Open Graph's port, the same one as before."""
        if self._graph_site is None:
            self._graph_site = web.TCPSite(self._graph, _HOST, self._graph_port, reuse_address=True)
            await self._graph_site.start()
            self._graph_port = _port(self._graph)

    @property
    def graph_url(self) -> str:
        """What goes into ``entra.graph_url``."""
        return f"http://{_HOST}:{self._graph_port}{ROOT}"

    @property
    def authority_url(self) -> str:
        """What goes into ``entra.authority_url``."""
        return self.login.url

    @property
    def tenant_id(self) -> str:
        """What goes into ``entra.tenant_id``."""
        return self.world.tenant_id

    @property
    def client_id(self) -> str:
        """What goes into ``entra.client_id``."""
        return self.world.client_id

    @property
    def client_secret(self) -> str:
        """What goes into ``entra.client_secret``."""
        return self.login.secret

    @property
    def policy(self) -> PassPolicy:
        """The rules for passes, to be changed at will."""
        return self.tenant.policy

    @property
    def requests(self) -> list[Recorded]:
        """Every request to Graph, in the order of their ends."""
        return self._journal.requests

    def sent(self, method: str, ending: str) -> list[Recorded]:
        """The requests of this method whose path ends so."""
        return [r for r in self.requests if r.method == method and r.path.endswith(ending)]

    async def wait_for(self, condition: Callable[[], T], seconds: float = 5.0) -> T:
        """The first true value of the condition, asked after every request and every act of a user."""
        return await self._journal.wait_for(condition, seconds)

    async def _runner(self, app: web.Application) -> web.AppRunner:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._runners.append(runner)
        return runner


def _port(runner: web.AppRunner) -> int:
    port: int = runner.addresses[0][1]
    return port
