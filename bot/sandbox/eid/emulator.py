"""An OpenID provider on loopback."""

from collections.abc import Awaitable, Callable
from typing import Final, Self, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.eid.clients import Clients
from bot.sandbox.eid.exchange import Exchange
from bot.sandbox.eid.faults import Fault
from bot.sandbox.eid.front import Front
from bot.sandbox.eid.journal import Call, Journal
from bot.sandbox.eid.keys import Key
from bot.sandbox.eid.published import Published
from bot.sandbox.eid.records import Registration
from bot.sandbox.eid.state import State
from bot.sandbox.eid.tokens import Signing
from bot.sandbox.world import World
from handlers.ports import Clock

T = TypeVar("T")
Ending = Callable[[], Awaitable[None]]

_HOST: Final = "127.0.0.1"
_UNSEEN: Final = frozenset({"/login"})


class EidEmulator:
    """Plain HTTP on a free port. Everything in it times out by the clock that is given."""

    def __init__(
        self, world: World, clock: Clock, *, key: Key | None = None, endpoints_on: str = _HOST
    ) -> None:
        self.journal = Journal()
        self._state = State(clock)
        self._signing = Signing(key) if key else Signing()
        self._clients = Clients(clock, self.journal)
        self._published = Published(self._state, self._signing)
        self._exchange = Exchange(self._state, self._clients, self._signing)
        self._front = Front(world, self._state, self._clients, self._signing)
        self._endpoints_on = endpoints_on
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; the issuer is known from then on."""
        app = web.Application(middlewares=[self._recorded], client_max_size=64 * 1024)
        for part in (self._published, self._exchange, self._front):
            app.router.add_routes(part.routes())
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, 0).start()
        port = self._runner.addresses[0][1]
        issuer = f"http://{_HOST}:{port}"
        self._published.issuer = self._exchange.issuer = self._front.issuer = self._clients.issuer = issuer
        self._published.endpoints = f"http://{self._endpoints_on}:{port}"

    async def stop(self) -> None:
        """Stop listening; who waits is let go."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def register(self, client: Registration) -> None:
        """Let a client in, or change what is known of it."""
        self._clients.registered[client.client_id] = client

    @property
    def issuer(self) -> str:
        """What goes into ``issuer`` of an entry in ``eid.providers``."""
        return self._published.issuer

    @property
    def faults(self) -> set[Fault]:
        """What is wrong now: to be added to and taken from."""
        return self._state.faults

    @property
    def takes_pushed(self) -> bool:
        """Whether the metadata offers pushed requests."""
        return self._published.takes_pushed

    @takes_pushed.setter
    def takes_pushed(self, takes: bool) -> None:
        self._published.takes_pushed = takes

    @property
    def delay(self) -> float:
        """Seconds that ``Fault.SLOW`` takes."""
        return self._exchange.delay

    @delay.setter
    def delay(self, seconds: float) -> None:
        self._exchange.delay = seconds

    @property
    def calls(self) -> list[Call]:
        """Every request but those of the login page, in the order of their ends."""
        return self.journal.calls

    async def wait_for(self, condition: Callable[[], T], seconds: float = 5.0) -> T:
        """The first true value of the condition, asked after every call."""
        return await self.journal.wait_for(condition, seconds)

    @web.middleware
    async def _recorded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Every call is written down, and none that names this machine another way is let in."""
        if request.host.rsplit(":", 1)[0] not in (_HOST, "localhost"):
            raise web.HTTPForbidden
        status: int | None = None
        try:
            response = await handler(request)
            status = response.status
            return response
        except web.HTTPException as ended:
            status = ended.status
            raise
        finally:
            if request.path not in _UNSEEN:
                form = await request.post() if request.method == "POST" else {}
                sent = {name: str(value) for name, value in (*request.query.items(), *form.items())}
                self.journal.add(Call(request.method, request.path, sent, bool(request.cookies), status))
