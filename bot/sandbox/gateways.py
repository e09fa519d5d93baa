"""The organisation's own services: text messages, a register of private addresses, and security's webhook."""

import hmac
import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Self, TypeVar

from aiohttp import web

from bot.sandbox.entra.journal import Journal
from bot.sandbox.world import Kind, Resident, World
from handlers.ports import Clock

T = TypeVar("T")

_HOST = "127.0.0.1"
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_LONGEST = 1530
"""Ten text messages joined into one."""
_OLD = timedelta(days=214)
_FRESH = 300
"""Seconds for which a signature holds."""
_MOVE = frozenset({"id", "number", "case", "state", "at"})


@dataclass(frozen=True)
class SentText:
    """One text message that went out."""

    to: str
    text: str = field(repr=False)
    at: datetime


class GatewayEmulator:
    """Every service on one port of loopback. They refuse what real ones refuse."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._clock = clock
        self.key = f"gateway-{secrets.token_hex(8)}"
        self.texts: list[SentText] = []
        self.contacts: dict[str, dict[str, object]] = {
            each.object_id: contact(each, clock.now())
            for each in world.residents
            if each.kind is not Kind.GUEST
        }
        """What the register has for each account; change it at will."""
        self.sms_status: int | None = None
        """A status that every text message gets."""
        self.contacts_status: int | None = None
        """A status that every look-up gets."""
        self.hook_key = f"hook-{secrets.token_hex(8)}"
        self.alarms: list[dict[str, object]] = []
        """What security's webhook has taken."""
        self.moves: list[dict[str, object]] = []
        """What the ticket system has taken."""
        self.tickets_status: int | None = None
        """A status that every move gets."""
        self.hook_status: int | None = None
        """A status that everything posted to it gets."""
        self.lookups: list[str] = []
        self._journal = Journal()
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen on a free port."""
        app = web.Application()
        app.router.add_post("/sms", self._sms)
        app.router.add_post("/contacts", self._contacts)
        app.router.add_post("/security", self._security)
        app.router.add_post("/tickets", self._tickets)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, 0).start()
        self.url = f"http://{_HOST}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def sms_url(self) -> str:
        """What goes into ``sms.url``."""
        return f"{self.url}/sms"

    @property
    def contacts_url(self) -> str:
        """What goes into ``verification.contact_source``, after ``url:``."""
        return f"{self.url}/contacts"

    @property
    def hook_url(self) -> str:
        """What goes into ``security.webhook``."""
        return f"{self.url}/security"

    @property
    def tickets_url(self) -> str:
        """What goes into ``support.webhook``."""
        return f"{self.url}/tickets"

    def to(self, number: str) -> list[SentText]:
        """The text messages to a number, in order."""
        return [sent for sent in self.texts if sent.to == number.replace(" ", "")]

    async def wait_for(self, condition: Callable[[], T], seconds: float = 5.0) -> T:
        """The first true value of the condition, asked after every request."""
        return await self._journal.wait_for(condition, seconds)

    async def _sms(self, request: web.Request) -> web.Response:
        status, told = await self._take(request)
        self._journal.changed()
        return web.json_response(told, status=status)

    async def _take(self, request: web.Request) -> tuple[int, dict[str, str]]:
        if self.sms_status is not None:
            return self.sms_status, {"error": "out of order"}
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return 401, {"error": "wrong key"}
        match await _body(request):
            case {"to": str(to), "text": str(text), **rest} if not rest:
                pass
            case _:
                return 400, {"error": "must be to and text"}
        if not _NUMBER.fullmatch(to) or not 0 < len(text) <= _LONGEST:
            return 422, {"error": "no such number, or too long"}
        self.texts.append(SentText(to, text, self._clock.now()))
        return 201, {"id": secrets.token_hex(6)}

    async def _contacts(self, request: web.Request) -> web.Response:
        match await _body(request):
            case {"account": str(account), **rest} if not rest:
                pass
            case _:
                return web.json_response({"error": "must be account"}, status=400)
        self.lookups.append(account)
        self._journal.changed()
        if self.contacts_status is not None:
            return web.json_response({"error": "out of order"}, status=self.contacts_status)
        return web.json_response(self.contacts.get(account, {"phone": None, "mail": None}))

    async def _refusal(self, request: web.Request, status: int | None) -> web.Response | None:
        """Takes what is signed with its key within the last five minutes, and nothing else."""
        if status is not None:
            return web.Response(status=status)
        sent_at, body = request.headers.get("X-Tofaktor-Timestamp", ""), await request.read()
        signed = hmac.digest(self.hook_key.encode(), sent_at.encode() + b"." + body, "sha256").hex()
        if not hmac.compare_digest(request.headers.get("X-Tofaktor-Signature", ""), f"sha256={signed}"):
            return web.Response(status=401)
        if not sent_at.isdecimal() or abs(self._clock.now().timestamp() - int(sent_at)) > _FRESH:
            return web.Response(status=401)
        return None

    async def _tickets(self, request: web.Request) -> web.Response:
        """A ticket system: moves of cases, and nothing else."""
        if (refusal := await self._refusal(request, self.tickets_status)) is not None:
            return refusal
        found = await _body(request)
        if not isinstance(found, dict) or found.get("kind") != "case" or not found.keys() >= _MOVE:
            return web.Response(status=400)
        self.moves.append(found)
        self._journal.changed()
        return web.Response(status=204)

    async def _security(self, request: web.Request) -> web.Response:
        if (refusal := await self._refusal(request, self.hook_status)) is not None:
            return refusal
        match await _body(request):
            case {"id": str(key), "kind": str(kind), "at": str(at), "facts": dict(facts), **rest}:
                self.alarms.append(
                    {"id": key, "kind": kind, "at": at, "facts": facts}
                    | {str(name): each for name, each in rest.items()}
                )
            case _:
                return web.Response(status=400)
        self._journal.changed()
        return web.Response(status=204)


def contact(resident: Resident, now: datetime) -> dict[str, object]:
    """What the register has for somebody: a number and a mailbox that have stood there for long."""
    since = (now - _OLD).date().isoformat()
    return {
        "phone": {"value": number_of(resident), "changed": since},
        "mail": {"value": private_mail_of(resident), "changed": since},
    }


def number_of(resident: Resident) -> str:
    """A number that nobody has."""
    return f"+47 999 {int(sha256(resident.upn.encode()).hexdigest()[:8], 16) % 100_000:05}"


def private_mail_of(resident: Resident) -> str:
    """A mailbox outside the university."""
    return f"{resident.upn.partition('@')[0]}@privat.example"


async def _body(request: web.Request) -> object:
    if request.content_type != "application/json":
        return None
    try:
        found: object = json.loads(await request.text())
    except ValueError:
        return None
    return found
