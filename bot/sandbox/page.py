"""The sandbox's page: be anybody of the university, with the channels beside it. Loopback only."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.entra.devices import SignInRefused
from bot.sandbox.gateways import number_of, private_mail_of
from bot.sandbox.slack.records import Json, Message, View
from bot.sandbox.slack.workspace import Impossible
from bot.sandbox.stage import Stage, StageFailed
from bot.sandbox.world import Resident
from graph.methods import Kind

_STATIC: Final = Path(__file__).parent / "static"
_HOST: Final = "127.0.0.1"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'"
)
_HEARTBEAT: Final = 10.0
"""Seconds between two looks when nothing happens: Graph and the clock change without a word."""
_TYPES: Final = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


class Page:
    """Serves the page and carries out what is done on it, by the emulators' own people."""

    def __init__(self, playing: Stage) -> None:
        self._stage = playing
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> str:
        """Listen on a port of loopback (0: a free one); the page's address. ``StageFailed`` when it is taken."""
        app = web.Application(middlewares=[self._guard], client_max_size=64 * 1024)
        app.router.add_get("/", self._file)
        app.router.add_get("/{name:page\\.(?:js|css)}", self._file)
        app.router.add_get("/people", self._people)
        app.router.add_get("/state/{person}", self._state)
        app.router.add_get("/changes", self._changes)
        for name in ("say", "home", "press", "act", "submit", "close", "clock", "pass", "register", "phone"):
            app.router.add_post(f"/{name}", getattr(self, f"_{name}"))
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, _HOST, port).start()
        except OSError:
            await self.stop()
            raise StageFailed(f"Port {port} is taken: choose another one with --port.") from None
        return f"http://{_HOST}:{self._runner.addresses[0][1]}/"

    async def stop(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """No other site may act here (its requests carry its origin), and none may name this machine another way."""
        host = request.host.rsplit(":", 1)[0]
        origin = request.headers.get("Origin")
        if host not in (_HOST, "localhost") or (origin and origin != f"http://{request.host}"):
            raise web.HTTPForbidden
        try:
            response = await handler(request)
        except (Impossible, SignInRefused, LookupError) as refused:
            return web.json_response({"problem": str(refused)}, status=409)
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    async def _file(self, request: web.Request) -> web.Response:
        file = _STATIC / request.match_info.get("name", "page.html")
        return web.Response(body=file.read_bytes(), content_type=_TYPES[file.suffix], charset="utf-8")

    async def _people(self, _: web.Request) -> web.Response:
        people = [
            {
                "id": each.slack_id,
                "name": each.name,
                "kind": str(each.kind),
                "language": str(each.language),
                "groups": [name for name in each.groups if name.startswith(("Support", "Service"))],
                "upn": each.upn,
            }
            for each in self._stage.world.residents
            if each.slack_id and each.enabled
        ]
        return web.json_response({"people": people, "case": f"{self._stage.bot_url}/case"})

    async def _state(self, request: web.Request) -> web.Response:
        who = self._resident(request.match_info["person"])
        slack, person = self._stage.slack, who.slack_id or ""
        account = self._stage.entra.tenant.account(who)
        view, home = slack.view(person), slack.home(person)
        state = {
            "now": self._stage.clock.now().isoformat(),
            "chat": [self._message(each) for each in slack.dm(person)],
            "help": self._channel(self._stage.help_channel, person),
            "support": self._channel(slack.support_channel, person),
            "home": _view(home) if home else None,
            "view": _view(view) if view else None,
            "methods": [
                {"id": method.id, "kind": str(method.kind), "name": method.name or ""}
                for method in account.methods
                if method.kind is not Kind.PASSWORD
            ],
            "post": self._post(who),
        }
        return web.json_response(state)

    async def _changes(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events: one for each change in the workspace, and a heartbeat."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        await response.prepare(request)
        try:
            while True:
                await response.write(b"data: changed\n\n")
                await self._stage.slack.next_change(_HEARTBEAT)
        except ConnectionResetError:
            return response

    async def _say(self, request: web.Request) -> web.Response:
        """Write to the bot, in a channel or in a thread of it; or use the command, wherever it is written."""
        sent = await _sent(request)
        slack, channel = self._stage.slack, sent.get("channel")
        text = sent["text"].replace("@tofaktor", f"<@{slack.installation.bot_user_id}>")
        command, _, rest = text.partition(" ")
        if command == "/2fa":
            await slack.slash(sent["person"], command, rest.strip(), channel=channel)
        else:
            await slack.say(sent["person"], text, channel=channel, thread_ts=sent.get("thread"))
        return web.json_response({})

    async def _home(self, request: web.Request) -> web.Response:
        """Look at the Home tab."""
        sent = await _sent(request)
        await self._stage.slack.open_home(sent["person"])
        return web.json_response({})

    async def _press(self, request: web.Request) -> web.Response:
        sent = await _sent(request)
        await self._stage.slack.press(sent["person"], sent["channel"], sent["ts"], sent["action"])
        return web.json_response({})

    async def _act(self, request: web.Request) -> web.Response:
        """Press a button of the Home tab, or of a modal."""
        sent = await _sent(request)
        await self._stage.slack.press_in_view(sent["person"], sent["view"], sent["action"])
        return web.json_response({})

    async def _submit(self, request: web.Request) -> web.Response:
        sent = await _sent(request)
        values = json.loads(sent["values"])
        await self._stage.slack.submit(sent["person"], sent["view"], values)
        return web.json_response({})

    async def _close(self, request: web.Request) -> web.Response:
        sent = await _sent(request)
        await self._stage.slack.close(sent["view"])
        return web.json_response({})

    async def _clock(self, request: web.Request) -> web.Response:
        sent = await _sent(request)
        self._stage.clock.move(timedelta(hours=float(sent["hours"])))
        return web.json_response({"now": self._stage.clock.now().isoformat()})

    async def _pass(self, request: web.Request) -> web.Response:
        """The Microsoft sign-in with a pass, and the new phone registered right after it."""
        sent = await _sent(request)
        who = self._resident(sent["person"])
        session = self._stage.entra.devices.sign_in_with_pass(who, sent["code"].strip())
        self._stage.entra.devices.register_authenticator(session, "New phone")
        return web.json_response({})

    async def _register(self, request: web.Request) -> web.Response:
        """Register the app on a phone at the page of one's own security details, signed in as usual."""
        who = self._resident((await _sent(request))["person"])
        self._stage.entra.devices.register_authenticator(who, "My phone")
        return web.json_response({})

    async def _phone(self, request: web.Request) -> web.Response:
        """Remove a method on the page of one's own security details."""
        sent = await _sent(request)
        self._stage.entra.devices.remove_method(self._resident(sent["person"]), sent["method"])
        return web.json_response({})

    def _post(self, who: Resident) -> list[Json]:
        """What came to somebody's own phone and private mailbox."""
        gateway, mails = self._stage.gateway, self._stage.entra.post
        texts = [(sent.at, "Text message", sent.text) for sent in gateway.to(number_of(who))]
        letters = [
            (sent.at, sent.subject, sent.text) for sent in mails.sent if sent.to == private_mail_of(who)
        ]
        return [{"title": title, "text": text} for _, title, text in sorted([*texts, *letters])]

    def _resident(self, slack_id: str) -> Resident:
        return self._stage.world.by_slack_id(slack_id)

    def _channel(self, channel: str, person: str) -> Json:
        """A channel as this person sees it; the others' whispers left out."""
        slack = self._stage.slack
        own = (message for message in slack.ephemeral(person) if message.channel == channel)
        shown = sorted((*slack.messages(channel), *own), key=lambda message: message.ts)
        place = slack.channel(channel)
        return {
            "id": channel,
            "name": place.name,
            "member": person in place.members,
            "messages": [self._message(each) for each in shown],
        }

    def _message(self, message: Message) -> Json:
        in_thread = message.thread_ts is not None and message.thread_ts != message.ts
        return {
            "channel": message.channel,
            "ts": message.ts,
            "thread": message.thread_ts if in_thread else None,
            "from": "tofaktor" if message.by_bot else self._resident(message.user).name,
            "bot": message.by_bot,
            "private": message.ephemeral_to is not None,
            "text": message.text,
            "blocks": list(message.blocks),
            "at": message.at.isoformat(),
        }


async def _sent(request: web.Request) -> Mapping[str, str]:
    try:
        found = await request.json()
    except json.JSONDecodeError:
        raise web.HTTPBadRequest from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise web.HTTPBadRequest
    return _Asked(found)


class _Asked(dict[str, str]):
    """What a request must hold: a missing field is the caller's mistake."""

    def __missing__(self, key: str) -> str:
        raise web.HTTPBadRequest(reason=f"{key} is missing")


def _view(view: View) -> Json:
    return {
        "id": view.id,
        "title": view.title,
        "submit": view.submit,
        "close": view.close,
        "blocks": list(view.blocks),
        "form": view.callback_id,
    }
